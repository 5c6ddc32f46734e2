-- Which master keys stored values may need, and what the installation itself keeps sealed (TRU-32 to TRU-34).
create table app.master_keys (
  id text primary key check (id ~ '^[0-9a-f]{8}$'),
  noted_at timestamptz not null
);
grant select, insert, delete on app.master_keys to rentroll_app;

create table app.installation_secrets (
  name text primary key,
  sealed text not null
);
grant select, insert, update, delete on app.installation_secrets to rentroll_app;

-- The owner is bound by row security as well; for this one look at every operator it is lifted, inside this transaction.
alter table app.connections no force row level security;
alter table app.endpoint_secrets no force row level security;
insert into app.master_keys (id, noted_at)
  select distinct split_part(sealed, '|', 2), now() from (
    select secret_key_sealed as sealed from app.connections
    union all select probe_sealed from app.connections
    union all select sealed from app.endpoint_secrets
  ) stored where sealed like 'v1|%';
alter table app.connections force row level security;
alter table app.endpoint_secrets force row level security;
