-- Deliveries from Stripe, kept before they are answered (STR-62). Platform tables: the operator may still be unknown.
create table app.inbox_events (
  source_account text not null,
  mode text not null check (mode in ('test', 'live')),
  event_id text not null check (event_id ~ '^evt_'),
  id uuid not null,
  operator_id uuid,
  connection_id uuid,
  type text not null,
  object_kind text not null default '',
  object_id text not null default '',
  api_version text not null default '',
  via text not null check (via in ('delivery', 'poll', 'replay')),
  state text not null,
  reason text not null default '',
  attempts integer not null default 0,
  deliveries integer not null default 1,
  next_attempt_at timestamptz not null,
  claimed_until timestamptz,
  received_at timestamptz not null,
  finished_at timestamptz,
  primary key (source_account, mode, event_id),
  constraint inbox_events_id unique (id),
  constraint inbox_events_state_known check (state in ('received', 'processing', 'done', 'retry', 'parked', 'dead', 'ignored_unhandled', 'ignored_foreign', 'ignored_mode', 'quarantined'))
);
create index inbox_events_waiting on app.inbox_events (next_attempt_at) where state in ('received', 'retry', 'parked', 'processing');
create index inbox_events_of_operator on app.inbox_events (operator_id, mode, received_at desc);
grant select, insert, update on app.inbox_events to rentroll_app;

create table app.inbox_payloads (
  source_account text not null,
  mode text not null,
  event_id text not null,
  body bytea not null,
  received_at timestamptz not null,
  primary key (source_account, mode, event_id)
);
grant select, insert on app.inbox_payloads to rentroll_app;
