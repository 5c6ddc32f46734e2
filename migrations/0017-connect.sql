-- Accounts made under the installation's own (stripe.md §4). The connection says that one is joined, these say how it stands.
create table app.connect_accounts (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  connection_id uuid not null,
  -- What it was made with; the same for every try, because Stripe answers a repeated key with the first account.
  country text not null check (country ~ '^[A-Z]{2}$'),
  business_type text check (business_type in ('company', 'individual', 'non_profit')),
  email text not null,
  website text not null,
  -- The account as last fetched, and what was judged of it. A cache: fetched_at is when the asking began.
  seen jsonb,
  status_detail text not null,
  fetched_at timestamptz,
  -- Stripe said that something changed since.
  dirty_at timestamptz,
  asked_at timestamptz,
  returned_at timestamptz,
  -- Which classes of details Stripe asks for, as a word, and since when; mails are told apart by both (STR-37).
  demand_set text not null default '',
  demanded_since timestamptz,
  created_at timestamptz not null,
  primary key (operator_id, mode, connection_id),
  constraint connect_accounts_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id),
  constraint connect_accounts_status_known check (status_detail in ('not_connected', 'disconnected', 'rejected', 'pending', 'under_review', 'restricted', 'active_payouts_blocked', 'active_action_required', 'active'))
);
select app.guard('app.connect_accounts', 'write');

-- That a link to Stripe's form was made, and never the link (STR-31): counts the bounces (STR-33) and the mints of an hour (STR-32).
create table app.connect_mints (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  way text not null check (way in ('click', 'refresh', 'resume')),
  made_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint connect_mints_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.connect_mints', 'append');

-- Our own link back into onboarding (STR-32). Only the hash is here.
create table app.resume_links (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  token_hash text not null,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (operator_id, mode, id),
  constraint resume_links_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.resume_links', 'write');

-- The installation's two webhook endpoints of each mode (STR-41); no operator's rows. Their secrets stand among the installation's.
create table app.installation_endpoints (
  id uuid primary key,
  mode text not null check (mode in ('test', 'live')),
  kind text not null check (kind in ('platform', 'connect')),
  url text not null,
  stripe_endpoint_id text check (stripe_endpoint_id ~ '^we_'),
  fingerprint text not null default '',
  last4 text not null default '',
  not_after timestamptz,
  created_at timestamptz not null
);
create unique index installation_endpoints_one_present on app.installation_endpoints (mode, kind) where not_after is null;
grant select, insert, update on app.installation_endpoints to rentroll_app;
