-- People who rent, their saved methods, and leases of spaces. Commercial rows carry the mode, so a test renter never meets a live
-- invoice (ARC-31).
create table app.number_series (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  series text not null,
  bucket text not null default '',
  next_seq bigint not null check (next_seq >= 1),
  primary key (operator_id, mode, series, bucket)
);
select app.guard('app.number_series', 'write');

create table app.renters (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  number text not null,
  kind text not null check (kind in ('person', 'company')),
  name text not null check (length(name) between 1 and 200),
  business_name text not null default '',
  email text not null default '',
  phone text not null default '',
  billing_address text not null default '',
  tax_number text not null default '',
  manual_payments_allowed boolean not null default false,
  autopay boolean not null default true,
  suspended_reason text,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint renters_number_unique unique (operator_id, mode, number),
  constraint renters_company_named check (kind = 'person' or business_name <> '')
);
select app.guard('app.renters', 'write');

-- The renter's Customer inside one connection's account; ids of another account are never usable here (STR-2).
create table app.renter_customers (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  renter_id uuid not null,
  connection_id uuid not null,
  stripe_customer_id text not null check (stripe_customer_id ~ '^cus_'),
  created_at timestamptz not null,
  primary key (operator_id, mode, renter_id, connection_id),
  constraint renter_customers_stripe unique (operator_id, mode, connection_id, stripe_customer_id),
  constraint renter_customers_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id),
  constraint renter_customers_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.renter_customers', 'append');

create table app.saved_methods (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  renter_id uuid not null,
  connection_id uuid not null,
  stripe_payment_method_id text not null check (stripe_payment_method_id ~ '^pm_[A-Za-z0-9_]+$'),
  kind text not null,
  brand text not null default '',
  last4 text not null default '',
  expires_month integer,
  expires_year integer,
  is_default boolean not null default false,
  unusable_reason text,
  created_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint saved_methods_stripe unique (operator_id, mode, connection_id, stripe_payment_method_id),
  constraint saved_methods_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id),
  constraint saved_methods_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
create unique index saved_methods_one_default on app.saved_methods (operator_id, mode, renter_id) where is_default;
select app.guard('app.saved_methods', 'write');

create table app.leases (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  draft_id uuid not null,
  space_id uuid not null,
  renter_id uuid not null,
  location_id uuid not null,
  state text not null,
  start_on date not null,
  end_on date,
  occupied daterange not null,
  interval_code text not null,
  price_minor bigint not null check (price_minor >= 0),
  currency text not null,
  terms jsonb not null,
  deposit_minor bigint not null default 0 check (deposit_minor >= 0),
  tax_rate_id uuid,
  agreement_version_id uuid not null,
  invoiced_through date,
  held_until timestamptz,
  created_by text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint leases_draft_once unique (operator_id, mode, draft_id),
  constraint leases_state_known check (state in ('draft', 'awaiting_acceptance', 'awaiting_payment', 'reserved', 'active', 'notice_given', 'ended', 'settled', 'abandoned', 'cancelled')),
  constraint leases_space foreign key (operator_id, space_id) references app.spaces (operator_id, id),
  constraint leases_location foreign key (operator_id, location_id) references app.locations (operator_id, id),
  constraint leases_renter foreign key (operator_id, mode, renter_id) references app.renters (operator_id, mode, id),
  constraint leases_tax_rate foreign key (operator_id, tax_rate_id) references app.tax_rates (operator_id, id),
  constraint leases_agreement foreign key (operator_id, agreement_version_id) references app.agreement_versions (operator_id, id),
  constraint leases_do_not_overlap exclude using gist (operator_id with =, mode with =, space_id with =, occupied with &&)
    where (state in ('awaiting_payment', 'reserved', 'active', 'notice_given'))
);
select app.guard('app.leases', 'write');

-- What was accepted, word for word, with its hash; never changed afterwards (BIL-11).
create table app.agreement_acceptances (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  lease_id uuid not null,
  agreement_version_id uuid not null,
  rendered_text text not null,
  rendered_sha256 text not null,
  accepted_name text not null check (length(trim(accepted_name)) between 1 and 200),
  way text not null check (way in ('on_device', 'link', 'upload')),
  actor text not null,
  accepted_at timestamptz not null,
  primary key (operator_id, mode, id),
  constraint agreement_acceptances_once unique (operator_id, mode, lease_id),
  constraint agreement_acceptances_lease foreign key (operator_id, mode, lease_id) references app.leases (operator_id, mode, id),
  constraint agreement_acceptances_version foreign key (operator_id, agreement_version_id) references app.agreement_versions (operator_id, id)
);
select app.guard('app.agreement_acceptances', 'append');
