/**
 * What a person is told of a failed payout, the same on every screen and in the mail: the cause in words, what to do, what happens by
 * itself, and whether it may be sent again (STR-107). And the deed behind Check again, for one payout or for all that wait.
 */
import { findConnectConnection, findConnection, findOwnKeysConnection, isJoined, type Connection } from '#connections'
import { done, formatMoney, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { intervalOf, lookForPayouts } from './follow-payouts.ts'
import { isTroubled, type Payout, type PayoutWork } from './payout.ts'
import { explainFailure, isManual, whatHappensNext, type Explained } from './payout-failure.ts'
import { judgeRetry } from './payout-retry.ts'
import { refuseFault, type PayoutProblem } from './problems.ts'
import { findLook, findPayout, listTroubledPayouts } from './store.ts'

export type PayoutTrouble = Explained & {
  readonly payout: Payout
  readonly connection: Connection
  /** What Stripe and Rentroll do by themselves. */
  readonly next: string
  /** Payouts of this account are made by hand. */
  readonly isManual: boolean
  /** Why it cannot be sent again; undefined when it can. */
  readonly retryProblem: PayoutProblem | undefined
}

/** Undefined for a payout that did not fail, or whose connection is gone. */
export async function explainTrouble(rows: ScopedHandle, payout: Payout): Promise<PayoutTrouble | undefined> {
  const connection = await findConnection(rows, payout.connectionId)
  if (payout.state !== 'failed' || !connection) return undefined
  const interval = intervalOf(await findLook(rows, payout.connectionId))
  const isByHand = isManual(payout, interval)
  return {
    ...explainFailure(payout),
    payout,
    connection,
    next: whatHappensNext(payout, interval),
    isManual: isByHand,
    retryProblem: judgeRetry(payout) ?? (isByHand ? undefined : 'payout_not_manual'),
  }
}

/** The failed payouts nobody has seen to, the latest first; those of a connection that has left are no trouble of anybody. */
export async function listPayoutTroubles(rows: ScopedHandle): Promise<readonly PayoutTrouble[]> {
  const troubles: PayoutTrouble[] = []
  for (const payout of await listTroubledPayouts(rows)) {
    const trouble = await explainTrouble(rows, payout)
    if (trouble && trouble.connection.state !== 'disconnected') troubles.push(trouble)
  }
  return troubles
}

/** Why what is known of payouts may not be all, of whichever connection; undefined when Stripe was asked and answered. */
export async function readPayoutGap(rows: ScopedHandle): Promise<string | undefined> {
  for (const connection of [await findOwnKeysConnection(rows), await findConnectConnection(rows)]) {
    const gap = connection && (await tellPayoutGap(rows, connection))
    if (gap !== undefined) return gap
  }
  return undefined
}

/** As `readPayoutGap`, of one connection; undefined also where there is nothing to ask with. */
export async function tellPayoutGap(rows: ScopedHandle, connection: Connection): Promise<string | undefined> {
  if (!isJoined(connection)) return undefined
  const look = await findLook(rows, connection.id)
  if (!look) return 'Stripe has not been asked about payouts yet. It is asked within a minute.'
  return look.problem === '' ? undefined : look.problem
}

/** What the mail about a failed payout says, as long as it is a trouble. */
export const payoutTellers = {
  async readFailure(rows: ScopedHandle, payoutId: Uuid) {
    const payout = await findPayout(rows, payoutId)
    const trouble = payout && isTroubled(payout) ? await explainTrouble(rows, payout) : undefined
    if (!payout || !trouble) return undefined
    const { cause, nextStep, next } = trouble
    return { amount: formatMoney(payout), bank: bankWords(payout), wasPaid: !!payout.paidAt, cause, nextStep, next }
  },
}

/** `Commonwealth Bank ••3456`. */
export function bankWords({ bankName, bankLast4 }: Pick<Payout, 'bankName' | 'bankLast4'>): string {
  const name = bankName || 'your bank account'
  return bankLast4 === '' ? name : `${name} ••${bankLast4}`
}

/** Asks Stripe again about this payout's account. @returns undefined inside when there is no such payout. */
export async function checkPayout(
  work: PayoutWork,
  scope: Scope,
  payoutId: Uuid,
): Promise<Outcome<Payout | undefined, PayoutProblem>> {
  const payout = await inScope(work.database, scope, (rows) => findPayout(rows, payoutId))
  if (!payout) return done(undefined)
  const fault = await lookForPayouts(work, scope, payout.connectionId)
  if (fault) return refuseFault(fault)
  return done(await inScope(work.database, scope, (rows) => findPayout(rows, payoutId)))
}

/** Asks Stripe about every failed payout. @returns how many still wait, and how many did before. */
export async function checkTroubles(
  work: PayoutWork,
  scope: Scope,
): Promise<Outcome<{ readonly before: number; readonly left: number }, PayoutProblem>> {
  const before = await inScope(work.database, scope, listPayoutTroubles)
  for (const connectionId of new Set(before.map(({ payout }) => payout.connectionId))) {
    const fault = await lookForPayouts(work, scope, connectionId)
    if (fault) return refuseFault(fault)
  }
  const left = await inScope(work.database, scope, listPayoutTroubles)
  return done({ before: before.length, left: left.filter(({ payout }) => isTroubled(payout)).length })
}
