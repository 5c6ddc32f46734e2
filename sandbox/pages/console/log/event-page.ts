/** One event: the object it carries, and each delivery with every try and the answer it got (SBX-37). */
import type { SandboxReply } from '../../../http.ts'
import type { DeliveryTryView, DeliveryView, EventView } from '../../../stripe/index.ts'
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { section } from '../../parts.ts'
import { accountLink, deliveryBadge, nextTryText, prettyText, resendButton, statusBadge } from '../badges.ts'
import { consoleReply, unknownReply } from '../visit.ts'
import type { ConsoleSandbox, Visit } from '../visit.ts'

export function eventPage(visit: Visit): SandboxReply {
  const { stripe, params } = visit
  const found = stripe.dashboard.findEvent(params['id'] ?? '')
  if (found === null) {
    return unknownReply(visit, {
      tab: 'events',
      title: 'There is no such event',
      text: 'The sandbox was reset since.',
    })
  }
  const { event, deliveries } = found
  const body = markup`<article class="stack wide-gap" data-testid="sandbox-event">
    <div class="stack">
      <p><a href="/_sandbox/events">All events</a></p>
      <h1>${event.type}</h1>
      ${facts(stripe, event)}
    </div>
    ${section('Deliveries', deliveries.length > 0 ? deliveries.map(deliveryPart) : NO_DELIVERY)}
    ${section('Object', markup`<pre>${JSON.stringify(event.object, null, 2)}</pre>`)}
  </article>`
  return consoleReply(visit, { title: event.type, tab: 'events', body })
}

const NO_DELIVERY = markup`<p class="muted">No endpoint of this account and mode asked for this type.</p>`

function facts(stripe: ConsoleSandbox, event: EventView): Markup {
  return markup`<dl class="facts">
    <dt>Event</dt><dd><code>${event.id}</code></dd>
    <dt>Time</dt><dd>${instant(event.createdAt)}</dd>
    <dt>Account</dt><dd>${accountLink(stripe, event.accountId, event.mode)}</dd>
    ${event.objectId !== '' && markup`<dt>Object</dt><dd><a class="mono" href="/_sandbox/events?id=${event.objectId}">${event.objectId}</a></dd>`}
  </dl>`
}

function deliveryPart(delivery: DeliveryView): Markup {
  const next = nextTryText(delivery)
  return markup`<section class="stack tight delivery" aria-label="Delivery to ${delivery.url}" data-testid="sandbox-delivery-${delivery.id}">
    <div class="row"><h3>${delivery.url}</h3>${deliveryBadge(delivery)}${resendButton(delivery, `/_sandbox/events/${delivery.eventId}`)}</div>
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
