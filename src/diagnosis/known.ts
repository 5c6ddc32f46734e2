/** What is known here without asking Stripe: everything the cheap checks judge, read in one transaction. */
import {
  findOwnKeysConnection,
  isRefusingDeliveries,
  isValidAt,
  listEndpointSecrets,
  type Connection,
} from '#connections'
import { readHealth, type EndpointHealth } from '#endpoints'
import type { ScopedHandle } from '#platform'
import type { Ask } from './ask.ts'
import { findAsk, findNewestSettled, readOpenMoney, readPolled, type MoneySeen, type Polled } from './store.ts'

/** A delivery this long after a payment is about something else and later. */
const graceMs = 2 * 60_000
const stragglerMs = 10_000

export type Known = {
  readonly now: Date
  readonly connection: Connection
  readonly health: EndpointHealth
  /** Since the newest secret, what came last matched none of the secrets; however long ago. */
  readonly isRefusing: boolean
  /** The newest secret that is valid now. */
  readonly secretSince: Date | undefined
  /** Of the present key; what an older key was told counts no more. */
  readonly ask: Ask | undefined
  readonly money: MoneySeen
  readonly newest: Awaited<ReturnType<typeof findNewestSettled>>
  readonly polled: Polled
}

/** Undefined without own keys in this mode: then there is nothing to check. */
export async function readKnown(rows: ScopedHandle): Promise<Known | undefined> {
  const connection = await findOwnKeysConnection(rows)
  if (!connection || connection.keySealed === null || connection.state === 'disconnecting') return undefined
  const now = rows.clock.now()
  const secrets = await listEndpointSecrets(rows, connection.id)
  const secretSince = secrets.find((secret) => isValidAt(secret, now))?.notBefore
  const ask = await findAsk(rows, connection.id)
  return {
    now,
    connection,
    health: await readHealth(rows, connection),
    isRefusing: isRefusingDeliveries(connection, secrets, now) && !isStraggler(connection, secretSince),
    secretSince,
    ask: ask?.keyFingerprint === connection.keyFingerprint ? ask : undefined,
    money: await readOpenMoney(rows),
    newest: await findNewestSettled(rows),
    polled: await readPolled(rows, connection.id),
  }
}

/**
 * Whether the last refusal says nothing: deliveries of a short while are counted together, so one may be as old as the last verified one;
 * and what was on its way when the secret was replaced may still come.
 */
function isStraggler(connection: Connection, secretSince: Date | undefined): boolean {
  const [refusedAt, verifiedAt] = [
    connection.webhookLastRefusedAt?.getTime(),
    connection.webhookLastVerifiedAt?.getTime(),
  ]
  if (refusedAt === undefined) return true
  return refusedAt === verifiedAt || (secretSince !== undefined && refusedAt - secretSince.getTime() < stragglerMs)
}

/** When Stripe last told how the endpoint stands. */
export function checkedAtOf({ connection }: Known): Date | undefined {
  return connection.endpointCheck ? new Date(connection.endpointCheck.checkedAt) : undefined
}

/**
 * Since when a payment has been finished at Stripe whose event is not here. What is older than the secret could not have been delivered
 * with it, and a delivery well after it proves the road.
 */
export function undeliveredSince({ newest, connection, secretSince }: Known): Date | undefined {
  if (!newest || newest.hasEvent || !secretSince || newest.createdAt < secretSince) return undefined
  const { webhookLastVerifiedAt: verifiedAt } = connection
  const provenAt = verifiedAt && verifiedAt.getTime() - newest.settledAt.getTime() >= graceMs
  return provenAt ? undefined : newest.settledAt
}
