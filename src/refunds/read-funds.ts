/** What can be refunded from now and later, as Stripe has it (STR-109). The days are Stripe's own, never reckoned here (STR-98). */
import { stripeScopeOf, type Connection } from '#connections'
import type { MoneyGround } from '#payments'
import { StripeFault, type ArrivalSeen } from '#stripe'
import type { Arrival, Funds } from './refund.ts'

export type FundsWish = {
  readonly connection: Connection
  /** Of the charge. */
  readonly currency: string
  /** When that much is available now, nobody needs to know what comes later. */
  readonly wantedMinor: bigint
}

/**
 * Asks for the balance, and for what is on its way where the balance does not suffice.
 * @returns undefined where the balance cannot tell: the key may not read it, or the charge is paid out in another currency.
 * @throws StripeFault when Stripe did not answer
 */
export async function readFunds(ground: MoneyGround, wish: FundsWish): Promise<Funds | undefined> {
  const scope = stripeScopeOf(ground.box, wish.connection)
  const { currency, wantedMinor } = wish
  const isOurs = (fund: { readonly currency: string }) => fund.currency === currency
  try {
    const { available, pending } = await ground.stripe.readBalance(scope)
    const availableMinor = available.find(isOurs)?.amountMinor
    if (availableMinor === undefined) return undefined
    const pendingMinor = pending.find(isOurs)?.amountMinor ?? 0n
    if (availableMinor >= wantedMinor || pendingMinor === 0n) return { availableMinor, arrivals: [] }
    const seen = await ground.stripe.listArrivals(scope, { currency, pendingMinor })
    return { availableMinor, arrivals: addUp({ availableMinor, pendingMinor }, seen) }
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'permission') return undefined
    throw error
  }
}

type Sums = { readonly availableMinor: bigint; readonly pendingMinor: bigint }

/** What was not seen is older than what was, so it is there by the first instant that was seen. */
function addUp({ availableMinor, pendingMinor }: Sums, seen: readonly ArrivalSeen[]): readonly Arrival[] {
  const unseenMinor = pendingMinor - seen.reduce((sum, { netMinor }) => sum + netMinor, 0n)
  const byInstant = Map.groupBy(seen, ({ availableOn }) => availableOn.getTime())
  let sum = availableMinor + unseenMinor
  return [...byInstant]
    .toSorted(([one], [other]) => one - other)
    .map(([instant, movements]) => {
      sum += movements.reduce((part, { netMinor }) => part + netMinor, 0n)
      return { at: new Date(instant), availableMinor: sum }
    })
}
