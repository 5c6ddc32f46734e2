/** The balance of one account and mode, and every transaction that made it (SBX-23). */
import type { SandboxReply } from '../../../http.ts'
import type { AccountView, Place, WireObject } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { dataTable, section } from '../../parts.ts'
import { stateBadge } from '../badges.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { numberOf, textOf } from '../wire-object.ts'
import { amount, madeAt, secondsAt } from './object-cells.ts'
import { balancePanel, topUpForm } from './balance-panel.ts'
import { bankPanel } from './bank-panel.ts'
import { payoutForm, payoutPanel, schedulePanel } from './payout-panel.ts'
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
  const panel = { stripe: visit.stripe, place, back: `${PATH}?account=${place.account}&mode=${place.mode}` }
  return [
    markup`<div class="stack"><h1>Balance and payouts</h1>${placeChooser(visit, PATH, place)}</div>`,
    balancePanel(panel, account.defaultCurrency),
    section(
      'By hand',
      markup`<div class="deeds">${topUpForm(panel, account.defaultCurrency)}${payoutForm(panel, account.defaultCurrency)}</div>`,
    ),
    payoutPanel(panel),
    schedulePanel(panel),
    bankPanel(panel),
    transactionTable(visit, place),
  ]
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
