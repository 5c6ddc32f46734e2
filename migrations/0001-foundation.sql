-- The ground: global tables, the guard every business table gets, facts. Roles are made before this runs
-- (`npm run db -- roles`; the embedded database makes its own).
create extension if not exists btree_gist;

create schema if not exists invariants;
create schema if not exists auth;
grant usage on schema app, invariants to rentroll_app;
grant usage on schema auth to rentroll_auth;
grant select on app.migrations to rentroll_app;

-- The law of ARC-33 and TRU-51 in one place: row security enabled and forced, one policy for reading and writing, and no more
-- rights than the table needs. rights is 'append' (select, insert), 'write' (and update) or 'replace' (and delete).
create function app.guard(guarded regclass, rights text) returns void language plpgsql as $$
declare
  condition text := 'operator_id = (select nullif(current_setting(''app.operator_id'', true), '''')::uuid)';
begin
  if exists (select from pg_attribute where attrelid = guarded and attname = 'mode' and not attisdropped) then
    condition := condition || ' and mode = (select current_setting(''app.mode'', true))';
  end if;
  execute format('alter table %s enable row level security', guarded);
  execute format('alter table %s force row level security', guarded);
  execute format('create policy own_rows on %s using (%s) with check (%s)', guarded, condition, condition);
  execute format('grant %s on %s to rentroll_app', case rights
    when 'append' then 'select, insert'
    when 'write' then 'select, insert, update'
    when 'replace' then 'select, insert, update, delete'
  end, guarded);
end
$$;

create table app.installation (
  name text primary key,
  value text not null
);
grant select, insert on app.installation to rentroll_app;

create table app.operators (
  id uuid primary key,
  slug text not null,
  name text not null check (length(name) between 1 and 120),
  created_at timestamptz not null,
  constraint operators_slug_unique unique (slug),
  constraint operators_slug_form check (slug ~ '^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$')
);
grant select, insert, update on app.operators to rentroll_app;

-- From what the outside knows (slug, endpoint token, account) to the operator, before any scope exists (TRU-55).
create table app.routing_keys (
  kind text not null check (kind in ('endpoint_token', 'shared_endpoint', 'account', 'link')),
  mode text not null check (mode in ('test', 'live')),
  key_hash text not null,
  operator_id uuid not null references app.operators (id),
  target_id uuid not null,
  created_at timestamptz not null,
  primary key (kind, mode, key_hash, operator_id)
);
grant select, insert, update, delete on app.routing_keys to rentroll_app;

create table app.facts (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  name text not null,
  ids jsonb not null,
  actor text not null,
  recorded_at timestamptz not null,
  primary key (operator_id, mode, id)
);
create index facts_ids on app.facts using gin (ids jsonb_path_ops);
select app.guard('app.facts', 'append');

-- Mails wait here until the server took them; unique by reader and fact, so none goes out twice (ARC-41).
create table app.mail_outbox (
  operator_id uuid not null,
  mode text not null check (mode in ('test', 'live')),
  id uuid not null,
  once_for text not null,
  recipient text not null,
  subject text not null,
  body_text text not null,
  body_html text not null,
  state text not null default 'waiting',
  attempts integer not null default 0,
  failure text,
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (operator_id, mode, id),
  constraint mail_outbox_once unique (operator_id, mode, once_for),
  constraint mail_outbox_state_known check (state in ('waiting', 'sent', 'failed'))
);
select app.guard('app.mail_outbox', 'write');
