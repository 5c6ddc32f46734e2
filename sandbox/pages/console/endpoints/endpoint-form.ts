/** Adding a destination by hand, as on Stripe's own page, so that printed set-up steps can be followed word for word. */
import type { SandboxReply } from '../../../http.ts'
import { markup } from '../../markup.ts'
import { selectField, textField } from '../../parts.ts'
import { accountChoices, modeChoices } from '../filters.ts'
import { pressForm } from '../press-form.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { eventPicker } from './event-picker.ts'

const SOURCES = [
  { value: 'false', label: 'Your account' },
  { value: 'true', label: 'Connected accounts' },
]

export function newEndpointPage(visit: Visit): SandboxReply {
  const { stripe, query, notice } = visit
  const typed = (name: string): string => notice?.typed.get(name) ?? ''
  const account = typed('text:account') || (query.get('account') ?? '')
  const mode = typed('text:mode') || (query.get('mode') ?? 'test')
  const press = {
    twin: '/act',
    json: { method: 'POST', path: '/v1/webhook_endpoints' },
    back: '/_sandbox/endpoints/new',
    done: '/_sandbox/endpoints',
    said: 'The destination was added. Reveal its signing secret below and paste it into the product.',
  }
  const chosen = [
    ...(notice?.typed.getAll('lines:parameters.enabled_events') ?? []),
    ...(notice?.typed.getAll('list:parameters.enabled_events') ?? []),
  ]
  const body = markup`<div class="stack form-width">
    <p><a href="/_sandbox/endpoints">All endpoints</a></p>
    <h1>Add destination</h1>
    ${pressForm(
      press,
      markup`<div class="fields">
        ${selectField({ name: 'text:account', id: 'endpoint-account', label: 'Account', value: account, choices: accountChoices(stripe) })}
        ${selectField({ name: 'text:mode', id: 'endpoint-mode', label: 'Mode', value: mode, choices: modeChoices })}
        ${selectField({ name: 'flag:parameters.connect', id: 'endpoint-connect', label: 'Events from', value: typed('flag:parameters.connect') || 'false', choices: SOURCES })}
      </div>
      ${textField({ id: 'endpoint-url', name: 'text:parameters.url', label: 'Endpoint URL', hint: 'Where the product listens; its Integrations page prints it', value: typed('text:parameters.url') })}
      ${textField({ id: 'endpoint-description', name: 'text:parameters.description', label: 'Description (optional)', value: typed('text:parameters.description') })}
      ${eventPicker({ id: 'endpoint-events', known: stripe.dashboard.listKnownEventTypes(), chosen: chosen.flatMap((text) => text.split(/[\s,]+/)) })}
      <p><button class="primary" data-testid="sandbox-endpoint-add">Add destination</button></p>`,
    )}
  </div>`
  return consoleReply(visit, { title: 'Add destination', tab: 'endpoints', body })
}
