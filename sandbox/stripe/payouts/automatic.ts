/**
 * Automatic payouts (SBX-24): at 00:00 UTC of a scheduled day everything available in a currency above its minimum balance
 * goes to the default bank account of that currency, and a debt is taken from it. The transactions a payout is made of are
 * fixed here. What stays behind as minimum balance is a hold in this payout and a release for the next one.
 */
import { assignToPayout, availableIn, currenciesToSettle, listUnpaid, post } from '../money/books.ts'
import { wakePayouts, wakePayoutsFor } from '../money/payout-clock.ts'
import { findDefaultBank } from '../connect/bank-accounts.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { createPayout } from './life.ts'
import { isPayoutDay } from './schedule.ts'
import { readAccountPayouts, readPayoutSettings } from './settings.ts'

/** Timer at midnight: pays out what is to be paid out today, and looks again tomorrow while money is left. */
export function runPayouts(space: Space): void {
  const now = space.world.nowMs()
  // Funds that become available at this very instant belong to today's payout, whichever timer was set first.
  if (space.find('timer', `funds_${now / 1000}`) !== undefined) {
    wakePayoutsFor(space, now)
    return
  }
  const { payouts_enabled: isEnabled } = space.world.root.get('account', space.accountId).object
  const { schedule } = readAccountPayouts(space)
  if (isEnabled && isPayoutDay(now, schedule)) for (const currency of currenciesToSettle(space)) payOut(space, currency)
  if (currenciesToSettle(space).length > 0) wakePayouts(space)
}

function payOut(space: Space, currency: string): void {
  const destination = findDefaultBank(space, currency)
  if (destination === undefined || destination.object.status === 'errored') return
  const available = availableIn(space, currency)
  if (available < 0) {
    if (readAccountPayouts(space).debit_negative_balances) settle(space, { currency, amount: available, destination })
    return
  }
  const kept = readPayoutSettings(space).minimumBalances[currency] ?? 0
  if (available <= kept) return
  const move = { currency, amount: kept, destination }
  if (kept > 0) hold(space, { ...move, amount: -kept })
  const held = listUnpaid(space, currency)
  if (kept > 0) hold(space, move)
  settle(space, { currency, amount: available - kept, destination }, held)
}

interface Move {
  readonly currency: string
  readonly amount: number
  readonly destination: Row<'external_account'>
}

/** A debit takes no minimum into account: it brings the balance to zero. */
function settle(
  space: Space,
  move: Move,
  batch: Row<'balance_transaction'>[] = listUnpaid(space, move.currency),
): void {
  const payout = createPayout(space, { ...move, isAutomatic: true })
  for (const { id } of batch) assignToPayout(space, id, payout.id)
  assignToPayout(space, String(payout.object.balance_transaction), payout.id)
}

/** Neither belongs to an object [U]: they have no source. */
function hold(space: Space, { currency, amount }: Move): void {
  const type = amount < 0 ? 'payout_minimum_balance_hold' : 'payout_minimum_balance_release'
  post(space, {
    type,
    reportingCategory: type,
    amount,
    fee: 0,
    currency,
    availableOn: space.world.nowSeconds(),
    source: null,
    description: null,
  })
}
