-- Known troubles (STR-105 to STR-112): one row from the instant a cause was seen until it was gone. A cause that comes back is another row.
create table app.troubles (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  code text not null,
  cause text not null,
  finding jsonb not null,
  opened_at timestamptz not null,
  told_at timestamptz,
  closed_at timestamptz,
  primary key (operator_id, mode, id)
);
create unique index troubles_one_open on app.troubles (operator_id, mode, code) where closed_at is null;
select app.guard('app.troubles', 'write');

-- What Stripe answered when the checks were last run: what is known only by asking. It holds no secret.
create table app.diagnosis_asks (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  connection_id uuid not null,
  asked_at timestamptz not null,
  passed_at timestamptz,
  answer jsonb not null,
  primary key (operator_id, mode, connection_id),
  constraint diagnosis_asks_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.diagnosis_asks', 'write');

-- Few payments and refunds are ever in these states, and they are looked for all the time.
create index payments_unfinished on app.payments (operator_id, mode, id)
  where connection_id is not null and state in ('created', 'requires_action', 'processing', 'authorized', 'unknown');
create index refunds_unknown on app.refunds (operator_id, mode, updated_at) where state = 'unknown';
create index mails_not_sent on app.mail_outbox (operator_id, mode, created_at) where state <> 'sent';
