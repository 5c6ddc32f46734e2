/** Reads everything the watched checks judge, in one transaction. */
import {
  findOwnKeysConnection,
  isRefusingDeliveries,
  isValidAt,
  listEndpointSecrets,
  type Connection,
} from '#connections'
import { readHealth } from '#endpoints'
import { listOpenInstallationTroubles, readWatch } from '#installation'
import { readAccountView } from '#onboarding'
import type { ScopedHandle } from '#platform'
import type { ConnectKnown, Known, OpenMoney, OwnKnown } from './known.ts'
import { findAsk, findNewestSettled, readOpenMoney, readPolled } from './store.ts'

const stragglerMs = 10_000

export async function readKnown(rows: ScopedHandle): Promise<Known> {
  const money = await readOpenMoney(rows)
  return {
    now: rows.clock.now(),
    money: money.all,
    own: await readOwn(rows, money),
    connect: await readConnect(rows, money),
  }
}

/** Undefined without own keys in this mode. */
async function readOwn(rows: ScopedHandle, money: OpenMoney): Promise<OwnKnown | undefined> {
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
    money: money.of(connection.id),
    newest: await findNewestSettled(rows, connection.id),
    polled: await readPolled(rows, connection.id),
  }
}

/** Undefined without an account made with Connect, and while one is on its way out. */
async function readConnect(rows: ScopedHandle, money: OpenMoney): Promise<ConnectKnown | undefined> {
  const { connection, account, demands } = await readAccountView(rows)
  if (!connection || !account || connection.state === 'disconnected' || connection.state === 'disconnecting')
    return undefined
  return {
    now: rows.clock.now(),
    connection,
    account,
    demands,
    money: money.of(connection.id),
    newest: await findNewestSettled(rows, connection.id),
    serving: await listOpenInstallationTroubles(rows, connection.mode),
    verifiedAt: (await readWatch(rows, connection.mode)).verifiedAt,
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
