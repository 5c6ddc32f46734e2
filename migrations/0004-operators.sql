-- Settings of an operator (set-up rows carry no mode, ARC-31): company, one location, taxes, agreement.
create table app.operator_settings (
  operator_id uuid primary key references app.operators (id),
  legal_name text not null default '',
  contact_email text not null default '',
  phone text not null default '',
  address text not null default '',
  tax_number text not null default '',
  country text not null,
  currency text not null,
  time_zone text not null,
  locale text not null default 'en',
  default_tax_rate_id uuid,
  version integer not null default 1,
  updated_at timestamptz not null
);
select app.guard('app.operator_settings', 'write');

create table app.tax_rates (
  operator_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 40),
  percent numeric(7, 4) not null check (percent between 0 and 100),
  treatment text not null check (treatment in ('taxable', 'zero_rated', 'exempt', 'out_of_scope', 'reverse_charge')),
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (operator_id, id)
);
select app.guard('app.tax_rates', 'write');
alter table app.operator_settings add constraint operator_settings_tax_rate
  foreign key (operator_id, default_tax_rate_id) references app.tax_rates (operator_id, id);

create table app.locations (
  operator_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  time_zone text not null,
  currency text not null,
  created_at timestamptz not null,
  primary key (operator_id, id)
);
select app.guard('app.locations', 'write');

create table app.categories (
  operator_id uuid not null,
  id uuid not null,
  code text not null check (code ~ '^[A-Z0-9]{1,8}$'),
  name text not null check (length(name) between 1 and 80),
  price_basis text not null check (price_basis in ('daily_rate', 'period_price')),
  daily_rate numeric(20, 6) check (daily_rate >= 0),
  period_prices jsonb not null default '{}',
  deposit_minor bigint not null default 0 check (deposit_minor >= 0),
  tax_rate_id uuid,
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (operator_id, id),
  constraint categories_code_unique unique (operator_id, code),
  constraint categories_priced check (price_basis = 'period_price' or daily_rate is not null),
  constraint categories_tax_rate foreign key (operator_id, tax_rate_id) references app.tax_rates (operator_id, id)
);
select app.guard('app.categories', 'write');

create table app.spaces (
  operator_id uuid not null,
  id uuid not null,
  location_id uuid not null,
  category_id uuid not null,
  number text not null check (length(number) between 1 and 30),
  title text not null default '' check (length(title) <= 255),
  notes text not null default '' check (length(notes) <= 1000),
  suspended_reason text,
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (operator_id, id),
  constraint spaces_number_unique unique (operator_id, location_id, number),
  constraint spaces_location foreign key (operator_id, location_id) references app.locations (operator_id, id),
  constraint spaces_category foreign key (operator_id, category_id) references app.categories (operator_id, id)
);
select app.guard('app.spaces', 'write');

create table app.agreement_versions (
  operator_id uuid not null,
  id uuid not null,
  version integer not null check (version >= 1),
  title text not null check (length(title) between 1 and 120),
  content text not null check (length(content) between 1 and 100000),
  effective_on date not null,
  published_by text not null,
  published_at timestamptz not null,
  primary key (operator_id, id),
  constraint agreement_versions_unique unique (operator_id, version)
);
select app.guard('app.agreement_versions', 'append');
