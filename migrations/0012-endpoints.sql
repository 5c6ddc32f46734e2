-- How webhook endpoints fare (STR-47) and how their secrets are replaced (STR-58, STR-59).
create table app.endpoint_hours (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  connection_id uuid not null,
  hour timestamptz not null,
  verified integer not null default 0,
  refused integer not null default 0,
  primary key (operator_id, mode, connection_id, hour),
  constraint endpoint_hours_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.endpoint_hours', 'replace');

-- How often each signing secret matched since the last rotation began.
create table app.endpoint_secret_tallies (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  endpoint_secret_id uuid not null,
  connection_id uuid not null,
  verified integer not null default 0,
  primary key (operator_id, mode, endpoint_secret_id),
  constraint endpoint_secret_tallies_secret foreign key (operator_id, mode, endpoint_secret_id) references app.endpoint_secrets (operator_id, mode, id)
);
select app.guard('app.endpoint_secret_tallies', 'write');

-- What polling found and no delivery brought, and which trouble the operator was last told of.
create table app.endpoint_watches (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  connection_id uuid not null,
  missed_since timestamptz,
  missed_count integer not null default 0,
  told text,
  told_at timestamptz,
  asked_at timestamptz,
  primary key (operator_id, mode, connection_id),
  constraint endpoint_watches_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id)
);
select app.guard('app.endpoint_watches', 'write');

create table app.endpoint_rotations (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  connection_id uuid not null,
  path text not null check (path in ('paste', 'create', 'leak')),
  makes_endpoint boolean not null,
  state text not null,
  overlap_hours integer not null check (overlap_hours in (0, 1, 24)),
  url text not null default '',
  old_endpoint_id text check (old_endpoint_id ~ '^we_'),
  new_endpoint_id text check (new_endpoint_id ~ '^we_'),
  new_secret_id uuid,
  attempts integer not null default 0,
  leased_until timestamptz,
  fault text not null default '',
  visible_at timestamptz,
  old_ends_at timestamptz,
  started_by text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (operator_id, mode, id),
  constraint endpoint_rotations_connection foreign key (operator_id, mode, connection_id) references app.connections (operator_id, mode, id),
  constraint endpoint_rotations_state_known check (state in ('planned', 'created', 'overlap', 'confirmed', 'disabled', 'ending', 'done', 'cancelling', 'cancelled'))
);
create unique index endpoint_rotations_one_open on app.endpoint_rotations (operator_id, mode, connection_id) where state not in ('done', 'cancelled');
select app.guard('app.endpoint_rotations', 'write');
