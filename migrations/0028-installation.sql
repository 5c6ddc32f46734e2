-- The installation's endpoints (STR-41): how they stand at Stripe as of the last look, and one secret taking over from another (STR-59).
-- A successor is written with its end, so that one that never takes over is forgotten; taking over takes the end away.
alter table app.installation_endpoints
  add column replaces uuid references app.installation_endpoints (id),
  add column took_over_at timestamptz,
  add column retired_at timestamptz,
  add column last_verified_at timestamptz,
  -- What the last look at Stripe found; no secret is in it.
  add column seen jsonb,
  -- Why it could not be made, as a sentence; empty when nothing stands in the way.
  add column problem text not null default '';
create unique index installation_endpoints_one_successor on app.installation_endpoints (mode, kind)
  where replaces is not null and took_over_at is null and retired_at is null;

-- What deliveries at the shared address, and asking Stripe, tell of the endpoint for connected accounts (STR-106); one row per mode.
create table app.installation_watches (
  mode text primary key check (mode in ('test', 'live')),
  -- At the shared address; nobody can say in which mode.
  refused_at timestamptz,
  -- By a secret of the endpoint for connected accounts.
  verified_at timestamptz,
  asked_at timestamptz,
  -- Whose payment was finished at Stripe without a delivery: asked about first.
  suspect_operator uuid,
  suspect_connection uuid,
  suspected_at timestamptz,
  -- Since when Stripe has news of a connected account that no delivery brought, and of which account.
  unseen_since timestamptz,
  unseen_account text not null default '',
  -- Endpoints in all of the installation's own account; Stripe allows 16.
  endpoint_count integer,
  key_problem text not null default ''
);
insert into app.installation_watches (mode) values ('test'), ('live');
grant select, update on app.installation_watches to rentroll_app;

-- Troubles of the installation, as app.troubles has those of an operator.
create table app.installation_troubles (
  id uuid primary key,
  mode text not null check (mode in ('test', 'live')),
  code text not null,
  cause text not null,
  text text not null,
  opened_at timestamptz not null,
  told_at timestamptz,
  closed_at timestamptz
);
create unique index installation_troubles_one_open on app.installation_troubles (mode, code) where closed_at is null;
grant select, insert, update on app.installation_troubles to rentroll_app;
