/**
 * Whether a refund can go now, as far as the balance tells (STR-109). Pure. What surprises: an automatic payout takes everything at the very
 * instant it becomes available, so a refund that waited here until then would never find it. Stripe pays the refunds it holds before it
 * pays out; so one that has waited is handed to Stripe shortly before its funds settle, and Stripe sends it with them.
 */
import type { Funds, Refund } from './refund.ts'

/** How long before the expected instant a refund that waits is handed to Stripe. */
export const handOverMs = 10 * 60_000

export type FundsVerdict =
  | { readonly verdict: 'send' }
  /** Undefined where not enough is on its way. */
  | { readonly verdict: 'wait'; readonly expectedAt: Date | undefined }

/** @param aheadMinor what others take first: refunds under way, and for one that waits already, those that waited before it. */
export function judgeFunds(
  { state, amountMinor }: Pick<Refund, 'state' | 'amountMinor'>,
  { funds, aheadMinor, now }: { readonly funds: Funds; readonly aheadMinor: bigint; readonly now: Date },
): FundsVerdict {
  const neededMinor = amountMinor + aheadMinor
  if (funds.availableMinor >= neededMinor) return { verdict: 'send' }
  const expectedAt = funds.arrivals.find(({ availableMinor }) => availableMinor >= neededMinor)?.at
  const isNear = expectedAt !== undefined && expectedAt.getTime() - now.getTime() <= handOverMs
  return isNear && state === 'waiting_funds' ? { verdict: 'send' } : { verdict: 'wait', expectedAt }
}
