/** One payment: what became of it, and what its account could do about it in Stripe's dashboard. */
import type { SandboxReply } from '../../../http.ts'
import type { Place, WireObject } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { section } from '../../parts.ts'
import { accountLink, objectState } from '../badges.ts'
import { eventTable } from '../log/event-table.ts'
import { consoleReply, unknownReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { textOf } from '../wire-object.ts'
import { amount, idCode, lastError, madeAt, objectTable } from './object-cells.ts'
import { disputePanel } from './dispute-panel.ts'
import { paymentDeeds } from './payment-deeds.ts'

export function paymentPage(visit: Visit): SandboxReply {
  const { stripe, params } = visit
  const id = params['id'] ?? ''
  const found = stripe.dashboard.findObject('payment_intent', id)
  if (found === null) {
    return unknownReply(visit, {
      tab: 'payments',
      title: 'There is no such payment',
      text: 'The sandbox was reset since.',
    })
  }
  const { object: intent, ...place } = found
  const charges = stripe.dashboard.listObjects(place, 'charge', { limit: 20, by: ['payment_intent', id] })
  const body = markup`<article class="stack wide-gap" data-testid="sandbox-payment">
    <div class="stack">
      <p><a href="/_sandbox/payments?account=${place.account}&amp;mode=${place.mode}">All payments of this account</a></p>
      <h1>Payment of ${amount(intent)}</h1>
      ${facts(visit, place, intent)}
    </div>
    ${paymentDeeds(place, { intent, charges })}
    ${chargeTable(charges)}
    ${refundTable(visit, place, id)}
    ${disputePanel({ stripe, place, back: `/_sandbox/payments/${id}` }, ['payment_intent', id])}
    ${eventsOf(visit, id)}
    ${section('Object', markup`<details><summary>As the API answers it</summary><pre>${JSON.stringify(intent, null, 2)}</pre></details>`)}
  </article>`
  return consoleReply(visit, { title: `Payment of ${amount(intent)}`, tab: 'payments', body })
}

function facts({ stripe }: Visit, { account, mode }: Place, intent: WireObject): Markup {
  const row = (label: string, value: Insertable) => value !== '' && markup`<dt>${label}</dt><dd>${value}</dd>`
  return markup`<dl class="facts">
    ${row('Status', markup`${objectState(intent)} ${lastError(intent)}`)}
    ${row('Payment intent', idCode(intent))}
    ${row('Account', accountLink(stripe, account, mode))}
    ${row('Made', madeAt(intent))}
    ${row('Customer', textOf(intent, 'customer'))}
    ${row('Description', textOf(intent, 'description'))}
  </dl>`
}

function chargeTable(charges: readonly WireObject[]): Markup {
  return objectTable({
    title: 'Charges',
    none: 'Nothing was charged yet.',
    columns: ['Made', 'Charge', 'Status', 'Amount', 'Refunded', 'What the bank said'],
    rows: charges.map((charge) => [
      madeAt(charge),
      idCode(charge),
      objectState(charge),
      amount(charge),
      amount(charge, 'amount_refunded'),
      textOf(charge, 'failure_message'),
    ]),
  })
}

function refundTable({ stripe }: Visit, place: Place, intentId: string): Markup {
  const refunds = stripe.dashboard.listObjects(place, 'refund', { limit: 20, by: ['payment_intent', intentId] })
  return objectTable({
    title: 'Refunds',
    none: 'No refunds.',
    columns: ['Made', 'Refund', 'Status', 'Amount', 'Why it waits or failed'],
    rows: refunds.map((refund) => [
      madeAt(refund),
      idCode(refund),
      objectState(refund),
      amount(refund),
      [textOf(refund, 'pending_reason'), textOf(refund, 'failure_reason')].filter((reason) => reason !== '').join(', '),
    ]),
  })
}

function eventsOf({ stripe }: Visit, intentId: string): Markup {
  const found = stripe.dashboard.findEvents({ id: intentId, limit: 20 })
  const table = eventTable(stripe, { found, caption: 'Newest first', back: `/_sandbox/payments/${intentId}` })
  return section('Events', found.length > 0 ? table : markup`<p class="muted">No events yet.</p>`)
}
