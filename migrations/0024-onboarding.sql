-- How far a new operator has come with its first steps, and since when rent falls due as it does. Set-up rows carry no mode (ARC-31).
create table app.onboardings (
  operator_id uuid primary key references app.operators (id),
  begun_at timestamptz not null,
  dismissed_at timestamptz
);
select app.guard('app.onboardings', 'write');

create table app.onboarding_steps (
  operator_id uuid not null,
  step smallint not null check (step between 1 and 8),
  state text not null check (state in ('done', 'skipped')),
  changed_at timestamptz not null,
  primary key (operator_id, step)
);
select app.guard('app.onboarding_steps', 'write');

-- Each change is a new version (BIL-28); a lease keeps the terms it was checked out with.
create table app.billing_rule_versions (
  operator_id uuid not null,
  version integer not null check (version >= 1),
  preset text not null check (preset in ('storage', 'coworking')),
  anchor_day smallint check (anchor_day between 1 and 31),
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (operator_id, version)
);
select app.guard('app.billing_rule_versions', 'append');
