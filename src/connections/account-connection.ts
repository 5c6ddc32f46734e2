/**
 * The connection of an account made with Connect (STR-13): its row comes first, so that two tabs have one, and the account is written into
 * it when Stripe has answered. It charges from the first moment Stripe lets it, where nothing else does; later only a person chooses
 * (STR-14).
 */
import type { AccountId, Uuid } from '#kernel'
import { newId, newToken, recordFact, type ScopedHandle } from '#platform'
import type { Connection } from './connection.ts'
import { addRoute, lockRoutes, removeRoutes } from './routing-store.ts'
import {
  findChargingConnection,
  findConnectConnection,
  getConnection,
  insertConnection,
  lockConnection,
  updateConnection,
} from './store.ts'

/** The present one, or a fresh row without an account, beside one that drains. Of several at once all get the same. */
export async function ensureConnectConnection(
  rows: ScopedHandle,
): Promise<{ readonly connection: Connection; readonly isFresh: boolean }> {
  await lockRoutes(rows)
  const present = await findConnectConnection(rows)
  if (present && present.state !== 'disconnecting') return { connection: present, isFresh: false }
  const id = newId(rows.clock)
  await insertConnection(rows, { id, kind: 'connect', state: 'unverified', endpointToken: newToken() })
  return { connection: await getConnection(rows, id), isFresh: true }
}

export type AccountStanding = {
  readonly id: AccountId
  readonly name: string
  readonly country: string
  readonly currency: string
  readonly chargesEnabled: boolean
  readonly payoutsEnabled: boolean
  readonly disabledReason: string | null
  /** Judged by whoever read it: whether money may be taken (STR-34). */
  readonly isActive: boolean
}

/** The account as Stripe has it now. A disconnected connection takes nothing in, unless it is told to come back (STR-35). */
export async function keepAccountStanding(
  rows: ScopedHandle,
  connectionId: Uuid,
  { standing, isReturning = false }: { readonly standing: AccountStanding; readonly isReturning?: boolean },
): Promise<void> {
  const before = await lockConnection(rows, connectionId)
  if (before.state === 'disconnected' && !isReturning) return
  if (before.accountId !== null && before.accountId !== standing.id)
    throw new Error(`connection ${connectionId} is joined to ${before.accountId}, not to ${standing.id}`)
  const { id, isActive, name, country, currency, ...same } = standing
  const isCharging = before.isCharging || (isActive && !(await findChargingConnection(rows)))
  const isLeaving = before.state === 'disconnecting' && !isReturning
  const isBeginning = isCharging && !before.isCharging && !isLeaving
  await updateConnection(rows, connectionId, {
    ...same,
    accountId: id,
    accountName: name,
    accountCountry: country,
    accountCurrency: currency,
    sendsAccountHeader: true,
    isPublishableKeyProven: true,
    isCharging: isCharging && !isLeaving,
    state: isLeaving ? 'disconnecting' : 'connected',
    ...(before.state === 'disconnected' && { revivedAt: rows.clock.now() }),
  })
  if (isBeginning) await recordFact(rows, { name: 'connection.charging_changed', ids: { connection: connectionId } })
  if (before.accountId !== null && before.state !== 'disconnected') return
  await addRoute(rows, { kind: 'account', key: id, connectionId })
  const fact = before.state === 'disconnected' ? 'connection.revived' : 'connection.verified'
  await recordFact(rows, { name: fact, ids: { connection: connectionId } })
}

/** The account has left the platform, or never came to be: nothing is sent for it any more (STR-27, STR-38). Its history stays. */
export async function closeConnectConnection(rows: ScopedHandle, connectionId: Uuid, actor: string): Promise<boolean> {
  const before = await lockConnection(rows, connectionId)
  if (before.kind !== 'connect' || before.state === 'disconnected') return false
  await updateConnection(rows, connectionId, {
    state: 'disconnected',
    isCharging: false,
    chargesEnabled: false,
    payoutsEnabled: false,
  })
  await removeRoutes(rows, connectionId)
  await recordFact(rows, { name: 'connection.disconnected', ids: { connection: connectionId }, actor })
  return true
}

/** New money goes through this one from now on; what is under way ends where it began (STR-14). */
export async function setChargingConnection(rows: ScopedHandle, connectionId: Uuid, actor: string): Promise<void> {
  await lockRoutes(rows)
  const present = await findChargingConnection(rows)
  if (present?.id === connectionId) return
  if (present) await updateConnection(rows, present.id, { isCharging: false })
  await updateConnection(rows, connectionId, { isCharging: true })
  await recordFact(rows, { name: 'connection.charging_changed', ids: { connection: connectionId }, actor })
}
