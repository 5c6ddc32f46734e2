-- Money in and money back. Every call that could move money has an intent row with its key before the call (TRU-130); a payment is
-- written only by settle(), a refund only by its own machine.
create table app.setups (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  renter_id uuid not null,
  connection_id uuid not null,
  state text not null,
  stripe_checkout_session_id text check (stripe_checkout_session_id ~ '^cs_(test|live)_'),
  stripe_setup_intent_id text check (stripe_setup_intent_id ~ '^seti_'),
  failure text,
  polls integer not null default 0,
  expires_at timestamptz,
  return_to text not null default '',
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint setups_state_known check (state in ('created', 'requires_action', 'processing', 'succeeded', 'failed', 'canceled')),
  constraint setups_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id),
  constraint setups_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.setups', 'write');

create table app.payments (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  renter_id uuid not null,
  invoice_id uuid,
  connection_id uuid,
  saved_method_id uuid,
  method text not null check (method in ('card', 'bank_debit', 'cash', 'cheque', 'bank_transfer', 'other')),
  method_label text not null default '',
  state text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  attempt integer not null default 0,
  is_off_session boolean not null default true,
  next_action_url text,
  stripe_payment_intent_id text check (stripe_payment_intent_id ~ '^pi_[A-Za-z0-9_]+$'),
  stripe_charge_id text check (stripe_charge_id ~ '^(ch|py)_'),
  stripe_request_id text,
  failure_code text,
  decline_code text,
  advice_code text,
  reference text not null default '' check (length(reference) <= 80),
  received_on date,
  request_key text,
  balance_transaction_id text check (balance_transaction_id ~ '^txn_'),
  fee_minor bigint,
  polls integer not null default 0,
  requested_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  settled_at timestamptz,
  version integer not null default 1,
  primary key (operator_id, mode, id),
  constraint payments_state_known check (state in ('created', 'requires_action', 'processing', 'authorized', 'succeeded', 'failed', 'canceled', 'unknown')),
  constraint payments_request_once unique (operator_id, mode, request_key),
  constraint payments_intent_once unique (operator_id, mode, connection_id, stripe_payment_intent_id),
  constraint payments_invoice foreign key (operator_id, mode, invoice_id) references app.invoices (operator_id, mode, id),
  constraint payments_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id),
  constraint payments_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id),
  constraint payments_method foreign key (operator_id, mode, saved_method_id) references app.saved_methods (operator_id, mode, id)
);
-- One open attempt per invoice, whoever asks and from however many tabs (STR-123).
create unique index payments_one_open_per_invoice on app.payments (operator_id, mode, invoice_id)
  where invoice_id is not null and connection_id is not null and state in ('created', 'requires_action', 'processing', 'authorized', 'unknown');
create index payments_of_invoice on app.payments (operator_id, mode, invoice_id);
select app.guard('app.payments', 'write');

create table app.payment_attempts (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  payment_id uuid not null,
  attempt integer not null,
  method_label text not null default '',
  outcome text not null,
  request_key text,
  failure_code text,
  decline_code text,
  advice_code text,
  at timestamptz not null,
  primary key (operator_id, mode, payment_id, attempt),
  constraint payment_attempts_request_once unique (operator_id, mode, request_key),
  constraint payment_attempts_payment foreign key (operator_id, mode, payment_id) references app.payments (operator_id, mode, id)
);
select app.guard('app.payment_attempts', 'write');

create table app.money_calls (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  purpose text not null check (purpose in ('payment.create', 'payment.confirm', 'payment.cancel', 'refund.create')),
  object_id uuid not null,
  amount_minor bigint,
  currency text,
  request_hash text not null,
  idempotency_key text not null check (length(idempotency_key) <= 255),
  state text not null,
  provider_id text,
  stripe_request_id text,
  failure text,
  created_at timestamptz not null,
  sent_at timestamptz,
  finished_at timestamptz,
  primary key (operator_id, mode, id),
  constraint money_calls_key_once unique (operator_id, mode, idempotency_key),
  constraint money_calls_state_known check (state in ('created', 'sent', 'succeeded', 'failed', 'unknown')),
  constraint money_calls_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.money_calls', 'write');

create table app.allocations (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  payment_id uuid not null,
  invoice_id uuid not null,
  amount_minor bigint not null check (amount_minor <> 0),
  deposit_minor bigint not null default 0,
  reverses_id uuid,
  created_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint allocations_payment foreign key (operator_id, mode, payment_id) references app.payments (operator_id, mode, id),
  constraint allocations_invoice foreign key (operator_id, mode, invoice_id) references app.invoices (operator_id, mode, id),
  constraint allocations_reverses foreign key (operator_id, mode, reverses_id) references app.allocations (operator_id, mode, id)
);
create index allocations_of_invoice on app.allocations (operator_id, mode, invoice_id);
create index allocations_of_payment on app.allocations (operator_id, mode, payment_id);
create unique index allocations_reversed_once on app.allocations (operator_id, mode, reverses_id) where reverses_id is not null;
select app.guard('app.allocations', 'append');

create table app.refunds (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  payment_id uuid not null,
  -- Where the money comes from (MON-11): what was paid too much, a credit note, the deposit; or not yet explained (P21s).
  unapplied_minor bigint not null default 0 check (unapplied_minor >= 0),
  credit_note_id uuid,
  credit_minor bigint not null default 0 check (credit_minor >= 0),
  deposit_id uuid,
  deposit_minor bigint not null default 0 check (deposit_minor >= 0),
  suspense_minor bigint not null default 0 check (suspense_minor >= 0),
  state text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  reason text not null,
  attempt integer not null default 0,
  stripe_refund_id text check (stripe_refund_id ~ '^(re|pyr)_'),
  failure_reason text,
  pending_reason text,
  expected_on date,
  balance_transaction_id text check (balance_transaction_id ~ '^txn_'),
  request_key text,
  polls integer not null default 0,
  requested_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  primary key (operator_id, mode, id),
  constraint refunds_state_known check (state in ('requested', 'waiting_funds', 'submitting', 'unknown', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  constraint refunds_request_once unique (operator_id, mode, request_key),
  constraint refunds_stripe_once unique (operator_id, mode, stripe_refund_id),
  constraint refunds_payment foreign key (operator_id, mode, payment_id) references app.payments (operator_id, mode, id),
  constraint refunds_sources_add_up check (amount_minor = unapplied_minor + credit_minor + deposit_minor + suspense_minor),
  constraint refunds_sources_named check ((credit_minor = 0 or credit_note_id is not null) and (deposit_minor = 0 or deposit_id is not null)),
  constraint refunds_deposit foreign key (operator_id, mode, deposit_id) references app.deposits (operator_id, mode, id),
  constraint refunds_credit_note foreign key (operator_id, mode, credit_note_id) references app.credit_notes (operator_id, mode, id)
);
create index refunds_of_payment on app.refunds (operator_id, mode, payment_id);
select app.guard('app.refunds', 'write');

-- Links that work without signing in (TRU-100): 32 random bytes, stored as a hash, bound to one object. The routing table finds the
-- operator from the same hash.
create table app.links (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  purpose text not null check (purpose in ('pay')),
  object_id uuid not null,
  token_hash text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (operator_id, mode, id)
);
select app.guard('app.links', 'write');
