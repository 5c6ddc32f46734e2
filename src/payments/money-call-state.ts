/**
 * Every call that could move money has an intent row before it leaves (TRU-130). `sent` is written before the call, so a process that
 * dies finds out afterwards that the call may have happened; `unknown` says its answer was lost.
 */
export const moneyCallStates = ['created', 'sent', 'succeeded', 'failed', 'unknown'] as const
export type MoneyCallState = (typeof moneyCallStates)[number]

/** A key may be forgotten by Stripe after 24 h; from 23 h on a POST that may have been sent is never repeated (TRU-135). */
const keyLifeMs = 23 * 3_600_000

export function mayRepeat(call: { readonly createdAt: Date }, now: Date): boolean {
  return now.getTime() - call.createdAt.getTime() < keyLifeMs
}
