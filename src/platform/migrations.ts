/**
 * Numbered plain SQL, forward only (TRU-230). Applied files are remembered with their checksum; a changed file stops the start,
 * because nobody could tell which schema it means. One runner at a time by advisory lock.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { sql, type Kysely } from 'kysely'
import { StartRefusal } from './configuration.ts'

export type Migration = { readonly name: string; readonly text: string; readonly checksum: string }

const folder = new URL('../../migrations/', import.meta.url)

function listMigrations(): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8')
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') }
    })
}

/** The four roles of TRU §3. On PostgreSQL an administrator makes them (`npm run db -- roles`); the embedded database makes its own. */
export const roleStatements = [
  `do $$ begin create role rentroll_owner login; exception when duplicate_object then null; end $$`,
  `do $$ begin create role rentroll_app login; exception when duplicate_object then null; end $$`,
  `do $$ begin create role rentroll_auth login; exception when duplicate_object then null; end $$`,
  `do $$ begin create role rentroll_backup login bypassrls; exception when duplicate_object then null; end $$`,
  'grant pg_read_all_data to rentroll_backup',
]

export async function makeRoles(administrator: Kysely<any>): Promise<void> {
  for (const statement of roleStatements) await sql.raw(statement).execute(administrator)
}

/** @throws StartRefusal when the serving role could read across operators (TRU-54). */
export async function assertHarmlessRole(handle: Kysely<any>): Promise<void> {
  const { rows } = await sql<{ name: string; risky: boolean }>`
    select current_user as name, rolsuper or rolbypassrls or exists (
      select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname = 'app' and relkind in ('r', 'p') and pg_has_role(current_user, relowner, 'member')
    ) as risky from pg_roles where rolname = current_user`.execute(handle)
  if (rows[0]?.risky)
    throw new StartRefusal(
      `Database role ${rows[0].name} could read across operators. Use a role made by \`npm run db -- roles\`.`,
    )
}

/** Applies what is missing, each file in its own transaction. @param owner a handle with the owner's rights. @returns the names applied. */
export async function migrate(owner: Kysely<any>): Promise<string[]> {
  await owner.transaction().execute(async (rows) => {
    await lockMigrations(rows)
    await sql`create schema if not exists app`.execute(rows)
    await sql`create table if not exists app.migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`.execute(rows)
  })
  const applied: string[] = []
  for (const migration of listMigrations()) {
    const isNew = await owner.transaction().execute(async (rows) => {
      await lockMigrations(rows)
      const before = await sql<{
        checksum: string
      }>`select checksum from app.migrations where name = ${migration.name}`.execute(rows)
      if (before.rows[0]) return assertUnchanged(migration, before.rows[0].checksum)
      for (const statement of splitStatements(migration.text)) await sql.raw(statement).execute(rows)
      await sql`insert into app.migrations (name, checksum) values (${migration.name}, ${migration.checksum})`.execute(
        rows,
      )
      return true
    })
    if (isNew) applied.push(migration.name)
  }
  return applied
}

/** One runner at a time, whichever process it stands in. */
async function lockMigrations(rows: Kysely<any>): Promise<void> {
  await sql`select pg_advisory_xact_lock(7236001)`.execute(rows)
}

/** @throws StartRefusal with the sentence of STK-74 when the database is behind this version. */
export async function assertMigrated(handle: Kysely<any>): Promise<void> {
  const known = listMigrations()
  const applied = await sql<{ name: string; checksum: string }>`select name, checksum from app.migrations order by name`
    .execute(handle)
    .catch(() => ({ rows: [] }))
  const latest = known.at(-1)!
  const present = applied.rows.at(-1)
  if (!present || present.name < latest.name) {
    throw new StartRefusal(
      `The database is at migration ${present?.name.slice(0, 4) ?? 'none'}, this version needs ${latest.name.slice(0, 4)}. Run \`npm run db -- migrate\`.`,
    )
  }
  for (const migration of known) {
    const row = applied.rows.find(({ name }) => name === migration.name)
    if (row) assertUnchanged(migration, row.checksum)
  }
}

/** The id this installation carries in Stripe's metadata (STR-10); made at the first start and never changed. */
export async function readInstallationId(handle: Kysely<any>, fresh: string): Promise<string> {
  await sql`insert into app.installation (name, value) values ('id', ${fresh}) on conflict (name) do nothing`.execute(
    handle,
  )
  const { rows } = await sql<{ value: string }>`select value from app.installation where name = 'id'`.execute(handle)
  return rows[0]!.value
}

function assertUnchanged(migration: Migration, checksum: string): false {
  if (checksum === migration.checksum) return false
  throw new StartRefusal(
    `Migration ${migration.name} was applied with another content. Restore that file; corrections are new migrations.`,
  )
}

/** Statements end with a semicolon at the end of a line; bodies in `$$ … $$` keep theirs. */
function splitStatements(text: string): string[] {
  const statements: string[] = []
  let current = ''
  let inBody = false
  for (const line of text.split('\n')) {
    if (!inBody && line.trimStart().startsWith('--')) continue
    current += `${line}\n`
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) inBody = !inBody
    if (!inBody && line.trimEnd().endsWith(';')) {
      statements.push(current)
      current = ''
    }
  }
  if (current.trim()) statements.push(current)
  return statements.filter((statement) => statement.trim())
}
