-- How an operator is joined to Stripe (stripe.md §2). Secrets are sealed values; nothing readable stands here.
create table app.connections (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  kind text not null check (kind in ('own_keys', 'connect')),
  state text not null,
  is_charging boolean not null default false,
  stripe_account_id text check (stripe_account_id ~ '^acct_[A-Za-z0-9]+$'),
  sends_account_header boolean not null default false,
  account_name text not null default '',
  account_country text not null default '',
  account_currency text not null default '',
  charges_enabled boolean not null default false,
  payouts_enabled boolean not null default false,
  disabled_reason text,
  publishable_key text not null default '',
  publishable_key_proven boolean not null default false,
  secret_key_sealed text,
  secret_key_kind text check (secret_key_kind in ('secret', 'restricted')),
  secret_key_last4 text not null default '',
  secret_key_fingerprint text not null default '',
  secret_key_changed_at timestamptz,
  probe_sealed text,
  endpoint_token text not null,
  stripe_endpoint_id text check (stripe_endpoint_id ~ '^we_'),
  endpoint_created_by_us boolean not null default false,
  endpoint_check jsonb,
  webhook_first_verified_at timestamptz,
  webhook_last_verified_at timestamptz,
  webhook_last_refused_at timestamptz,
  writes_frozen_reason text,
  last_tested_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint connections_state_known check (state in ('unverified', 'connected', 'broken', 'disconnecting', 'disconnected'))
);
create unique index connections_one_per_kind on app.connections (operator_id, mode, kind) where state <> 'disconnected';
create unique index connections_one_charging on app.connections (operator_id, mode) where is_charging;
select app.guard('app.connections', 'write');

create table app.endpoint_secrets (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  sealed text,
  fingerprint text not null,
  last4 text not null,
  source text not null check (source in ('created', 'pasted', 'environment')),
  not_before timestamptz not null,
  not_after timestamptz,
  created_by text not null,
  last_matched_at timestamptz,
  primary key (operator_id, mode, id),
  constraint endpoint_secrets_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.endpoint_secrets', 'write');
