-- Payouts as Stripe tells them (STR-107, STR-152): what is shown here, what failed, and what was done about it. The amount is negative where
-- Stripe debits the bank; a status of Stripe's that is not known here keeps its word beside the state `other`.
create table app.payouts (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  stripe_payout_id text not null,
  state text not null,
  status_word text not null,
  amount_minor bigint not null,
  currency text not null,
  is_automatic boolean not null,
  method text not null default '',
  statement_descriptor text not null default '',
  arrival_on date not null,
  bank_id text not null default '',
  bank_name text not null default '',
  bank_country text not null default '',
  bank_last4 text not null default '',
  trace_id text not null default '',
  failure_code text not null default '',
  failure_message text not null default '',
  created_at timestamptz not null,
  in_transit_at timestamptz,
  paid_at timestamptz,
  failed_at timestamptz,
  canceled_at timestamptz,
  -- Of a failed one: since when it is no trouble any more, and why; when it is looked after next; how often it was sent again.
  cleared_at timestamptz,
  cleared_by text,
  check_at timestamptz,
  retries smallint not null default 0,
  retry_problem text not null default '',
  -- The failed payout whose money this one carries again.
  retry_of uuid,
  seen_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint payouts_state_known check (state in ('pending', 'in_transit', 'paid', 'failed', 'canceled', 'other')),
  constraint payouts_stripe_id_form check (stripe_payout_id ~ '^po_[A-Za-z0-9_]+$'),
  constraint payouts_once unique (operator_id, mode, connection_id, stripe_payout_id),
  constraint payouts_cleared_known check (cleared_by in ('later_payout', 'bank_replaced', 'long_ago')),
  constraint payouts_retries_few check (retries between 0 and 3),
  constraint payouts_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id),
  constraint payouts_retry foreign key (operator_id, mode, retry_of) references app.payouts (operator_id, mode, id)
);
create index payouts_by_arrival on app.payouts (operator_id, mode, arrival_on desc, id desc);
create index payouts_troubled on app.payouts (operator_id, mode, failed_at) where state = 'failed' and cleared_at is null;
select app.guard('app.payouts', 'write');

-- When each connection's payouts were last read from Stripe and when they are next (STR-71), and the schedule Stripe had then.
create table app.payout_looks (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  connection_id uuid not null,
  looked_at timestamptz not null,
  next_at timestamptz not null,
  schedule_interval text not null default '',
  problem text not null default '',
  primary key (operator_id, mode, connection_id),
  constraint payout_looks_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.payout_looks', 'write');

-- Sending a failed payout again is a call that moves money, so its intent stands where those of all others do (TRU-130).
alter table app.money_calls
  drop constraint money_calls_purpose_check,
  add constraint money_calls_purpose_check
    check (purpose in ('payment.create', 'payment.confirm', 'payment.cancel', 'refund.create', 'payout.create'));
create index money_calls_payouts_unfinished on app.money_calls (operator_id, mode, object_id)
  where purpose = 'payout.create' and state in ('created', 'sent', 'unknown');
