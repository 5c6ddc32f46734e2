/** All SQL of connections and signing secrets. */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { Connection, EndpointSecret } from './connection.ts'

/** Which column holds which member; read and written by the same table. */
const columns = {
  id: 'id',
  operatorId: 'operator_id',
  mode: 'mode',
  kind: 'kind',
  state: 'state',
  isCharging: 'is_charging',
  accountId: 'stripe_account_id',
  sendsAccountHeader: 'sends_account_header',
  accountName: 'account_name',
  accountCountry: 'account_country',
  accountCurrency: 'account_currency',
  chargesEnabled: 'charges_enabled',
  payoutsEnabled: 'payouts_enabled',
  disabledReason: 'disabled_reason',
  publishableKey: 'publishable_key',
  isPublishableKeyProven: 'publishable_key_proven',
  keySealed: 'secret_key_sealed',
  keyKind: 'secret_key_kind',
  keyLast4: 'secret_key_last4',
  keyFingerprint: 'secret_key_fingerprint',
  keyChangedAt: 'secret_key_changed_at',
  probeSealed: 'probe_sealed',
  endpointToken: 'endpoint_token',
  stripeEndpointId: 'stripe_endpoint_id',
  isEndpointOurs: 'endpoint_created_by_us',
  endpointCheck: 'endpoint_check',
  webhookFirstVerifiedAt: 'webhook_first_verified_at',
  webhookLastVerifiedAt: 'webhook_last_verified_at',
  webhookLastRefusedAt: 'webhook_last_refused_at',
  writesFrozenReason: 'writes_frozen_reason',
  lastTestedAt: 'last_tested_at',
  revivedAt: 'revived_at',
  version: 'version',
  createdAt: 'created_at',
} as const satisfies Record<keyof Connection, string>

const connectionColumns = Object.entries(columns).map(([member, column]) => `${column} as ${member}`)

export type ConnectionChange = Partial<Omit<Connection, 'id' | 'operatorId' | 'mode' | 'version' | 'createdAt'>>

function asColumns(change: ConnectionChange): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(change).map(([member, value]) => {
      const column = columns[member as keyof ConnectionChange]
      return [column, member === 'endpointCheck' && value !== null ? JSON.stringify(value) : value]
    }),
  )
}

function ownerOf(rows: ScopedHandle) {
  return { operator_id: rows.scope.operatorId, mode: rows.scope.mode }
}

function connections(rows: ScopedHandle) {
  return rows
    .selectFrom('app.connections')
    .select(connectionColumns)
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .$castTo<Connection>()
}

export async function findConnection(rows: ScopedHandle, id: Uuid): Promise<Connection | undefined> {
  return connections(rows).where('id', '=', id).executeTakeFirst()
}

/** @throws when this operator and mode have no such connection. */
export async function getConnection(rows: ScopedHandle, id: Uuid): Promise<Connection> {
  return connections(rows).where('id', '=', id).executeTakeFirstOrThrow()
}

/** As `getConnection`, and holds it until the end of the transaction. */
export async function lockConnection(rows: ScopedHandle, id: Uuid): Promise<Connection> {
  return connections(rows).where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
}

/** The connection new money goes through. It may be `broken`: then charges wait and nothing fails (STR-28). */
export async function findChargingConnection(rows: ScopedHandle): Promise<Connection | undefined> {
  return connections(rows).where('is_charging', '=', true).executeTakeFirst()
}

/** The one with own keys that is not disconnected. */
export function findOwnKeysConnection(rows: ScopedHandle): Promise<Connection | undefined> {
  return findOfKind(rows, 'own_keys')
}

/** The one made with Connect that is not disconnected. */
export function findConnectConnection(rows: ScopedHandle): Promise<Connection | undefined> {
  return findOfKind(rows, 'connect')
}

/** One that drains counts only where no other has taken its place (STR-25). */
async function findOfKind(rows: ScopedHandle, kind: Connection['kind']): Promise<Connection | undefined> {
  return connections(rows)
    .where('kind', '=', kind)
    .where('state', '<>', 'disconnected')
    .orderBy(sql`state = 'disconnecting'`)
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

/** Every one that is not disconnected, the oldest first: two of a kind while one of them drains. */
export async function listConnections(rows: ScopedHandle): Promise<readonly Connection[]> {
  return connections(rows).where('state', '<>', 'disconnected').orderBy('id').execute()
}

/** The last account made with Connect that was disconnected; it comes back into this row (STR-38). */
export async function findFormerConnectConnection(rows: ScopedHandle): Promise<Connection | undefined> {
  return connections(rows)
    .where('kind', '=', 'connect')
    .where('state', '=', 'disconnected')
    .where('stripe_account_id', 'is not', null)
    .orderBy('updated_at', 'desc')
    .executeTakeFirst()
}

/** The last one of this account that drains, or whose keys are gone: its history is not (UI-132). */
export async function findFormerConnection(rows: ScopedHandle, accountId: string): Promise<Connection | undefined> {
  return connections(rows)
    .where('kind', '=', 'own_keys')
    .where('state', 'in', ['disconnecting', 'disconnected'])
    .where('stripe_account_id', '=', accountId)
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

export async function insertConnection(
  rows: ScopedHandle,
  { id, ...connection }: ConnectionChange & Pick<Connection, 'id' | 'kind' | 'state' | 'endpointToken'>,
): Promise<void> {
  const now = rows.clock.now()
  await rows
    .insertInto('app.connections')
    .values({ ...ownerOf(rows), id, created_at: now, updated_at: now, ...asColumns(connection) })
    .execute()
}

export async function updateConnection(rows: ScopedHandle, id: Uuid, change: ConnectionChange): Promise<void> {
  await rows
    .updateTable('app.connections')
    .set({ ...asColumns(change), version: sql`version + 1`, updated_at: rows.clock.now() })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

/**
 * Notes when a delivery was verified or refused; at most once a second, since deliveries come in bursts.
 * @returns whether it was noted.
 */
export async function touchDelivery(
  rows: ScopedHandle,
  id: Uuid,
  { outcome, at }: { outcome: 'verified' | 'refused'; at: Date },
): Promise<boolean> {
  const column = outcome === 'verified' ? columns.webhookLastVerifiedAt : columns.webhookLastRefusedAt
  const aSecondBefore = new Date(at.getTime() - 1_000)
  const { numUpdatedRows } = await rows
    .updateTable('app.connections')
    .set({ [column]: at })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .where((where) => where.or([where(column, 'is', null), where(column, '<', aSecondBefore)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** @returns true for the very first one, whichever of several deliveries at once that is. */
export async function setFirstVerified(rows: ScopedHandle, id: Uuid, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await rows
    .updateTable('app.connections')
    .set({ webhook_first_verified_at: at })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .where('webhook_first_verified_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const secretColumns = [
  'id',
  'connection_id as connectionId',
  'sealed',
  'fingerprint',
  'last4',
  'source',
  'not_before as notBefore',
  'not_after as notAfter',
  'created_by as createdBy',
  'last_matched_at as lastMatchedAt',
]

export type SealedEndpointSecret = EndpointSecret & { readonly sealed: string }

/** The signing secrets of a connection, newest first; wiped ones are left out, expired ones are not. */
export async function listEndpointSecrets(
  rows: ScopedHandle,
  connectionId: Uuid,
): Promise<readonly SealedEndpointSecret[]> {
  return rows
    .selectFrom('app.endpoint_secrets')
    .select(secretColumns)
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .where('sealed', 'is not', null)
    .orderBy('id', 'desc')
    .$castTo<SealedEndpointSecret>()
    .execute()
}

export async function insertEndpointSecret(
  rows: ScopedHandle,
  secret: Omit<SealedEndpointSecret, 'notBefore' | 'notAfter' | 'lastMatchedAt'>,
): Promise<void> {
  const { connectionId, createdBy, ...same } = secret
  await rows
    .insertInto('app.endpoint_secrets')
    .values({
      ...ownerOf(rows),
      ...same,
      connection_id: connectionId,
      created_by: createdBy,
      not_before: rows.clock.now(),
    })
    .execute()
}

export async function updateEndpointSecret(
  rows: ScopedHandle,
  id: Uuid,
  change: { readonly not_after?: Date | null; readonly last_matched_at?: Date; readonly sealed?: null },
): Promise<void> {
  await rows
    .updateTable('app.endpoint_secrets')
    .set(change)
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}
