/** The noun: money on its way to the operator's bank, as Stripe told of it last, and what was done about one that failed. */
import type { LocalDate, PayoutId, Uuid } from '#kernel'
import type { Database, Logs, SecretBox } from '#platform'
import type { StripeGateway } from '#stripe'
import type { PayoutState } from './payout-state.ts'

export type Payout = {
  readonly id: Uuid
  readonly connectionId: Uuid
  readonly stripePayoutId: PayoutId
  readonly state: PayoutState
  /** Stripe's own word for the state. */
  readonly statusWord: string
  /** Minor units; negative where Stripe debits the bank. */
  readonly amountMinor: bigint
  readonly currency: string
  readonly isAutomatic: boolean
  readonly method: string
  readonly statementDescriptor: string
  readonly arrivalOn: LocalDate
  /** What stands of the bank in the payout; empty where the key may not see it. */
  readonly bankId: string
  readonly bankName: string
  readonly bankCountry: string
  readonly bankLast4: string
  readonly traceId: string
  readonly failureCode: string
  readonly failureMessage: string
  readonly createdAt: Date
  readonly inTransitAt?: Date
  readonly paidAt?: Date
  readonly failedAt?: Date
  readonly canceledAt?: Date
  /** Since when a failed one is no trouble any more. */
  readonly clearedAt?: Date
  readonly clearedBy?: 'later_payout' | 'bank_replaced' | 'long_ago'
  /** When a failed one is looked after next. */
  readonly checkAt?: Date
  readonly retries: number
  /** Stripe's code of why the last retry was refused. */
  readonly retryProblem: string
  /** The failed payout whose money this one carries again; always the first of a chain. */
  readonly retryOf?: Uuid
  readonly seenAt: Date
}

/** What the work on payouts is given by the wiring. */
export type PayoutWork = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  readonly logs: Logs
}

/** What a fact about a payout names. */
export function payoutIds({ id, connectionId }: Pick<Payout, 'id' | 'connectionId'>): Record<string, string> {
  return { payout: id, connection: connectionId }
}

/** Stored before the call; `po_` says which payout, the number which try (STR-107). */
export function retryKey(payout: Pick<Payout, 'stripePayoutId'>, number: number): string {
  return `payout-retry:${payout.stripePayoutId}:${number}`
}

/** A failed payout nobody has seen to yet. */
export function isTroubled({ state, clearedAt }: Pick<Payout, 'state' | 'clearedAt'>): boolean {
  return state === 'failed' && clearedAt === undefined
}
