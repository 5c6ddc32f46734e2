-- Double entry (money.md §1): entries and lines are append-only by grants; balances are a cache that an invariant compares.
create table app.ledger_entries (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  rule text not null,
  cause_kind text not null,
  cause_id text not null,
  cause_step text not null,
  effective_on date not null,
  posted_at timestamptz not null,
  reverses_entry_id uuid,
  actor text not null,
  memo text not null default '',
  primary key (operator_id, mode, id),
  constraint ledger_entries_once unique (operator_id, mode, cause_kind, cause_id, cause_step),
  constraint ledger_entries_reverses foreign key (operator_id, mode, reverses_entry_id) references app.ledger_entries (operator_id, mode, id)
);
create unique index ledger_entries_reversed_once on app.ledger_entries (operator_id, mode, reverses_entry_id) where reverses_entry_id is not null;
select app.guard('app.ledger_entries', 'append');

create table app.ledger_lines (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  entry_id uuid not null,
  line_no integer not null,
  account text not null,
  currency text not null,
  amount_minor bigint not null,
  subject_kind text not null,
  subject_id text not null,
  tags jsonb not null default '{}',
  renter_id uuid,
  lease_id uuid,
  bt_id text check (bt_id ~ '^txn_'),
  primary key (operator_id, mode, entry_id, line_no),
  constraint ledger_lines_entry foreign key (operator_id, mode, entry_id) references app.ledger_entries (operator_id, mode, id),
  constraint ledger_lines_not_zero check (amount_minor <> 0)
);
create index ledger_lines_subject on app.ledger_lines (operator_id, mode, account, subject_id);
select app.guard('app.ledger_lines', 'append');

create table app.ledger_balances (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  currency text not null,
  account text not null,
  subject_kind text not null,
  subject_id text not null,
  balance_minor bigint not null,
  primary key (operator_id, mode, currency, account, subject_kind, subject_id)
);
select app.guard('app.ledger_balances', 'write');

create view invariants.i01_entry_balanced with (security_invoker = true) as
  select operator_id, mode, entry_id::text as subject, '0' as expected, sum(amount_minor)::text as actual, currency as detail
  from app.ledger_lines group by operator_id, mode, entry_id, currency having sum(amount_minor) <> 0;

create view invariants.i02_book_balanced with (security_invoker = true) as
  select operator_id, mode, currency as subject, '0' as expected, sum(amount_minor)::text as actual, '' as detail
  from app.ledger_lines group by operator_id, mode, currency having sum(amount_minor) <> 0;

create view invariants.i03_balances_cache with (security_invoker = true) as
  select operator_id, mode, account || ' ' || subject_id as subject, coalesce(lines.total, 0)::text as expected,
    coalesce(cached.balance_minor, 0)::text as actual, currency as detail
  from (select operator_id, mode, currency, account, subject_kind, subject_id, sum(amount_minor) as total
        from app.ledger_lines group by operator_id, mode, currency, account, subject_kind, subject_id) lines
  full join app.ledger_balances cached using (operator_id, mode, currency, account, subject_kind, subject_id)
  where coalesce(lines.total, 0) <> coalesce(cached.balance_minor, 0);

create view invariants.i08_no_negative_liability with (security_invoker = true) as
  select operator_id, mode, account || ' ' || subject_id as subject, '<= 0' as expected, balance_minor::text as actual, currency as detail
  from app.ledger_balances
  where account in ('deposits_charged', 'deposits_held', 'unapplied_payments', 'unapplied_credit_notes') and balance_minor > 0;

grant select on all tables in schema invariants to rentroll_app;
