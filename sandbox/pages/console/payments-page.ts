/**
 * The money of one account and mode as Stripe sees it: balance, payment intents with their charges and refunds, saved
 * cards in progress, and open Checkout pages. Read from Stripe's own wire objects, so what stands here is what the
 * product is told.
 */
import type { SandboxReply } from '../../http.ts'
import type { AccountView, Mode, ObjectKind, StripeSandbox } from '../../stripe/index.ts'
import { instant, moneyText } from '../format.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { badge, dataTable, selectField } from '../parts.ts'
import type { Tone } from '../parts.ts'
import { consoleReply } from './console-page.ts'
import { balanceFigures } from './balance-figures.ts'
import { numberOf, textOf } from './wire-object.ts'
import type { WireObject } from './wire-object.ts'

export function paymentsPage(stripe: StripeSandbox, query: URLSearchParams): SandboxReply {
  const accounts = stripe.accounts()
  const account =
    accounts.find(({ id }) => id === query.get('account')) ?? accounts.find(({ isPlatform }) => !isPlatform)
  const mode: Mode = query.get('mode') === 'live' ? 'live' : 'test'
  const body = markup`<div class="stack wide-gap">
    <div class="stack"><h1>Payments</h1>${chooser({ accounts, account, mode })}</div>
    ${account !== undefined && moneyOf(account, (kind) => stripe.listObjects(account.id, mode, kind))}
  </div>`
  return consoleReply(stripe, { title: 'Payments', tab: 'payments', body })
}

function chooser({
  accounts,
  account,
  mode,
}: {
  accounts: readonly AccountView[]
  account: AccountView | undefined
  mode: Mode
}): Markup {
  const choices = accounts.map(({ id, name }) => ({ value: id, label: name }))
  const modes = [
    { value: 'test', label: 'Test' },
    { value: 'live', label: 'Live' },
  ]
  return markup`<form class="filters" method="get" action="/_sandbox/payments" aria-label="Choose an account">
    ${selectField({ name: 'account', label: 'Account', value: account?.id ?? '', choices })}
    ${selectField({ name: 'mode', label: 'Mode', value: mode, choices: modes })}
    <button data-testid="sandbox-filter">Show</button>
  </form>`
}

function moneyOf(account: AccountView, list: (kind: ObjectKind) => readonly WireObject[]): Markup[] {
  const charges = Map.groupBy(list('charge'), (charge) => textOf(charge, 'payment_intent'))
  const refunds = Map.groupBy(list('refund'), (refund) => textOf(refund, 'payment_intent'))
  return [
    balanceFigures(list('balance_transaction'), account.defaultCurrency),
    section({
      title: 'Payment intents',
      none: 'No payments yet.',
      columns: ['Made', 'Payment', 'Status', 'Charges', 'Refunds'],
      rows: list('payment_intent').map((intent) => [
        madeAt(intent),
        markup`${amount(intent)}<br>${idCode(intent)}`,
        markup`${state(intent)} ${lastError(intent)}`,
        (charges.get(textOf(intent, 'id')) ?? []).map((charge) => entry(charge)),
        (refunds.get(textOf(intent, 'id')) ?? []).map((refund) => entry(refund)),
      ]),
    }),
    section({
      title: 'Setup intents',
      none: 'No cards were saved without a payment.',
      columns: ['Made', 'Setup', 'Status', 'Customer'],
      rows: list('setup_intent').map((intent) => [
        madeAt(intent),
        idCode(intent),
        markup`${state(intent)} ${lastError(intent)}`,
        markup`<code>${textOf(intent, 'customer')}</code>`,
      ]),
    }),
    section({
      title: 'Checkout pages',
      none: 'No Checkout Sessions yet.',
      columns: ['Made', 'Session', 'Status', 'Amount'],
      rows: list('checkout.session').map((session) => [
        madeAt(session),
        sessionLink(session),
        state(session),
        amount(session),
      ]),
    }),
  ]
}

interface Section {
  title: string
  none: string
  columns: readonly string[]
  rows: readonly (readonly Insertable[])[]
}

function section({ title, none, columns, rows }: Section): Markup {
  const table = dataTable({
    caption: 'Newest first',
    columns: columns.map((label, position) => ({ label, ...(position === 0 ? { kind: 'nowrap' as const } : {}) })),
    rows: rows.map((cells) => ({ testId: `sandbox-${title.toLowerCase().replace(' ', '-')}-row`, cells })),
  })
  return markup`<section class="stack tight"><h2>${title}</h2>${rows.length > 0 ? table : markup`<p class="muted">${none}</p>`}</section>`
}

function madeAt(object: WireObject): Markup {
  return instant(new Date((numberOf(object, 'created') ?? 0) * 1000))
}

function idCode(object: WireObject): Markup {
  return markup`<code>${textOf(object, 'id')}</code>`
}

function amount(object: WireObject): string {
  const amountMinor = numberOf(object, 'amount') ?? numberOf(object, 'amount_total')
  const currency = textOf(object, 'currency')
  return amountMinor === null || currency === '' ? 'No amount' : moneyText(amountMinor, currency)
}

function entry(object: WireObject): Markup {
  return markup`<div>${amount(object)} ${state(object)} ${idCode(object)}</div>`
}

const TONES: Record<string, Tone> = {
  succeeded: 'green',
  complete: 'green',
  failed: 'red',
  canceled: 'grey',
  expired: 'grey',
  processing: 'blue',
  pending: 'blue',
  open: 'blue',
}

/** Stripe's own word for the state, with spaces; every state not named above waits for somebody. */
function state(object: WireObject): Markup {
  const status = textOf(object, 'status')
  return badge(status.replaceAll('_', ' '), TONES[status] ?? 'yellow')
}

function lastError(intent: WireObject): Markup | false {
  const error = intent.last_payment_error ?? intent.last_setup_error
  if (typeof error !== 'object' || error === null) return false
  return markup`<div class="hint">${textOf(error as WireObject, 'message')}</div>`
}

/** Only an open session has a page worth opening. Session ids are long, so they may break. */
function sessionLink(session: WireObject): Markup {
  const [id, url] = [textOf(session, 'id'), textOf(session, 'url')]
  const isOpen = textOf(session, 'status') === 'open' && url !== ''
  return isOpen ? markup`<a class="mono" href="${url}">${id}</a>` : markup`<span class="mono">${id}</span>`
}
