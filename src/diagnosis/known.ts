/**
 * What is known here without asking Stripe: everything the watched checks judge, read in one transaction. What surprises: an operator may
 * have keys of its own, an account made with Connect, both or neither, and each part is judged in its own right; what is not there is
 * undefined, and its checks do not apply.
 */
import {
  findOwnKeysConnection,
  isRefusingDeliveries,
  isValidAt,
  listEndpointSecrets,
  type Connection,
} from '#connections'
import { readHealth, type EndpointHealth } from '#endpoints'
import { listOpenInstallationTroubles, readWatch, type InstallationTrouble } from '#installation'
import { readAccountView, type AccountView } from '#onboarding'
import type { ScopedHandle } from '#platform'
import type { Ask } from './ask.ts'
import {
  findAsk,
  findNewestSettled,
  readOpenMoney,
  readPolled,
  type MoneySeen,
  type OpenMoney,
  type Polled,
  type Settled,
} from './store.ts'

/** A delivery this long after a payment is about something else and later. */
const graceMs = 2 * 60_000
const stragglerMs = 10_000

/** What every judge is given. */
export type Known = {
  readonly now: Date
  /** Payments and refunds of all connections, also of those that are gone. */
  readonly money: MoneySeen
  readonly own: OwnKnown | undefined
  readonly connect: ConnectKnown | undefined
}

/** Of the connection with own keys. */
export type OwnKnown = {
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
  readonly newest: Settled | undefined
  readonly polled: Polled
}

/** Of the account made with Connect. */
export type ConnectKnown = {
  readonly now: Date
  readonly connection: Connection
  readonly account: NonNullable<AccountView['account']>
  readonly demands: AccountView['demands']
  readonly money: MoneySeen
  readonly newest: Settled | undefined
  /** What is wrong with the endpoint that serves every connected account. */
  readonly serving: readonly InstallationTrouble[]
  /** When a delivery for a connected account, anybody's, was last verified. */
  readonly verifiedAt: Date | null
}

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

/** When Stripe last told how the endpoint stands. */
export function checkedAtOf({ connection }: OwnKnown): Date | undefined {
  return connection.endpointCheck ? new Date(connection.endpointCheck.checkedAt) : undefined
}

/**
 * Since when a payment has been finished at Stripe whose event is not here. What is older than the secret could not have been delivered
 * with it, and a delivery well after it proves the road.
 */
export function undeliveredSince({ newest, connection, secretSince }: OwnKnown): Date | undefined {
  if (!newest || newest.hasEvent || !secretSince || newest.createdAt < secretSince) return undefined
  const { webhookLastVerifiedAt: verifiedAt } = connection
  const provenAt = verifiedAt && verifiedAt.getTime() - newest.settledAt.getTime() >= graceMs
  return provenAt ? undefined : newest.settledAt
}

/** The same for the endpoint that serves every connected account. */
export function unseenSince({ newest, verifiedAt }: ConnectKnown): Date | undefined {
  if (!newest || newest.hasEvent) return undefined
  return verifiedAt && verifiedAt.getTime() - newest.settledAt.getTime() >= graceMs ? undefined : newest.settledAt
}
