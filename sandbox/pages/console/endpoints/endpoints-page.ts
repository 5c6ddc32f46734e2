/** Webhook endpoints of all accounts, with everything Stripe's dashboard lets a person do to one. */
import type { SandboxReply } from '../../../http.ts'
import type { EndpointView } from '../../../stripe/index.ts'
import { countText, instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { copyField, selectField, textField } from '../../parts.ts'
import { accountLink, stateBadge } from '../badges.ts'
import { accountChoices, filterForm, modeChoices } from '../filters.ts'
import { ownerPress, pressButton, pressForm } from '../press-form.ts'
import { consoleReply } from '../visit.ts'
import type { ConsoleSandbox, Visit } from '../visit.ts'

const PATH = '/_sandbox/endpoints'

export function endpointsPage(visit: Visit): SandboxReply {
  const { stripe, query } = visit
  const [account, mode] = [query.get('account') ?? '', query.get('mode') ?? '']
  const all = stripe.listEndpoints()
  const matching = all.filter(
    (endpoint) => (account === '' || endpoint.accountId === account) && (mode === '' || endpoint.mode === mode),
  )
  const fields = [
    selectField({
      name: 'account',
      label: 'Account',
      value: account,
      all: 'All accounts',
      choices: accountChoices(stripe),
    }),
    selectField({ name: 'mode', label: 'Mode', value: mode, all: 'Both modes', choices: modeChoices }),
  ]
  const body = markup`<div class="stack wide-gap">
    <div class="stack">
      <div class="row between"><h1>Endpoints</h1><a class="button primary" href="${PATH}/new" data-testid="sandbox-add-destination">Add destination</a></div>
      ${all.length > 1 && filterForm({ path: PATH, label: 'Filter endpoints', fields, query })}
    </div>
    ${matching.length > 0 ? matching.map((endpoint) => endpointPart(stripe, endpoint)) : emptyText(all.length)}
  </div>`
  return consoleReply(visit, { title: 'Endpoints', tab: 'endpoints', body })
}

function emptyText(total: number): Markup {
  return total > 0
    ? markup`<p>No endpoints match these filters. <a href="${PATH}">Clear filters</a></p>`
    : markup`<p data-testid="sandbox-empty">No webhook endpoints yet. The product makes one under Integrations, with "Create it for me"; or add one by hand here.</p>`
}

function endpointPart(stripe: ConsoleSandbox, endpoint: EndpointView): Markup {
  const { id, url, status, enabledEvents, apiVersion, description, secret, createdAt } = endpoint
  const events = enabledEvents.toSorted().map((type) => markup`<li><code>${type}</code></li>`)
  const { accepted, total } = stripe.dashboard.countDeliveries(id)
  return markup`<section class="stack tight block" aria-labelledby="${id}" data-testid="sandbox-endpoint-${id}">
    <div class="row between"><div class="row"><h2 id="${id}">${url}</h2>${stateBadge(status)}</div>${deeds(endpoint)}</div>
    <dl class="facts">
      <dt>Account</dt><dd>${accountLink(stripe, endpoint.accountId, endpoint.mode)}</dd>
      ${endpoint.isConnect && markup`<dt>Events from</dt><dd>Connected accounts</dd>`}
      <dt>Endpoint</dt><dd><code>${id}</code></dd>
      <dt>Made</dt><dd>${instant(createdAt)}</dd>
      <dt>Deliveries</dt><dd>${accepted} of ${countText(total, ['event', 'events'])} accepted · <a href="/_sandbox/events?account=${endpoint.accountId}&amp;mode=${endpoint.mode}">Events</a></dd>
      ${apiVersion !== null && markup`<dt>API version</dt><dd>${apiVersion}</dd>`}
      ${description !== null && markup`<dt>Description</dt><dd>${description}</dd>`}
    </dl>
    <details><summary>${enabledEvents.includes('*') ? 'All events' : countText(enabledEvents.length, ['event type', 'event types'])}</summary><ul>${events}</ul></details>
    <details data-testid="sandbox-reveal-${id}"><summary>Reveal secret</summary>${copyField({ id: `${id}-secret`, label: 'Signing secret', describes: url, value: secret })}</details>
    ${rollPart(endpoint)}
    ${editPart(endpoint)}
  </section>`
}

/** The owner's call about this endpoint. */
function press(endpoint: EndpointView, said: string, change: { method?: 'DELETE'; parameters?: object } = {}) {
  const { id, accountId: account, mode } = endpoint
  return ownerPress(
    { account, mode, method: 'POST', path: `/v1/webhook_endpoints/${id}`, ...change },
    { back: PATH, said },
  )
}

function deeds(endpoint: EndpointView): Markup {
  const { id, url, status } = endpoint
  const isOn = status === 'enabled'
  const turn = press(endpoint, isOn ? `${url} is disabled: no delivery goes there.` : `${url} is enabled again.`, {
    parameters: { disabled: isOn },
  })
  return markup`<div class="row">
    ${pressButton(turn, { label: isOn ? 'Disable' : 'Enable', describes: url, testId: `sandbox-endpoint-turn-${id}` })}
    ${pressButton(press(endpoint, `${url} was deleted.`, { method: 'DELETE' }), { label: 'Delete', describes: url, look: 'danger', testId: `sandbox-endpoint-delete-${id}` })}
  </div>`
}

const OVERLAPS = [
  { value: '0', label: 'Expire the old one now' },
  { value: '1', label: 'In 1 hour' },
  { value: '12', label: 'In 12 hours' },
  { value: '24', label: 'In 24 hours' },
]

/** While an old secret lives, each delivery carries a signature of both. */
function rollPart({ id, url, olderSecrets }: EndpointView): Markup {
  const older = olderSecrets.map(
    ({ secret, endsAt }) =>
      markup`<p class="small muted">The secret ending <code>${secret.slice(-4)}</code> signs as well until ${instant(endsAt)}.</p>`,
  )
  return markup`${older}<details data-testid="sandbox-roll-${id}"><summary>Roll secret</summary>
    ${pressForm(
      {
        twin: `/endpoints/${id}/roll`,
        back: PATH,
        said: `${url} has a new signing secret. Reveal it below and paste it into the product.`,
      },
      markup`${selectField({ name: 'number:expiresInHours', id: `${id}-overlap`, label: 'The old secret', value: '0', choices: OVERLAPS })}
      <button aria-label="Roll secret: ${url}" data-testid="sandbox-roll-now-${id}">Roll secret</button>`,
      'filters',
    )}</details>`
}

function editPart(endpoint: EndpointView): Markup {
  const { id, url, enabledEvents } = endpoint
  return markup`<details data-testid="sandbox-endpoint-edit-${id}"><summary>Edit destination</summary>
    ${pressForm(
      press(endpoint, `${url} was changed.`),
      markup`${textField({ id: `${id}-url`, name: 'text:parameters.url', label: 'Endpoint URL', value: url })}
      <div class="field"><label for="${id}-events">Events</label>
        <textarea id="${id}-events" name="lines:parameters.enabled_events" rows="6" class="mono" data-testid="sandbox-${id}-events">${enabledEvents.join('\n')}</textarea></div>
      <p><button aria-label="Save destination: ${url}" data-testid="sandbox-endpoint-save-${id}">Save destination</button></p>`,
      'stack form-width',
    )}</details>`
}
