/**
 * The noun: what is known of an operator without asking Stripe, which the watched checks judge. What surprises: an operator may have keys of its
 * own, an account made with Connect, both or neither, and each part is judged in its own right; what is not there is undefined, and its
 * checks do not apply.
 */
import type { Connection } from '#connections'
import type { EndpointHealth } from '#endpoints'
import type { InstallationTrouble } from '#installation'
import type { AccountView } from '#onboarding'

/** A delivery this long after a payment is about something else and later. */
const graceMs = 2 * 60_000

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

export type MoneySeen = {
  readonly open: number
  readonly oldestOpenAt: Date | null
  /** Where the oldest of them is shown. */
  readonly oldestInvoiceId: string | null
  readonly processing: number
  readonly processingSince: Date | null
  /** The newest that has not reached Stripe for a quarter of a minute. */
  readonly unsentSince: Date | null
  readonly unknown: number
}

export type OpenMoney = { readonly all: MoneySeen; readonly of: (connectionId: string) => MoneySeen }

export type Settled = {
  readonly settledAt: Date
  readonly createdAt: Date
  readonly invoiceId: string | null
  /** Whether Stripe's event about its success is here, by delivery or fetched since. */
  readonly hasEvent: boolean
}

export type Polled = { readonly missedCount: number; readonly missedSince: Date | null; readonly problem: string }

/** What Stripe answered when the checks were last run, kept so that nobody has to ask again. It holds no secret. */
export type AskedRow = {
  readonly row: string
  readonly state: string
  readonly text: string
  readonly durationMs?: number
}

export type Ask = {
  readonly askedAt: Date
  /** When the test last passed. */
  readonly passedAt: Date | undefined
  readonly keyFingerprint: string
  readonly title: string
  readonly rows: readonly AskedRow[]
  /** An endpoint that is ours by its mark or its address's end, and points elsewhere. */
  readonly misplaced: { readonly id: string; readonly url: string } | undefined
  /** Finished at Stripe for two minutes and more, and open here; undefined when it could not be asked. */
  readonly moved: { readonly payments: number; readonly invoiceId: string | undefined } | undefined
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
