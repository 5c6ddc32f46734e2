/**
 * Every call that could move money has an intent row before it leaves (TRU-130). `sent` is written before the call, so a process that
 * dies finds out afterwards that the call may have happened; `unknown` says its answer was lost.
 */
export const moneyCallStates = ['created', 'sent', 'succeeded', 'failed', 'unknown'] as const
export type MoneyCallState = (typeof moneyCallStates)[number]

/** Stripe may forget a key 24 h after its first use; from 23 h on a POST that may have been sent is never repeated (TRU-135). */
const keyLifeMs = 23 * 3_600_000

/** A call that never left may always be sent, however long it waited. */
export function mayRepeat(call: { readonly sentAt: Date | undefined }, now: Date): boolean {
  return !call.sentAt || now.getTime() - call.sentAt.getTime() < keyLifeMs
}
