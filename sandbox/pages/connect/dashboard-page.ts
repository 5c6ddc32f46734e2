/** The dashboard of an account as its owner sees it: money, payouts, payments, disputes, what Stripe still asks, and the way out. */
import type { AccountView, Place, WireObject } from '../../stripe/index.ts'
import { objectState } from '../console/badges.ts'
import { bankPanel } from '../console/money/bank-panel.ts'
import { balancePanel, topUpForm } from '../console/money/balance-panel.ts'
import { disputePanel } from '../console/money/dispute-panel.ts'
import { amount, idCode, madeAt } from '../console/money/object-cells.ts'
import { refundForm } from '../console/money/payment-deeds.ts'
import { payoutForm, payoutPanel, schedulePanel } from '../console/money/payout-panel.ts'
import type { MoneyPanel } from '../console/money/payout-panel.ts'
import { pressButton, pressForm } from '../console/press-form.ts'
import type { Visit } from '../console/visit.ts'
import { listOf, recordOf } from '../console/wire-object.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { badge, dataTable, section, textField } from '../parts.ts'

export function dashboardBody(visit: Visit, account: AccountView, object: WireObject): Markup {
  const { stripe, query } = visit
  const mode = account.connectedTo?.mode ?? (query.get('mode') === 'live' ? 'live' : 'test')
  const place: Place = { account: account.id, mode }
  const back = `/dashboard/${account.id}${account.connectedTo === null ? `?mode=${mode}` : ''}`
  const panel: MoneyPanel = { stripe, place, back }
  return markup`<article class="stack wide-gap" data-testid="sandbox-dashboard">
    <header class="stack">
      <div class="row"><h1>${account.name}</h1>${badge(mode === 'live' ? 'Live mode' : 'Test mode', 'grey')}${switches(object)}</div>
      <p class="muted">${platformText(visit, account)}</p>
      ${requirements(object)}
    </header>
    ${balancePanel(panel, account.defaultCurrency)}
    ${section('By hand', markup`<div class="deeds">${topUpForm(panel, account.defaultCurrency)}${payoutForm(panel, account.defaultCurrency)}</div>`)}
    ${payoutPanel(panel)}
    ${schedulePanel(panel)}
    ${bankPanel(panel)}
    ${paymentPart(panel)}
    ${disputePanel(panel)}
    ${section('Send an invoice', invoiceForm(panel, account))}
    ${account.connectedTo !== null && section('Connected platform', leaveButton(account, back))}
  </article>`
}

function switches(object: WireObject): Insertable {
  const shown = (label: string, field: string) =>
    object[field] === true ? badge(`✓ ${label}`, 'green') : badge(`✕ ${label} off`, 'red')
  return [shown('Payments', 'charges_enabled'), shown('Payouts', 'payouts_enabled')]
}

function platformText({ stripe }: Visit, { id, connectedTo }: AccountView): Insertable {
  const platform = stripe.accounts().find((one) => one.id === connectedTo?.platform)
  return platform === undefined
    ? markup`<code>${id}</code>`
    : markup`<code>${id}</code> · connected to ${platform.name}`
}

/** What Stripe asks of the owner, as its own dashboard would put it. */
function requirements(object: WireObject): Markup | false {
  const asked = recordOf(object, 'requirements')
  const due = [...new Set([...listOf(asked, 'past_due'), ...listOf(asked, 'currently_due')])]
  const reason = asked['disabled_reason']
  if (due.length === 0 && typeof reason !== 'string') return false
  const entries = due.map((name) => markup`<li><code>${name}</code></li>`)
  return markup`<div class="notice wait" data-testid="sandbox-requirements">
    <h2>Stripe needs something</h2>
    ${typeof reason === 'string' && markup`<p>Reason: <code>${reason}</code></p>`}
    ${due.length > 0 && markup`<p>Give it in the form that your platform links to:</p><ul>${entries}</ul>`}
  </div>`
}

function paymentPart({ stripe, place, back }: MoneyPanel): Markup {
  const charges = stripe.dashboard.listObjects(place, 'charge', { limit: 20 })
  const table = dataTable({
    caption: 'Newest 20 first',
    columns: [{ label: 'Made', kind: 'nowrap' }, { label: 'Payment' }, { label: 'Status' }, { label: 'Refund' }],
    rows: charges.map((charge) => ({
      testId: 'sandbox-dashboard-charge',
      cells: [
        madeAt(charge),
        markup`${amount(charge)} ${idCode(charge)}`,
        objectState(charge),
        refundCell(place, charge, back),
      ],
    })),
  })
  return section('Payments', charges.length > 0 ? table : markup`<p class="muted">No payments yet.</p>`)
}

function refundCell(place: Place, charge: WireObject, back: string): Insertable {
  const form = refundForm(place, charge, back)
  return form === null
    ? markup`<span class="muted">Nothing left</span>`
    : markup`<details><summary>Refund</summary>${form}</details>`
}

function invoiceForm({ place, back }: MoneyPanel, { defaultCurrency }: AccountView): Markup {
  return pressForm(
    {
      twin: `/accounts/${place.account}/invoice`,
      json: { mode: place.mode, currency: defaultCurrency },
      back,
      said: 'The invoice was sent. It is Stripe’s own, and not one of the product.',
    },
    markup`${textField({ id: 'invoice-email', name: 'text:email', label: 'Customer e-mail', value: 'payer@example.com' })}
    ${textField({ id: 'invoice-description', name: 'text:description', label: 'For', value: 'Cleaning' })}
    ${textField({ id: 'invoice-amount', name: 'number:amount', label: 'Amount', hint: `Smallest units of ${defaultCurrency.toUpperCase()}`, value: '5000', isNumeric: true })}
    <button data-testid="sandbox-invoice-send">Send invoice</button>`,
    'filters',
  )
}

function leaveButton({ id, name }: AccountView, back: string): Markup {
  return pressButton(
    { twin: `/accounts/${id}/deauthorize`, back, said: `${name} has disconnected its platform.` },
    { label: 'Disconnect the platform', testId: 'sandbox-deauthorize', look: 'danger' },
  )
}
