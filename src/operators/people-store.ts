/**
 * The SQL of what stands before any scope: the register of operators, and the schema `auth` with people, sessions and memberships,
 * which no other module reaches (TRU-61). Column names are written in camel case, as in `store.ts`.
 */
import type { Database } from '#platform'
import { CamelCasePlugin, sql } from 'kysely'
import type { Role } from './permissions.ts'

const spelling = new CamelCasePlugin()

export type OperatorRow = { readonly id: string; readonly slug: string; readonly name: string }

export function findOperator(database: Database, slug: string): Promise<OperatorRow | undefined> {
  const all = database.handle.selectFrom('app.operators').select(['id', 'slug', 'name'])
  return all.where('slug', '=', slug).executeTakeFirst()
}

export async function listOperators(database: Database, ids: readonly string[]): Promise<readonly OperatorRow[]> {
  if (ids.length === 0) return []
  const all = database.handle.selectFrom('app.operators').select(['id', 'slug', 'name'])
  return all.where('id', 'in', ids).orderBy('name').execute()
}

/** Every operator of this installation, for work that visits them one scope at a time. */
export async function listOperatorIds(database: Database): Promise<readonly string[]> {
  const found = await database.handle.selectFrom('app.operators').select('id').orderBy('id').execute()
  return found.map(({ id }) => id)
}

/** Every operator by name, the first one first. */
export async function listOperatorRegister(
  database: Database,
): Promise<readonly (OperatorRow & { readonly createdAt: Date })[]> {
  const all = database.handle.selectFrom('app.operators').select(['id', 'slug', 'name', 'created_at as createdAt'])
  return all.orderBy('created_at').orderBy('id').execute()
}

function people(database: Database): Database['auth'] {
  return database.auth.withPlugin(spelling)
}

export async function listRoles(database: Database, userId: string): Promise<ReadonlyMap<string, Role>> {
  const own = people(database).selectFrom('memberships').where('userId', '=', userId)
  const found = await own.select(['operatorId', 'role']).execute()
  return new Map(found.map((row) => [row.operatorId, row.role]))
}

/** The addresses of those who own the operator: for what only they can put right. */
export async function listOwnerEmails(database: Database, operatorId: string): Promise<readonly string[]> {
  const members = people(database).selectFrom('memberships').innerJoin('users', 'users.id', 'memberships.userId')
  const owners = members.where('memberships.operatorId', '=', operatorId).where('memberships.role', '=', 'owner')
  const found = await owners.select('users.email').orderBy('users.email').execute()
  return found.map(({ email }) => email)
}

/** Whoever has owned the operator for longest. */
export function findFirstOwner(database: Database, operatorId: string): Promise<UserRow | undefined> {
  const members = people(database).selectFrom('memberships').innerJoin('users', 'users.id', 'memberships.userId')
  const owners = members.where('memberships.operatorId', '=', operatorId).where('memberships.role', '=', 'owner')
  const found = owners.select(['users.id', 'users.name', 'users.email']).orderBy('memberships.createdAt')
  return found.orderBy('users.id').executeTakeFirst()
}

export type UserRow = { readonly id: string; readonly name: string; readonly email: string }

export function findUser(
  database: Database,
  by: { readonly email: string } | { readonly id: string },
): Promise<UserRow | undefined> {
  const all = people(database).selectFrom('users').select(['id', 'name', 'email'])
  return ('id' in by ? all.where('id', '=', by.id) : all.where('email', '=', by.email)).executeTakeFirst()
}

/** Undefined for a person who cannot sign in by password. */
export async function findPasswordHash(database: Database, userId: string): Promise<string | undefined> {
  const own = people(database).selectFrom('accounts').select('password').where('userId', '=', userId)
  return (await own.where('providerId', '=', 'credential').executeTakeFirst())?.['password'] ?? undefined
}

export async function insertAccount(
  database: Database,
  account: { readonly id: string; readonly userId: string; readonly password: string; readonly at: Date },
): Promise<void> {
  const { id, userId, password, at } = account
  const credential = { id, userId, accountId: userId, providerId: 'credential', password, createdAt: at, updatedAt: at }
  const insert = people(database).insertInto('accounts').values(credential)
  await insert.onConflict((conflict) => conflict.doNothing()).execute()
}

/** How a person proved who they are; `demo` is the button of the demo operator. */
export type ProofMethod = 'password' | 'demo'

/** Writes when the person of a session proved who they are; an earlier proof of the same kind is replaced. */
export async function saveProof(
  database: Database,
  proof: { readonly token: string; readonly method: ProofMethod; readonly at: Date },
): Promise<void> {
  const { token, method, at } = proof
  await sql`
    insert into auth.session_proofs (session_id, method, proven_at) select id, ${method}, ${at}::timestamptz from auth.sessions where token = ${token}
    on conflict (session_id, method) do update set proven_at = excluded.proven_at`.execute(database.auth)
}

export async function findLastProof(database: Database, sessionId: string): Promise<Date | undefined> {
  const own = people(database).selectFrom('sessionProofs').select('provenAt').where('sessionId', '=', sessionId)
  return (await own.orderBy('provenAt', 'desc').limit(1).executeTakeFirst())?.['provenAt'] ?? undefined
}

/** A mailed link. Only the hash of its token is kept; `operatorId`, `name` and `slug` belong to a sign-up. */
export type Link = {
  readonly tokenHash: string
  readonly purpose: 'sign_up' | 'reset_password'
  readonly email: string
  readonly userId: string
  readonly operatorId: string | null
  readonly name: string | null
  readonly slug: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly usedAt: Date | null
}

/** Writes a link; earlier ones of the same purpose to the same address stop working. Links of last week are forgotten. */
export async function replaceLink(database: Database, link: Link): Promise<void> {
  const weekAgo = new Date(link.createdAt.getTime() - 7 * 86_400_000)
  await people(database)
    .transaction()
    .execute(async (auth) => {
      await auth.deleteFrom('links').where('expiresAt', '<', weekAgo).execute()
      const older = auth.updateTable('links').set({ usedAt: link.createdAt }).where('email', '=', link.email)
      await older.where('purpose', '=', link.purpose).where('usedAt', 'is', null).execute()
      await auth.insertInto('links').values(link).execute()
    })
}

export function findLink(database: Database, tokenHash: string, purpose: Link['purpose']): Promise<Link | undefined> {
  const all = people(database).selectFrom('links').selectAll().where('tokenHash', '=', tokenHash)
  return all.where('purpose', '=', purpose).executeTakeFirst() as Promise<Link | undefined>
}

export async function countLinks(database: Database, email: string, since: Date): Promise<number> {
  const all = people(database)
    .selectFrom('links')
    .select((columns) => columns.fn.countAll<string>().as('count'))
  const { count } = await all.where('email', '=', email).where('createdAt', '>', since).executeTakeFirstOrThrow()
  return Number(count)
}

/** @returns false when the link was spent meanwhile. */
async function spendLink(auth: Database['auth'], tokenHash: string, usedAt: Date): Promise<boolean> {
  const link = auth.updateTable('links').set({ usedAt }).where('tokenHash', '=', tokenHash)
  return (await link.where('usedAt', 'is', null).executeTakeFirst()).numUpdatedRows === 1n
}

export type NewPerson = {
  readonly user: UserRow
  readonly operatorId: string
  readonly role: Role
  /** Without one the person cannot sign in by password. */
  readonly account?: { readonly id: string; readonly password: string }
  /** The link the person came by, spent in the same transaction. */
  readonly tokenHash?: string
  readonly at: Date
}

/** @returns false, with nobody written, when the link was spent meanwhile or the address has an account. */
export async function insertPerson(database: Database, person: NewPerson): Promise<boolean> {
  const { user, account, tokenHash, operatorId, role, at } = person
  const times = { createdAt: at, updatedAt: at }
  return people(database)
    .transaction()
    .execute(async (auth) => {
      if (tokenHash !== undefined && !(await spendLink(auth, tokenHash, at))) return false
      const users = auth.insertInto('users').values({ ...user, emailVerified: true, ...times })
      const inserted = await users.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
      if (inserted.numInsertedOrUpdatedRows !== 1n) return false
      const credential = { userId: user.id, accountId: user.id, providerId: 'credential', ...account, ...times }
      if (account) await auth.insertInto('accounts').values(credential).execute()
      await auth.insertInto('memberships').values({ userId: user.id, operatorId, role, createdAt: at }).execute()
      return true
    })
}

/** Sets the password, spends the link and ends every session of the person. @returns false when the link was spent meanwhile. */
export async function updatePasswordByLink(
  database: Database,
  { tokenHash, userId }: Link,
  password: { readonly hash: string; readonly at: Date },
): Promise<boolean> {
  return people(database)
    .transaction()
    .execute(async (auth) => {
      if (!(await spendLink(auth, tokenHash, password.at))) return false
      const account = auth.updateTable('accounts').set({ password: password.hash, updatedAt: password.at })
      await account.where('userId', '=', userId).where('providerId', '=', 'credential').execute()
      await auth.deleteFrom('sessions').where('userId', '=', userId).execute()
      return true
    })
}

/** How many failures are free, and after how long they are forgotten. */
export type AttemptRule = {
  readonly keyHash: string
  readonly freeFailures: number
  readonly forgottenAfterMs: number
  readonly at: Date
}

/**
 * Counts an attempt as failed before it is checked, so that attempts sent together cannot all slip through; a success takes it back.
 * Every one beyond the free ones doubles the wait, from one second to fifteen minutes. @returns how many failed so far, or until when
 * nothing is looked at.
 */
export async function insertFailure(
  database: Database,
  rule: AttemptRule,
): Promise<{ readonly failures: number } | { readonly blockedUntil: Date }> {
  const { keyHash, freeFailures, forgottenAfterMs, at } = rule
  const forgotten = new Date(at.getTime() - forgottenAfterMs)
  const counted = await sql<{ failures: number }>`
    insert into auth.sign_in_failures as kept (key_hash, failures, last_failed_at, blocked_until) values (${keyHash}, 1, ${at}, ${at})
    on conflict (key_hash) do update set
      failures = case when kept.last_failed_at < ${forgotten} then 1 else kept.failures + 1 end,
      last_failed_at = ${at},
      blocked_until = case when kept.last_failed_at < ${forgotten} or kept.failures + 1 < ${freeFailures}::int then ${at}::timestamptz
        else ${at}::timestamptz + make_interval(secs => least(900, power(2, least(kept.failures + 1 - ${freeFailures}::int, 12)))) end
    where kept.blocked_until <= ${at}
    returning failures`.execute(database.auth)
  if (counted.rows[0]) return counted.rows[0]
  const kept = people(database).selectFrom('signInFailures').select('blockedUntil').where('keyHash', '=', keyHash)
  return (await kept.executeTakeFirst()) ?? { failures: 0 }
}

/** Drops the failures of a key, or takes only the last one back and lifts the wait. */
export async function deleteFailures(database: Database, keyHash: string, howMany: 'all' | 'last'): Promise<void> {
  if (howMany === 'all') await people(database).deleteFrom('signInFailures').where('keyHash', '=', keyHash).execute()
  else
    await sql`update auth.sign_in_failures set failures = greatest(failures - 1, 0), blocked_until = last_failed_at where key_hash = ${keyHash}`.execute(
      database.auth,
    )
}
