/**
 * The law of the schema, read from the catalog of a freshly migrated database (TRU-58, ARC-80). Every rule is first shown a planted
 * table that breaks it, because a rule that finds nothing in a lawful schema proves nothing about itself.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { eachDatabase } from '#test/databases'
import { openDatabase, type Database } from './database.ts'
import { globalTables } from './global-tables.ts'

type Catalog = { readonly owner: Database['handle'] }
type Finding = { readonly finding: string }

const global = Object.keys(globalTables)
const isBusiness = sql`relation.relkind in ('r', 'p') and namespace.nspname = 'app' and namespace.nspname || '.' || relation.relname <> all (${global})`
const tables = sql`pg_class relation join pg_namespace namespace on namespace.oid = relation.relnamespace`
const columnsOf = (key: ReturnType<typeof sql>) => sql`(select array_agg(attribute.attname::text order by place.number)
  from unnest(${key}) with ordinality place (attnum, number)
  join pg_attribute attribute on attribute.attrelid = relation.oid and attribute.attnum = place.attnum)`
const hasMode = (relation: string) =>
  sql`exists (select from pg_attribute where attrelid = ${sql.ref(relation)} and attname = 'mode' and not attisdropped)`

/** Append-only by grants: nobody may rewrite what happened (TRU-56). */
const appendOnly = [
  'app.facts',
  'app.ledger_entries',
  'app.ledger_lines',
  'app.agreement_versions',
  'app.agreement_acceptances',
]

const rules: Readonly<Record<string, ReturnType<typeof sql<Finding>>>> = {
  'TRU-50: operator_id uuid not null': sql`
    select relation.relname as finding from ${tables} where ${isBusiness} and not exists (
      select from pg_attribute where attrelid = relation.oid and attname = 'operator_id' and atttypid = 'uuid'::regtype and attnotnull)`,
  'TRU-50: a primary key led by operator_id': sql`
    select relation.relname as finding from ${tables} left join pg_index key on key.indrelid = relation.oid and key.indisprimary
    where ${isBusiness} and (${columnsOf(sql`key.indkey::int2[]`)})[1] is distinct from 'operator_id'`,
  'TRU-50: unique keys led by operator_id': sql`
    select relation.relname || ' ' || key.indexrelid::regclass::text as finding from ${tables} join pg_index key on key.indrelid = relation.oid and key.indisunique
    where ${isBusiness} and (${columnsOf(sql`key.indkey::int2[]`)})[1] is distinct from 'operator_id'`,
  'TRU-50: foreign keys led by operator_id': sql`
    select relation.relname || ' ' || key.conname as finding from ${tables} join pg_constraint key on key.conrelid = relation.oid and key.contype = 'f'
    where ${isBusiness} and (${columnsOf(sql`key.conkey`)})[1] is distinct from 'operator_id'`,
  'TRU-50: no foreign key of one column between business tables': sql`
    select relation.relname || ' ' || key.conname as finding from ${tables} join pg_constraint key on key.conrelid = relation.oid and key.contype = 'f'
    join pg_class target on target.oid = key.confrelid join pg_namespace home on home.oid = target.relnamespace
    where ${isBusiness} and array_length(key.conkey, 1) = 1 and home.nspname || '.' || target.relname <> all (${global})`,
  'ARC-31: a mode that is filled in and one of two': sql`
    select relation.relname as finding from ${tables} join pg_attribute mode on mode.attrelid = relation.oid and mode.attname = 'mode' and not mode.attisdropped
    where ${isBusiness} and not (mode.attnotnull and exists (
      select from pg_constraint where conrelid = relation.oid and contype = 'c' and pg_get_constraintdef(oid) ~ $$[(]mode = ANY.*'test'.*'live'$$))`,
  'ARC-31: keys between commercial tables name the mode': sql`
    select relation.relname || ' ' || key.conname as finding from ${tables} join pg_constraint key on key.conrelid = relation.oid and key.contype = 'f'
    where ${isBusiness} and ${hasMode('relation.oid')} and ${hasMode('key.confrelid')} and not 'mode' = any ((${columnsOf(sql`key.conkey`)})::text[])`,
  'ARC-31: primary keys of commercial tables name the mode': sql`
    select relation.relname as finding from ${tables} join pg_index key on key.indrelid = relation.oid and key.indisprimary
    where ${isBusiness} and ${hasMode('relation.oid')} and not 'mode' = any ((${columnsOf(sql`key.indkey::int2[]`)})::text[])`,
  'TRU-51: row security enabled and forced': sql`
    select relation.relname as finding from ${tables} where ${isBusiness} and not (relation.relrowsecurity and relation.relforcerowsecurity)`,
  'TRU-51: a policy that names the operator, for reading and for writing': sql`
    select relation.relname as finding from ${tables} where ${isBusiness} and not exists (
      select from pg_policies policy where policy.schemaname = 'app' and policy.tablename = relation.relname
      and policy.cmd = 'ALL' and policy.qual ~ 'app.operator_id' and policy.with_check ~ 'app.operator_id')`,
  'TRU-51: where there is a mode, the policy names it': sql`
    select relation.relname as finding from ${tables} where ${isBusiness} and ${hasMode('relation.oid')} and not exists (
      select from pg_policies policy where policy.schemaname = 'app' and policy.tablename = relation.relname
      and policy.qual ~ 'app.mode' and policy.with_check ~ 'app.mode')`,
  'TRU-51: no second policy that would let more through': sql`
    select tablename::text as finding from pg_policies where schemaname = 'app' group by tablename having count(*) > 1`,
  'TRU-56: append-only tables are neither changed nor emptied': sql`
    select relation.relname || ' ' || right_of as finding from ${tables} cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) right_of
    where namespace.nspname || '.' || relation.relname = any (${appendOnly}) and has_table_privilege('rentroll_app', relation.oid, right_of)`,
  'TRU-50: nobody but the owner empties a table, makes triggers or keys on it': sql`
    select relation.relname || ' ' || right_of as finding from ${tables} cross join unnest(array['TRUNCATE', 'TRIGGER', 'REFERENCES']) right_of
    where namespace.nspname = 'app' and relation.relkind in ('r', 'p') and has_table_privilege('rentroll_app', relation.oid, right_of)`,
  'TRU-50: every role is a stranger until it is given a right': sql`
    select relation.relname as finding from ${tables} cross join lateral aclexplode(relation.relacl) granted
    where namespace.nspname in ('app', 'auth', 'invariants') and granted.grantee = 0`,
  'TRU-61: people are reached by rentroll_auth alone': sql`
    select relation.relname || ' ' || role as finding from ${tables} cross join unnest(array['rentroll_app', 'rentroll_backup']) role
    where namespace.nspname = 'auth' and relation.relkind = 'r' and role = 'rentroll_app' and has_table_privilege(role, relation.oid, 'SELECT, INSERT, UPDATE, DELETE')
    union all select relation.relname || ' rentroll_auth' from ${tables}
    where namespace.nspname = 'app' and relation.relkind = 'r' and has_table_privilege('rentroll_auth', relation.oid, 'SELECT, INSERT, UPDATE, DELETE')`,
  'TRU-57: views run with the rights of whoever asks': sql`
    select relation.relname as finding from ${tables} where namespace.nspname in ('app', 'invariants') and relation.relkind in ('v', 'm')
    and not coalesce(relation.reloptions @> array['security_invoker=true'], false)`,
  'ARC-32: no triggers of ours, no sequences': sql`
    select relation.relname as finding from ${tables} where namespace.nspname = 'app' and (relation.relkind = 'S'
    or exists (select from pg_trigger where tgrelid = relation.oid and not tgisinternal))`,
  'ARC-34: every global table of the list exists': sql`
    select listed as finding from unnest(${global}::text[]) listed where to_regclass(listed) is null`,
  'TRU-50: the application role has no power over others': sql`
    select rolname::text || ' ' || power as finding from pg_roles cross join lateral (values
      ('superuser', rolsuper), ('bypassrls', rolbypassrls), ('createrole', rolcreaterole), ('createdb', rolcreatedb)) powers (power, has)
    where rolname in ('rentroll_app', 'rentroll_auth') and has`,
}

/** One lawless thing per rule; the rule must name it. */
const lawful = `operator_id uuid not null, mode text not null check (mode in ('test', 'live')), id uuid not null`
const planted: Readonly<Record<string, { readonly by: string; readonly named: string }>> = {
  'TRU-50: operator_id uuid not null': {
    by: 'create table app.planted (operator_id text primary key)',
    named: 'planted',
  },
  'TRU-50: a primary key led by operator_id': {
    by: 'create table app.planted (id uuid primary key, operator_id uuid not null)',
    named: 'planted',
  },
  'TRU-50: unique keys led by operator_id': {
    by: `create table app.planted (${lawful}, number text unique, primary key (operator_id, mode, id))`,
    named: 'planted app.planted_number_key',
  },
  'TRU-50: foreign keys led by operator_id': {
    by: `create table app.planted (${lawful}, other uuid, primary key (operator_id, mode, id), unique (mode, operator_id, id), constraint crooked foreign key (mode, operator_id, other) references app.planted (mode, operator_id, id))`,
    named: 'planted crooked',
  },
  'TRU-50: no foreign key of one column between business tables': {
    by: `create table app.planted (${lawful}, other uuid, unique (id), primary key (operator_id, mode, id), constraint lonely foreign key (other) references app.planted (id))`,
    named: 'planted lonely',
  },
  'ARC-31: a mode that is filled in and one of two': {
    by: 'create table app.planted (operator_id uuid primary key, mode text)',
    named: 'planted',
  },
  'ARC-31: keys between commercial tables name the mode': {
    by: `create table app.planted (${lawful}, other uuid, primary key (operator_id, mode, id), unique (operator_id, id), constraint mixing foreign key (operator_id, other) references app.planted (operator_id, id))`,
    named: 'planted mixing',
  },
  'ARC-31: primary keys of commercial tables name the mode': {
    by: `create table app.planted (${lawful}, primary key (operator_id, id))`,
    named: 'planted',
  },
  'TRU-51: row security enabled and forced': {
    by: `create table app.planted (${lawful}, primary key (operator_id, mode, id)); alter table app.planted enable row level security`,
    named: 'planted',
  },
  'TRU-51: a policy that names the operator, for reading and for writing': {
    by: `create table app.planted (${lawful}, primary key (operator_id, mode, id)); create policy wide on app.planted using (true)`,
    named: 'planted',
  },
  'TRU-51: where there is a mode, the policy names it': {
    by: `create table app.planted (${lawful}, primary key (operator_id, mode, id)); create policy half on app.planted using (operator_id::text = current_setting('app.operator_id', true)) with check (operator_id::text = current_setting('app.operator_id', true))`,
    named: 'planted',
  },
  'TRU-51: no second policy that would let more through': {
    by: 'create policy second on app.facts using (true)',
    named: 'facts',
  },
  'TRU-56: append-only tables are neither changed nor emptied': {
    by: 'grant update on app.ledger_lines to rentroll_app',
    named: 'ledger_lines UPDATE',
  },
  'TRU-50: nobody but the owner empties a table, makes triggers or keys on it': {
    by: 'grant truncate on app.renters to rentroll_app',
    named: 'renters TRUNCATE',
  },
  'TRU-50: every role is a stranger until it is given a right': {
    by: 'grant select on app.renters to public',
    named: 'renters',
  },
  'TRU-61: people are reached by rentroll_auth alone': {
    by: 'grant select on auth.users to rentroll_app',
    named: 'users rentroll_app',
  },
  'TRU-57: views run with the rights of whoever asks': {
    by: 'create view invariants.planted as select 1 as subject',
    named: 'planted',
  },
  'ARC-32: no triggers of ours, no sequences': { by: 'create sequence app.planted', named: 'planted' },
  'ARC-34: every global table of the list exists': {
    by: 'alter table app.routing_keys rename to routed_keys',
    named: 'app.routing_keys',
  },
  'TRU-50: the application role has no power over others': {
    by: 'alter role rentroll_app createdb',
    named: 'rentroll_app createdb',
  },
}

async function listFindings({ owner }: Catalog, rule: string): Promise<string[]> {
  const { rows } = await rules[rule]!.execute(owner)
  return rows.map(({ finding }) => finding).toSorted()
}

eachDatabase('the law of the schema', {}, (ground) => {
  let catalog: Catalog
  let owned: Database | undefined
  beforeAll(async () => {
    const { kind, database, clock } = ground()
    if (kind === 'postgres') {
      const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.handle)
      const { href: url } = Object.assign(new URL(inject('postgresOwnerUrl')), { pathname: `/${rows[0]!.name}` })
      owned = await openDatabase({ clock, url, poolSize: 2 })
    }
    catalog = { owner: (owned ?? database).handle }
  })
  afterAll(() => owned?.close())

  test('there is something to check', async () => {
    const { rows } = await sql<{ tables: number; keys: number }>`
      select count(*)::int as tables, (select count(*)::int from pg_constraint key join pg_namespace namespace on namespace.oid = key.connamespace
        where namespace.nspname = 'app' and key.contype = 'f') as keys
      from ${tables} where ${isBusiness}`.execute(catalog.owner)

    expect(rows[0]?.tables).toBeGreaterThanOrEqual(25)
    expect(rows[0]?.keys).toBeGreaterThanOrEqual(20)
    expect(Object.keys(planted)).toEqual(Object.keys(rules))
    expect(Object.values(globalTables).every((reason) => reason.length > 20)).toBe(true)
  })

  describe('holds', () => {
    test.each(Object.keys(rules))('%s', async (rule) => {
      expect(await listFindings(catalog, rule)).toEqual([])
    })
  })

  describe('is noticed when broken', () => {
    test.each(Object.keys(planted))('%s', async (rule) => {
      const { by, named } = planted[rule]!
      const undo = new Error('the planted table goes away again')

      const found = catalog.owner.transaction().execute(async (owner) => {
        for (const statement of by.split('; ')) await sql.raw(statement).execute(owner)
        expect(await listFindings({ owner }, rule)).toContain(named)
        throw undo
      })

      await expect(found).rejects.toBe(undo)
    })
  })
})
