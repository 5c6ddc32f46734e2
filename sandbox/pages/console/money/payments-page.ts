/**
 * The payments of one account and mode as Stripe sees them: payment intents with their charges and refunds, saved cards in
 * progress, and Checkout pages. Read from Stripe's own wire objects, so what stands here is what the product is told.
 */
import type { SandboxReply } from '../../../http.ts'
import type { Place, WireObject } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { objectState } from '../badges.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { textOf } from '../wire-object.ts'
import { amount, entry, idCode, lastError, madeAt, objectTable } from './object-cells.ts'
import { chosenPlace, placeChooser } from './place-chooser.ts'

const PATH = '/_sandbox/payments'
const SHOWN = 100

export function paymentsPage(visit: Visit): SandboxReply {
  const chosen = chosenPlace(visit)
  const place = chosen === null ? null : { account: chosen.account.id, mode: chosen.mode }
  const body = markup`<div class="stack wide-gap">
    <div class="stack"><h1>Payments</h1>${place !== null && placeChooser(visit, PATH, place)}</div>
    ${place !== null && [paymentTable(visit, place), setupTable(visit, place), sessionTable(visit, place)]}
  </div>`
  return consoleReply(visit, { title: 'Payments', tab: 'payments', body })
}

function paymentTable({ stripe }: Visit, place: Place): Markup {
  const list = (kind: 'charge' | 'refund', intent: WireObject) =>
    stripe.dashboard.listObjects(place, kind, { limit: 20, by: ['payment_intent', textOf(intent, 'id')] })
  return objectTable({
    title: 'Payment intents',
    none: 'No payments yet.',
    columns: ['Made', 'Payment', 'Status', 'Charges', 'Refunds'],
    rows: stripe.dashboard
      .listObjects(place, 'payment_intent', { limit: SHOWN })
      .map((intent) => [
        madeAt(intent),
        markup`<a href="${PATH}/${textOf(intent, 'id')}">${amount(intent)}</a><br>${idCode(intent)}`,
        markup`${objectState(intent)} ${lastError(intent)}`,
        list('charge', intent).map(entry),
        list('refund', intent).map(entry),
      ]),
  })
}

function setupTable({ stripe }: Visit, place: Place): Markup {
  return objectTable({
    title: 'Setup intents',
    none: 'No cards were saved without a payment.',
    columns: ['Made', 'Setup', 'Status', 'Customer'],
    rows: stripe.dashboard
      .listObjects(place, 'setup_intent', { limit: SHOWN })
      .map((intent) => [
        madeAt(intent),
        idCode(intent),
        markup`${objectState(intent)} ${lastError(intent)}`,
        markup`<code>${textOf(intent, 'customer')}</code>`,
      ]),
  })
}

function sessionTable({ stripe }: Visit, place: Place): Markup {
  return objectTable({
    title: 'Checkout pages',
    none: 'No Checkout Sessions yet.',
    columns: ['Made', 'Session', 'Status', 'Amount'],
    rows: stripe.dashboard
      .listObjects(place, 'checkout.session', { limit: SHOWN })
      .map((session) => [madeAt(session), sessionLink(session), objectState(session), amount(session)]),
  })
}

/** Only an open session has a page worth opening. Session ids are long, so they may break. */
function sessionLink(session: WireObject): Markup {
  const [id, url] = [textOf(session, 'id'), textOf(session, 'url')]
  const isOpen = textOf(session, 'status') === 'open' && url !== ''
  return isOpen ? markup`<a class="mono" href="${url}">${id}</a>` : markup`<span class="mono">${id}</span>`
}
