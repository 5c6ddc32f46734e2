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

-- Sealed values of many operators in one trip, for whoever wraps them anew. With the rights of the caller: each operator and mode is
-- entered as a scope of its own and row security answers as always. Nothing but sealed text comes out or goes in.
create function app.list_sealed(held_in regclass, held_as text[], operators uuid[])
returns table (operator_id uuid, mode text, id uuid, held text, sealed text) language plpgsql as $$
declare
  statement text;
  operator uuid;
  of_mode text;
begin
  select format('select t.operator_id, t.mode, t.id, held.name, held.text from %s t cross join lateral (values %s) held (name, text)
      where t.operator_id = $1 and t.mode = $2 and held.text is not null', held_in, string_agg(format('(%L::text, t.%I)', one, one), ', '))
    into statement from unnest(held_as) one where one ~ 'sealed$';
  foreach operator in array operators loop
    foreach of_mode in array array['test', 'live'] loop
      execute format('set local app.operator_id = %L', operator);
      execute format('set local app.mode = %L', of_mode);
      return query execute statement using operator, of_mode;
    end loop;
  end loop;
  set local app.operator_id = '';
  set local app.mode = '';
end
$$;
-- A value is replaced only while it is still the one that was read; a row somebody holds is passed over. Returns the rows that were.
create function app.replace_sealed(held_in regclass, held_as text, changes jsonb)
returns table (id uuid) language plpgsql as $$
declare
  statement text := format('update %1$s t set %2$I = $5 where t.operator_id = $1 and t.mode = $2 and t.id in (
    select s.id from %1$s s where s.operator_id = $1 and s.mode = $2 and s.id = $3 and s.%2$I = $4 for no key update skip locked)
    returning t.id', held_in, held_as);
  change record;
begin
  if held_as !~ 'sealed$' then raise exception 'not a sealed column'; end if;
  for change in select * from jsonb_to_recordset(changes) made (operator_id uuid, mode text, id uuid, before text, after text) loop
    execute format('set local app.operator_id = %L', change.operator_id);
    execute format('set local app.mode = %L', change.mode);
    return query execute statement using change.operator_id, change.mode, change.id, change.before, change.after;
  end loop;
  set local app.operator_id = '';
  set local app.mode = '';
end
$$;
revoke execute on function app.list_sealed(regclass, text[], uuid[]), app.replace_sealed(regclass, text, jsonb) from public;
grant execute on function app.list_sealed(regclass, text[], uuid[]), app.replace_sealed(regclass, text, jsonb) to rentroll_app;
