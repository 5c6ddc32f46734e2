/** One event: the object it carries, and each delivery with every try and the answer it got (SBX-37). */
import type { SandboxReply } from '../../http.ts'
import type { DeliveryTryView, DeliveryView, EventView, StripeSandbox } from '../../stripe/index.ts'
import { instant } from '../format.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import {
  accountName,
  consoleReply,
  deliveryBadge,
  nextTryText,
  prettyText,
  resendForm,
  statusBadge,
  unknownReply,
} from './console-page.ts'

export function eventPage(stripe: StripeSandbox, eventId: string): SandboxReply {
  const event = stripe.listEvents(Number.MAX_SAFE_INTEGER).find((entry) => entry.id === eventId)
  if (event === undefined) {
    return unknownReply(stripe, {
      tab: 'events',
      title: 'There is no such event',
      text: 'The sandbox was reset since.',
    })
  }
  const deliveries = stripe.listDeliveries(Number.MAX_SAFE_INTEGER).filter((delivery) => delivery.eventId === eventId)
  const body = markup`<article class="stack wide-gap" data-testid="sandbox-event">
    <div class="stack">
      <p><a href="/_sandbox/events">All events</a></p>
      <h1>${event.type}</h1>
      ${facts(stripe, event)}
    </div>
    <section class="stack"><h2>Deliveries</h2>${deliveries.length > 0 ? deliveries.map(deliveryPart) : NO_DELIVERY}</section>
    <section class="stack"><h2>Object</h2><pre>${JSON.stringify(event.object, null, 2)}</pre></section>
  </article>`
  return consoleReply(stripe, { title: event.type, tab: 'events', body })
}

const NO_DELIVERY = markup`<p class="muted">No endpoint of this account and mode asked for this type.</p>`

function facts(stripe: StripeSandbox, event: EventView): Markup {
  return markup`<dl class="facts">
    <dt>Event</dt><dd><code>${event.id}</code></dd>
    <dt>Time</dt><dd>${instant(event.createdAt)}</dd>
    <dt>Account</dt><dd>${accountName(stripe, event.accountId)}, ${event.mode} mode</dd>
    <dt>Object</dt><dd><code>${event.objectId}</code></dd>
  </dl>`
}

function deliveryPart(delivery: DeliveryView): Markup {
  const next = nextTryText(delivery)
  return markup`<section class="stack tight" aria-label="Delivery to ${delivery.url}" data-testid="sandbox-delivery-${delivery.id}">
    <div class="row"><h3>${delivery.url}</h3>${deliveryBadge(delivery)}${resendForm(delivery)}</div>
    ${next !== '' && markup`<p class="muted">${next}</p>`}
    ${delivery.tries.toReversed().map(tryPart)}
  </section>`
}

function tryPart(attempt: DeliveryTryView): Markup {
  return markup`<div class="try stack tight">
    <p>${instant(attempt.at)} · ${attempt.status === null ? 'no answer' : statusBadge(attempt.status)} · ${Math.round(attempt.durationMs)} ms</p>
    <pre data-testid="sandbox-delivery-answer">${attempt.answer === '' ? 'Empty answer' : prettyText(attempt.answer)}</pre>
    <details><summary>What was sent</summary><p class="small mono">Stripe-Signature: ${attempt.signature}</p><pre>${attempt.requestBody}</pre></details>
  </div>`
}
