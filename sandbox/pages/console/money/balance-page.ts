/** The balance of one account and mode, and every transaction that made it (SBX-23). */
import type { SandboxReply } from '../../../http.ts'
import type { AccountView, Place, WireObject } from '../../../stripe/index.ts'
import { moneyText } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { dataTable, figures, section, selectField, textField } from '../../parts.ts'
import { stateBadge } from '../badges.ts'
import { pressForm } from '../press-form.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { numberOf, textOf } from '../wire-object.ts'
import { amount, madeAt, secondsAt } from './object-cells.ts'
import { chosenPlace, placeChooser } from './place-chooser.ts'

const PATH = '/_sandbox/balance'
const SHOWN = 100

export function balancePage(visit: Visit): SandboxReply {
  const chosen = chosenPlace(visit)
  const content =
    chosen === null ? null : contentOf(visit, chosen.account, { account: chosen.account.id, mode: chosen.mode })
  const body = markup`<div class="stack wide-gap">${content ?? markup`<h1>Balance and payouts</h1>`}</div>`
  return consoleReply(visit, { title: 'Balance and payouts', tab: 'balance', body })
}

function contentOf(visit: Visit, account: AccountView, place: Place): Markup[] {
  return [
    markup`<div class="stack"><h1>Balance and payouts</h1>${placeChooser(visit, PATH, place)}</div>`,
    balanceFigures(visit, account, place),
    transactionTable(visit, place),
    section('Top up', topUpForm(account, place)),
  ]
}

function balanceFigures({ stripe }: Visit, account: AccountView, place: Place): Markup {
  const found = stripe.dashboard.readBalance(place)
  const balances =
    found.length > 0 ? found : [{ currency: account.defaultCurrency, availableMinor: 0, pendingMinor: 0 }]
  return section(
    'Balance',
    figures(
      balances.flatMap(({ currency, availableMinor, pendingMinor }) => [
        { label: 'Available', value: moneyText(availableMinor, currency), testId: `sandbox-available-${currency}` },
        { label: 'Pending', value: moneyText(pendingMinor, currency), testId: `sandbox-pending-${currency}` },
      ]),
    ),
  )
}

function transactionTable({ stripe }: Visit, place: Place): Markup {
  const found = stripe.dashboard.listObjects(place, 'balance_transaction', { limit: SHOWN + 1 })
  if (found.length === 0) return section('Transactions', markup`<p class="muted">No money has moved yet.</p>`)
  const table = dataTable({
    caption: found.length > SHOWN ? `Newest ${SHOWN}` : 'Newest first',
    columns: [
      { label: 'Made', kind: 'nowrap' },
      { label: 'Type' },
      { label: 'Source' },
      { label: 'Amount', kind: 'number' },
      { label: 'Fee', kind: 'number' },
      { label: 'Net', kind: 'number' },
      { label: 'Available', kind: 'nowrap' },
    ],
    rows: found.slice(0, SHOWN).map(transactionRow),
  })
  return section('Transactions', table)
}

function transactionRow(transaction: WireObject): { testId: string; cells: (string | Markup)[] } {
  return {
    testId: `sandbox-transaction-${textOf(transaction, 'id')}`,
    cells: [
      madeAt(transaction),
      textOf(transaction, 'type').replaceAll('_', ' '),
      markup`<a class="mono plain" href="/_sandbox/events?id=${textOf(transaction, 'source')}">${textOf(transaction, 'source')}</a>`,
      amount(transaction),
      amount(transaction, 'fee'),
      amount(transaction, 'net'),
      markup`${stateBadge(textOf(transaction, 'status'))} <span class="muted">${secondsAt(numberOf(transaction, 'available_on'))}</span>`,
    ],
  }
}

function topUpForm({ defaultCurrency }: AccountView, { account, mode }: Place): Markup {
  const back = `${PATH}?account=${account}&mode=${mode}`
  const currencies = [defaultCurrency, 'aud', 'nzd', 'usd', 'eur', 'gbp', 'jpy']
  const choices = [...new Set(currencies)].map((currency) => ({ value: currency, label: currency.toUpperCase() }))
  return pressForm(
    { twin: '/funds', json: { account, mode }, back, said: 'The money is available now.' },
    markup`${textField({ id: 'topup-amount', name: 'number:amountMinor', label: 'Amount', hint: 'Smallest units: 10000 is 100.00', value: '10000', isNumeric: true })}
    ${selectField({ name: 'text:currency', id: 'topup-currency', label: 'Currency', value: defaultCurrency, choices })}
    <button data-testid="sandbox-topup">Add available money</button>`,
    'filters',
  )
}
