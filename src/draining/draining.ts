/**
 * The noun: one connection on its way out (STR-26). What surprises: it is over only when nothing that Stripe may still report about is
 * left, because after that neither key nor endpoint is there to hear of it; a bank debit takes days.
 */
import type { ConnectionGround } from '#connections'
import type { Uuid } from '#kernel'
import type { MoneyGround } from '#payments'

export type DrainingGround = ConnectionGround & MoneyGround

/** After this it ends, whatever is left. */
export const longestMs = 120 * 86_400_000

/** `left`: the account left the platform by itself; `resumed`: the same account was connected again. */
export type Ending = 'drained' | 'finished_early' | 'time_over' | 'resumed' | 'left'

export type Draining = {
  readonly id: Uuid
  readonly connectionId: Uuid
  readonly begunBy: string
  readonly begunAt: Date
  readonly endsAt: Date
  readonly finishAskedAt: Date | undefined
  /** Set before endpoint and secrets go: from here on it is only carried to its end. */
  readonly closingAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly outcome: Ending | undefined
  /** What had not ended when the secrets went: to be looked up in Stripe. */
  readonly leftOver: readonly Item[]
}

/** What a disconnection touches, by kind; the first five are what keeps it from ending. Payouts do not: Stripe makes them by itself. */
export const groupKinds = [
  'payments',
  'debits',
  'refunds_pending',
  'refunds_waiting',
  'setups',
  'payouts',
  'leases',
  'invoices_due',
  'bookings',
  'saved_methods',
] as const
export type GroupKind = (typeof groupKinds)[number]

/** One line of a list: what it is called, and what can be opened or looked up. Amounts are minor units as text, as they are kept. */
export type Item = {
  readonly label: string
  readonly state?: string
  readonly amountMinor?: string
  readonly currency?: string
  readonly invoiceId?: Uuid
  readonly leaseId?: Uuid
  readonly renterId?: Uuid
  readonly payoutId?: Uuid
  readonly stripeId?: string
}

export type Group = {
  readonly kind: GroupKind
  readonly count: number
  readonly sums: readonly { readonly amountMinor: bigint; readonly currency: string }[]
  /** The first of them. */
  readonly items: readonly Item[]
}

export function groupOf(kind: GroupKind, all: readonly Item[]): Group {
  const byCurrency = Map.groupBy(
    all.filter(({ amountMinor }) => amountMinor !== undefined),
    ({ currency = '' }) => currency,
  )
  const sums = [...byCurrency].map(([currency, items]) => ({
    currency,
    amountMinor: items.reduce((sum, { amountMinor = '0' }) => sum + BigInt(amountMinor), 0n),
  }))
  return { kind, count: all.length, sums, items: all.slice(0, mostShown) }
}

const mostShown = 50
