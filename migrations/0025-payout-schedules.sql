-- What an operator asked Stripe to change about its payouts, written before it was asked (MON-24, TRU-130). What holds stands at Stripe alone.
create table app.payout_schedule_changes (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  number integer not null,
  wish jsonb not null,
  state text not null check (state in ('created', 'sent', 'succeeded', 'failed', 'unknown')),
  failure text not null default '',
  requested_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (operator_id, mode, id),
  constraint payout_schedule_changes_number_once unique (operator_id, mode, connection_id, number),
  constraint payout_schedule_changes_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.payout_schedule_changes', 'write');
