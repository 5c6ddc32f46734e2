/** Webhook endpoints of all accounts. The secret is shown on demand, as Stripe's dashboard does and its API does not. */
import type { SandboxReply } from '../../http.ts'
import type { EndpointView, StripeSandbox } from '../../stripe/index.ts'
import { countText, instant } from '../format.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { badge, copyField } from '../parts.ts'
import { accountName, consoleReply } from './console-page.ts'

export function endpointsPage(stripe: StripeSandbox): SandboxReply {
  const endpoints = stripe.listEndpoints()
  const body = markup`<div class="stack wide-gap">
    <h1>Endpoints</h1>
    ${endpoints.length > 0 ? endpoints.map((endpoint) => endpointPart(stripe, endpoint)) : NO_ENDPOINTS}
  </div>`
  return consoleReply(stripe, { title: 'Endpoints', tab: 'endpoints', body })
}

const NO_ENDPOINTS = markup`<p data-testid="sandbox-empty">No webhook endpoints yet. Rentroll makes one under Integrations, with "Create the webhook for me".</p>`

function endpointPart(stripe: StripeSandbox, endpoint: EndpointView): Markup {
  const { id, url, status, enabledEvents, apiVersion, description, secret, createdAt } = endpoint
  const events = enabledEvents.toSorted().map((type) => markup`<li><code>${type}</code></li>`)
  const deliveries = stripe.listDeliveries(Number.MAX_SAFE_INTEGER).filter((delivery) => delivery.endpointId === id)
  const accepted = deliveries.filter((delivery) => delivery.state === 'delivered').length
  return markup`<section class="stack tight" aria-labelledby="${id}" data-testid="sandbox-endpoint-${id}">
    <div class="row"><h2 id="${id}">${url}</h2>${status === 'enabled' ? badge('Enabled', 'green') : badge('Disabled', 'grey')}</div>
    <dl class="facts">
      <dt>Account</dt><dd>${accountName(stripe, endpoint.accountId)}, ${endpoint.mode} mode</dd>
      <dt>Endpoint</dt><dd><code>${id}</code></dd>
      <dt>Made</dt><dd>${instant(createdAt)}</dd>
      <dt>Deliveries</dt><dd>${accepted} of ${countText(deliveries.length, ['event', 'events'])} accepted · <a href="/_sandbox/events?account=${endpoint.accountId}">Events of this account</a></dd>
      ${apiVersion !== null && markup`<dt>API version</dt><dd>${apiVersion}</dd>`}
      ${description !== null && markup`<dt>Description</dt><dd>${description}</dd>`}
    </dl>
    <details><summary>${enabledEvents.includes('*') ? 'All events' : countText(enabledEvents.length, ['event type', 'event types'])}</summary><ul>${events}</ul></details>
    <details data-testid="sandbox-reveal-${id}"><summary>Reveal secret</summary>${copyField({ id: `${id}-secret`, label: 'Signing secret', value: secret })}</details>
  </section>`
}
