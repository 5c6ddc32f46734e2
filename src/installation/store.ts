/** All SQL of the installation: its webhook endpoints, what is watched of them, and its troubles. The tables are global (ARC-34). */
import type { Mode, Scope, Uuid } from '#kernel'
import { newId, withoutScope, type Database, type GlobalHandle, type ScopedHandle } from '#platform'
import type { EndpointId } from '#stripe'
import { sql } from 'kysely'
import type { EndpointLook, InstallationEndpointRow, InstallationWatch } from './installation.ts'

const endpointColumns = [
  'endpoint.id',
  'endpoint.mode',
  'endpoint.kind',
  'endpoint.url',
  'endpoint.stripe_endpoint_id as stripeEndpointId',
  'secret.sealed',
  'endpoint.fingerprint',
  'endpoint.last4',
  'endpoint.not_after as notAfter',
  'endpoint.replaces',
  'endpoint.took_over_at as tookOverAt',
  'endpoint.last_verified_at as lastVerifiedAt',
  'endpoint.seen',
  'endpoint.problem',
  'endpoint.created_at as createdAt',
] as const

/** By which its secret is found among those of the installation, where changing the master key reaches it. */
export function secretNameOf(id: Uuid): string {
  return `endpoint ${id}`
}

function endpoints(rows: GlobalHandle) {
  return rows
    .selectFrom('app.installation_endpoints as endpoint')
    .leftJoin('app.installation_secrets as secret', (join) =>
      join.on(sql<boolean>`secret.name = 'endpoint ' || endpoint.id::text`),
    )
    .select([...endpointColumns])
    .orderBy('endpoint.id')
    .$castTo<InstallationEndpointRow>()
}

/** Those that take part now. */
export function listInstallationRows(database: Database): Promise<readonly InstallationEndpointRow[]> {
  const now = database.clock.now()
  return withoutScope(database, (rows) =>
    endpoints(rows)
      .where((where) => where.or([where('endpoint.not_after', 'is', null), where('endpoint.not_after', '>', now)]))
      .execute(),
  )
}

/** Those whose time is over, or will be in a moment, and that still stand at Stripe. */
export function listOutgoingRows(database: Database, before: Date): Promise<readonly InstallationEndpointRow[]> {
  return withoutScope(database, (rows) =>
    endpoints(rows)
      .where('endpoint.not_after', '<', before)
      .where('endpoint.retired_at', 'is', null)
      .where('endpoint.stripe_endpoint_id', 'is not', null)
      .execute(),
  )
}

type NewRow = Pick<InstallationEndpointRow, 'id' | 'mode' | 'kind' | 'url'> & {
  readonly replaces?: Uuid
  readonly notAfter?: Date
}

/** Of several processes at once one writes it, and all go on with what stands then. Nothing succeeds what has been succeeded meanwhile. */
export async function insertInstallationRow(database: Database, { notAfter, ...row }: NewRow): Promise<void> {
  await withoutScope(database, async (rows) => {
    if (row.replaces !== undefined && !(await lockPresent(rows, row.replaces))) return
    await rows
      .insertInto('app.installation_endpoints')
      .values({ ...row, ...(notAfter && { not_after: notAfter }), created_at: database.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}

async function lockPresent(rows: GlobalHandle, id: Uuid): Promise<boolean> {
  const present = rows.selectFrom('app.installation_endpoints').select('id').where('id', '=', id)
  return (await present.where('not_after', 'is', null).forUpdate().executeTakeFirst()) !== undefined
}

export async function updateInstallationRow(
  database: Database,
  id: Uuid,
  change: {
    readonly stripe_endpoint_id?: EndpointId
    readonly fingerprint?: string
    readonly last4?: string
    readonly not_after?: Date
    readonly retired_at?: Date
    readonly last_verified_at?: Date
    readonly seen?: EndpointLook
    readonly problem?: string
  },
): Promise<void> {
  const { seen, ...same } = change
  await withoutScope(database, (rows) =>
    rows
      .updateTable('app.installation_endpoints')
      .set({ ...same, ...(seen && { seen: JSON.stringify(seen) }) })
      .where('id', '=', id)
      .execute(),
  )
}

/** From now on the successor is the present one, and the other's secret works until its end. @returns false when it was done already. */
export async function takeOver(
  database: Database,
  { id, replaced, oldEndsAt }: { readonly id: Uuid; readonly replaced: Uuid; readonly oldEndsAt: Date },
): Promise<boolean> {
  const at = database.clock.now()
  return withoutScope(database, async (rows) => {
    await rows
      .updateTable('app.installation_endpoints')
      .set({ not_after: oldEndsAt })
      .where('id', '=', replaced)
      .where('not_after', 'is', null)
      .execute()
    const { numUpdatedRows } = await rows
      .updateTable('app.installation_endpoints')
      .set({ not_after: null, took_over_at: at })
      .where('id', '=', id)
      .where('took_over_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  })
}

export async function keepEndpointSecret(database: Database, id: Uuid, sealed: string): Promise<void> {
  await withoutScope(database, (rows) =>
    rows
      .insertInto('app.installation_secrets')
      .values({ name: secretNameOf(id), sealed })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ sealed }))
      .execute(),
  )
}

const watchColumns = {
  mode: 'mode',
  refusedAt: 'refused_at',
  verifiedAt: 'verified_at',
  askedAt: 'asked_at',
  suspectOperator: 'suspect_operator',
  suspectConnection: 'suspect_connection',
  suspectedAt: 'suspected_at',
  unseenSince: 'unseen_since',
  unseenAccount: 'unseen_account',
  endpointCount: 'endpoint_count',
  keyProblem: 'key_problem',
} as const satisfies Record<keyof InstallationWatch, string>

export function readWatch(rows: GlobalHandle, mode: Mode): Promise<InstallationWatch> {
  return rows
    .selectFrom('app.installation_watches')
    .select(Object.entries(watchColumns).map(([member, column]) => `${column} as ${member}`))
    .where('mode', '=', mode)
    .$castTo<InstallationWatch>()
    .executeTakeFirstOrThrow()
}

export type WatchChange = Partial<Omit<InstallationWatch, 'mode'>>

/** @param mode both when not given. */
export async function updateWatch(rows: GlobalHandle, change: WatchChange, mode?: Mode): Promise<void> {
  const set = Object.entries(change).map(([member, value]) => [watchColumns[member as keyof WatchChange], value])
  await rows
    .updateTable('app.installation_watches')
    .set(Object.fromEntries(set))
    .$if(mode !== undefined, (query) => query.where('mode', '=', mode ?? ''))
    .execute()
}

/** Of several processes one asks. @returns whether it is this one. */
export async function claimAsk(rows: GlobalHandle, { mode, askedAt }: InstallationWatch, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await rows
    .updateTable('app.installation_watches')
    .set({ asked_at: now })
    .where('mode', '=', mode)
    .where(sql<boolean>`asked_at is not distinct from ${askedAt}::timestamptz`)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** A payment of this connection was finished at Stripe and no delivery told of it. */
export function writeSuspicion(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  const { operatorId, mode }: Scope = rows.scope
  const suspicion = { suspectOperator: operatorId, suspectConnection: connectionId, suspectedAt: rows.clock.now() }
  return updateWatch(rows, suspicion, mode)
}

/** Whether a delivery brought this event; one that polling found does not count. */
export async function wasDelivered(
  rows: GlobalHandle,
  event: { readonly account: string; readonly mode: Mode; readonly eventId: string },
): Promise<boolean> {
  const found = await rows
    .selectFrom('app.inbox_events')
    .select('id')
    .where('source_account', '=', event.account)
    .where('mode', '=', event.mode)
    .where('event_id', '=', event.eventId)
    .where((where) => where.or([where('via', '<>', 'poll'), where('deliveries', '>', 1)]))
    .executeTakeFirst()
  return found !== undefined
}

export const installationTroubles = ['connect_secret', 'endpoints', 'platform_key'] as const
export type InstallationTroubleCode = (typeof installationTroubles)[number]

export type InstallationTrouble = {
  readonly id: Uuid
  readonly mode: Mode
  readonly code: InstallationTroubleCode
  readonly cause: string
  readonly text: string
  readonly openedAt: Date
  readonly toldAt: Date | null
  readonly closedAt: Date | null
}

/** Those that are open in this mode; any handle may read them. */
export function listOpenInstallationTroubles(rows: GlobalHandle, mode: Mode): Promise<readonly InstallationTrouble[]> {
  return rows
    .selectFrom('app.installation_troubles')
    .select([
      'id',
      'mode',
      'code',
      'cause',
      'text',
      'opened_at as openedAt',
      'told_at as toldAt',
      'closed_at as closedAt',
    ])
    .where('mode', '=', mode)
    .where('closed_at', 'is', null)
    .orderBy('id')
    .$castTo<InstallationTrouble>()
    .execute()
}

/** Two at once open one. */
export async function insertInstallationTrouble(
  database: Database,
  trouble: Pick<InstallationTrouble, 'mode' | 'code' | 'cause' | 'text'>,
): Promise<void> {
  const opened = { id: newId(database.clock), opened_at: database.clock.now() }
  await withoutScope(database, (rows) =>
    rows
      .insertInto('app.installation_troubles')
      .values({ ...trouble, ...opened })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  )
}

export async function closeInstallationTrouble(database: Database, id: Uuid): Promise<void> {
  await withoutScope(database, (rows) =>
    rows
      .updateTable('app.installation_troubles')
      .set({ closed_at: database.clock.now() })
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .execute(),
  )
}

/** Marks it as told, or takes the mark back. @returns whether this changed anything. */
export async function markTold(database: Database, id: Uuid, isTold: boolean): Promise<boolean> {
  const { numUpdatedRows } = await withoutScope(database, (rows) =>
    rows
      .updateTable('app.installation_troubles')
      .set({ told_at: isTold ? database.clock.now() : null })
      .where('id', '=', id)
      .where('told_at', isTold ? 'is' : 'is not', null)
      .executeTakeFirst(),
  )
  return numUpdatedRows === 1n
}
