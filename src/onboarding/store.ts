/** All SQL of onboarding: accounts as last seen, links that were made, and our own links back. */
import type { Scope, Uuid } from '#kernel'
import { tokenHash, withoutScope, type Database, type ScopedHandle } from '#platform'
import type { ConnectAccount } from './onboarding.ts'

const columns = {
  connectionId: 'connection_id',
  api: 'api',
  country: 'country',
  currency: 'currency',
  businessType: 'business_type',
  email: 'email',
  website: 'website',
  seen: 'seen',
  statusDetail: 'status_detail',
  wasActive: 'was_active',
  fetchedAt: 'fetched_at',
  dirtyAt: 'dirty_at',
  askedAt: 'asked_at',
  returnedAt: 'returned_at',
  demandSet: 'demand_set',
  demandedSince: 'demanded_since',
  createdAt: 'created_at',
} as const satisfies Record<keyof ConnectAccount, string>

function accounts(rows: ScopedHandle) {
  return rows
    .selectFrom('app.connect_accounts')
    .select(Object.entries(columns).map(([member, column]) => `${column} as ${member}`))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .$castTo<ConnectAccount>()
}

export function findAccount(rows: ScopedHandle, connectionId: Uuid): Promise<ConnectAccount | undefined> {
  return accounts(rows).where('connection_id', '=', connectionId).executeTakeFirst()
}

/** Held until the end of the transaction. */
export function lockAccount(rows: ScopedHandle, connectionId: Uuid): Promise<ConnectAccount | undefined> {
  return accounts(rows).where('connection_id', '=', connectionId).forUpdate().executeTakeFirst()
}

export async function insertAccount(
  rows: ScopedHandle,
  account: Pick<ConnectAccount, 'connectionId' | 'country' | 'currency' | 'businessType' | 'email' | 'website'>,
): Promise<void> {
  await rows
    .insertInto('app.connect_accounts')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      connection_id: account.connectionId,
      country: account.country,
      currency: account.currency,
      business_type: account.businessType,
      email: account.email,
      website: account.website,
      status_detail: 'not_connected',
      created_at: rows.clock.now(),
    })
    .execute()
}

export type AccountChange = Partial<
  Omit<ConnectAccount, 'connectionId' | 'country' | 'currency' | 'businessType' | 'email' | 'website' | 'createdAt'>
>

export async function updateAccount(rows: ScopedHandle, connectionId: Uuid, change: AccountChange): Promise<void> {
  const set = Object.entries(change).map(([member, value]) => [
    columns[member as keyof AccountChange],
    member === 'seen' && value !== null ? JSON.stringify(value) : value,
  ])
  await rows
    .updateTable('app.connect_accounts')
    .set(Object.fromEntries(set))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .execute()
}

/** By a click in the console, by Stripe's own way back, or by our link. */
export type MintWay = 'click' | 'refresh' | 'resume'

export async function insertMint(
  rows: ScopedHandle,
  mint: { readonly id: Uuid; readonly connectionId: Uuid; readonly way: MintWay },
): Promise<void> {
  await rows
    .insertInto('app.connect_mints')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: mint.id,
      connection_id: mint.connectionId,
      way: mint.way,
      made_at: rows.clock.now(),
    })
    .execute()
}

export async function countMints(
  rows: ScopedHandle,
  counted: { readonly connectionId: Uuid; readonly ways: readonly MintWay[]; readonly since: Date },
): Promise<number> {
  const { count } = await rows
    .selectFrom('app.connect_mints')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', counted.connectionId)
    .where('way', 'in', counted.ways)
    .where('made_at', '>', counted.since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export type ResumeLink = {
  readonly id: Uuid
  readonly connectionId: Uuid
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
}

function resumeLinks(rows: ScopedHandle) {
  return rows
    .selectFrom('app.resume_links')
    .select([
      'id',
      'connection_id as connectionId',
      'created_by as createdBy',
      'created_at as createdAt',
      'expires_at as expiresAt',
      'revoked_at as revokedAt',
    ])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .$castTo<ResumeLink>()
}

export function findResumeLink(rows: ScopedHandle, id: Uuid): Promise<ResumeLink | undefined> {
  return resumeLinks(rows).where('id', '=', id).executeTakeFirst()
}

/** Those that work now. */
export function listResumeLinks(rows: ScopedHandle, connectionId: Uuid): Promise<readonly ResumeLink[]> {
  return resumeLinks(rows)
    .where('connection_id', '=', connectionId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', rows.clock.now())
    .orderBy('id')
    .execute()
}

export async function insertResumeLink(
  rows: ScopedHandle,
  link: Pick<ResumeLink, 'id' | 'connectionId' | 'createdBy' | 'expiresAt'> & { readonly token: string },
): Promise<void> {
  const { operatorId, mode } = rows.scope
  const now = rows.clock.now()
  const hash = tokenHash(link.token)
  await rows
    .insertInto('app.resume_links')
    .values({
      operator_id: operatorId,
      mode,
      id: link.id,
      connection_id: link.connectionId,
      token_hash: hash,
      created_by: link.createdBy,
      created_at: now,
      expires_at: link.expiresAt,
    })
    .execute()
  await rows
    .insertInto('app.routing_keys')
    .values({ kind: 'link', mode, key_hash: hash, operator_id: operatorId, target_id: link.id, created_at: now })
    .execute()
}

export async function revokeResumeLinksOf(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  await rows
    .updateTable('app.resume_links')
    .set({ revoked_at: rows.clock.now() })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .where('revoked_at', 'is', null)
    .execute()
}

/** The operator a link belongs to, found from its hash before any scope exists (TRU-55). */
export async function findLinkScope(
  database: Database,
  token: string,
): Promise<{ readonly scope: Scope; readonly linkId: Uuid } | undefined> {
  const row = await withoutScope(database, (rows) =>
    rows
      .selectFrom('app.routing_keys')
      .select(['operator_id', 'mode', 'target_id'])
      .where('kind', '=', 'link')
      .where('key_hash', '=', tokenHash(token))
      .executeTakeFirst(),
  )
  return row && { scope: { operatorId: row['operator_id'], mode: row['mode'] }, linkId: row['target_id'] }
}
