/**
 * The balance of an account: what can be spent now, what is still on its way, and from when it can be spent (STR-98, STR-109). What
 * surprises: Stripe tells the sum on its way in one call, but the days only row by row, newest first, so what is available soonest stands
 * last. The reading therefore stops early, and says what it has not seen.
 */
import type { Call, StripeScope } from './call.ts'
import { amountOf, currencyOf, fieldsOf, flagOf, instantOf, listOf, textOf, WrongShape, type Fields } from './shape.ts'

export type BalanceSeen = {
  readonly isLive: boolean
  readonly available: readonly FundsSeen[]
  readonly pending: readonly FundsSeen[]
}
export type FundsSeen = { readonly amountMinor: bigint; readonly currency: string }

/** A movement that can be spent, or is taken away, at that instant; net of Stripe's fee. */
export type ArrivalSeen = { readonly netMinor: bigint; readonly availableOn: Date }

export type ArrivalsWish = {
  /** ISO 4217 in upper case. */
  readonly currency: string
  /** What the balance says is on its way: when that much was found, nothing older is asked for. */
  readonly pendingMinor: bigint
}

const pageSize = 100
const mostPages = 5

export function balanceCalls(call: Call) {
  const readPage = (scope: StripeScope, currency: string, startingAfter: string | undefined) =>
    call(scope, {
      operation: 'balance_transactions.list',
      send: (client, options) =>
        client.balanceTransactions.list(
          {
            currency: currency.toLowerCase(),
            limit: pageSize,
            ...(startingAfter !== undefined && { starting_after: startingAfter }),
          },
          options,
        ),
      read: (body) => listOf(body, readMovement),
    })
  return {
    /** @throws StripeFault */
    readBalance: (scope: StripeScope): Promise<BalanceSeen> =>
      call(scope, {
        operation: 'balance.retrieve',
        send: (client, options) => client.balance.retrieve({}, options),
        read: (body) => readBalance(body, scope),
      }),

    /** The newest movements that are still on their way; the soonest may be missing when there are very many. @throws StripeFault */
    listArrivals: async (
      scope: StripeScope,
      { currency, pendingMinor }: ArrivalsWish,
    ): Promise<readonly ArrivalSeen[]> => {
      const arrivals: ArrivalSeen[] = []
      let [foundMinor, startingAfter]: [bigint, string | undefined] = [0n, undefined]
      for (let page = 0; page < mostPages; page += 1) {
        const { rows, hasMore } = await readPage(scope, currency, startingAfter)
        for (const { isPending, netMinor, availableOn } of rows) {
          if (!isPending) continue
          foundMinor += netMinor
          arrivals.push({ netMinor, availableOn })
        }
        startingAfter = rows.at(-1)?.id
        if (!hasMore || startingAfter === undefined || foundMinor === pendingMinor) break
      }
      return arrivals
    },
  }
}

function readBalance(body: unknown, scope: StripeScope): BalanceSeen {
  const fields = fieldsOf(body, 'balance')
  if (fields['object'] !== 'balance') throw new WrongShape('expected a balance')
  const isLive = flagOf(fields, 'livemode')
  if (isLive !== (scope.mode === 'live')) throw new WrongShape('the balance is of the other mode')
  return { isLive, available: fundsIn(fields, 'available'), pending: fundsIn(fields, 'pending') }
}

function fundsIn(holder: Fields, name: string): readonly FundsSeen[] {
  const funds = holder[name]
  if (!Array.isArray(funds)) throw new WrongShape(`${name} is not a list`)
  return funds.map((fund) => {
    const fields = fieldsOf(fund, name)
    return { amountMinor: amountOf(fields, 'amount'), currency: currencyOf(fields) }
  })
}

function readMovement(row: unknown): ArrivalSeen & { readonly id: string; readonly isPending: boolean } {
  const fields = fieldsOf(row, 'balance transaction')
  const id = textOf(fields, 'id')
  if (fields['object'] !== 'balance_transaction' || !id.startsWith('txn_'))
    throw new WrongShape('expected a balance transaction')
  return {
    id,
    isPending: textOf(fields, 'status') === 'pending',
    netMinor: amountOf(fields, 'net'),
    availableOn: instantOf(fields, 'available_on'),
  }
}
