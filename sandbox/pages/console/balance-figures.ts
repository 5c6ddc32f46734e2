/** The balance of one account and mode: what every balance transaction leaves, available and still on its way (SBX-23). */
import { moneyText } from '../format.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { numberOf, textOf } from './wire-object.ts'
import type { WireObject } from './wire-object.ts'

export interface Balance {
  currency: string
  availableMinor: bigint
  pendingMinor: bigint
}

/** Sums per currency, in the order currencies first appear. */
export function sumBalances(transactions: readonly WireObject[]): Balance[] {
  const byCurrency = Map.groupBy(transactions, (transaction) => textOf(transaction, 'currency'))
  return [...byCurrency].map(([currency, entries]) => ({
    currency,
    availableMinor: sumNet(entries.filter((entry) => entry.status === 'available')),
    pendingMinor: sumNet(entries.filter((entry) => entry.status !== 'available')),
  }))
}

function sumNet(transactions: readonly WireObject[]): bigint {
  return transactions.reduce((sum, transaction) => sum + BigInt(numberOf(transaction, 'net') ?? 0), 0n)
}

export function balanceFigures(transactions: readonly WireObject[], defaultCurrency: string): Markup {
  const found = sumBalances(transactions)
  const balances = found.length > 0 ? found : [{ currency: defaultCurrency, availableMinor: 0n, pendingMinor: 0n }]
  const figures = balances.flatMap(({ currency, availableMinor, pendingMinor }) => [
    figure({ label: 'Available', text: moneyText(availableMinor, currency), testId: `sandbox-available-${currency}` }),
    figure({ label: 'Pending', text: moneyText(pendingMinor, currency), testId: `sandbox-pending-${currency}` }),
  ])
  return markup`<section class="stack tight"><h2>Balance</h2><dl class="figures">${figures}</dl></section>`
}

function figure({ label, text, testId }: { label: string; text: string; testId: string }): Markup {
  return markup`<div class="figure"><dt class="muted">${label}</dt><dd data-testid="${testId}">${text}</dd></div>`
}
