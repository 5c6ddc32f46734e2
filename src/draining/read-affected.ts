/**
 * What leaving an account touches, before anything is confirmed (UI-132): counts, sums and the things themselves. What Rentroll does not
 * know is said as well, because a list that leaves out disputes looks as if there were none.
 */
import { getConnection, isJoined, stripeScopeOf, type Connection } from '#connections'
import { addDays, formatMoney, localDateAt, type Scope, type Uuid } from '#kernel'
import { tellPayoutGap } from '#payouts'
import { inScope } from '#platform'
import { getLocation } from '#spaces'
import { StripeFault } from '#stripe'
import { groupOf, type DrainingGround, type Group } from './draining.ts'
import { readLeft } from './left.ts'
import {
  listAutopayLeases,
  listBookingsWaiting,
  listInvoicesDue,
  listPayoutsUnderWay,
  listSavedMethods,
} from './affected-store.ts'

export type Affected = {
  readonly connection: Connection
  readonly groups: readonly Group[]
  readonly unknown: readonly string[]
}

const dueWithinDays = 30

export async function readAffected(ground: DrainingGround, scope: Scope, connectionId: Uuid): Promise<Affected> {
  const { connection, groups, gap } = await inScope(ground.database, scope, async (rows) => {
    const { timeZone } = await getLocation(rows)
    const until = addDays(localDateAt(rows.clock.now(), timeZone), dueWithinDays)
    const found = await getConnection(rows, connectionId)
    return {
      connection: found,
      gap: await tellPayoutGap(rows, found),
      groups: [
        ...(await readLeft(rows, connectionId)),
        groupOf('payouts', await listPayoutsUnderWay(rows, connectionId)),
        groupOf('leases', await listAutopayLeases(rows, connectionId)),
        groupOf('invoices_due', await listInvoicesDue(rows, until)),
        groupOf('bookings', await listBookingsWaiting(rows)),
        groupOf('saved_methods', await listSavedMethods(rows, connectionId)),
      ],
    }
  })
  const unknown = [
    payoutsAlone,
    ...(gap === undefined ? [] : [gap]),
    await tellFunds(ground, connection),
    disputesUnknown,
  ]
  return { connection, groups, unknown }
}

const payoutsAlone =
  'Payouts keep nothing from ending: Stripe makes them by itself. Whether one arrived after the end is seen in Stripe alone.'

const disputesUnknown =
  'Disputes are not kept here yet. Look for open ones in Stripe, under Payments, Disputes; answer them there.'
const fundsUnknown = 'Stripe was asked what it still has to pay out, and did not answer. Look under Balances in Stripe.'

/** Money at Stripe reaches the bank by Stripe's own schedule, with or without Rentroll. */
async function tellFunds(ground: DrainingGround, connection: Connection): Promise<string> {
  if (!isJoined(connection)) return fundsUnknown
  try {
    const { available, pending } = await ground.stripe.readBalance(stripeScopeOf(ground.box, connection))
    const held = [...available, ...pending].filter(({ amountMinor }) => amountMinor !== 0n)
    if (held.length === 0) return 'Stripe holds no money of this account at present.'
    const byCurrency = Map.groupBy(held, ({ currency }) => currency)
    const sums = [...byCurrency].map(([currency, funds]) =>
      formatMoney({ currency, amountMinor: funds.reduce((sum, { amountMinor }) => sum + amountMinor, 0n) }),
    )
    return `Stripe still holds ${sums.join(' and ')} and pays it out to your bank by its schedule. Payouts after the end are seen in Stripe alone.`
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return fundsUnknown
  }
}
