/** Events, newest first, each with the deliveries it caused and how they were answered. */
import type { SandboxReply } from '../../../http.ts'
import type { EventWithDeliveries } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { selectField, textField } from '../../parts.ts'
import { filterForm, placeFields } from '../filters.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { eventTable } from './event-table.ts'

const SHOWN = 100
const PATH = '/_sandbox/events'

export function eventsPage(visit: Visit): SandboxReply {
  const { stripe, query } = visit
  const filter = Object.fromEntries(
    [...query]
      .filter(([name, value]) => value.trim() !== '' && name !== 'notice')
      .map(([name, value]) => [name, value.trim()]),
  )
  const found = stripe.dashboard.findEvents({ ...filter, limit: SHOWN + 1 })
  const types = stripe.dashboard.listEventTypes()
  const body = markup`<div class="stack">
    <h1>Events and deliveries</h1>
    ${types.length > 0 && filters(visit, types)}
    ${found.length > 0 ? tableOf(visit, found) : emptyText(types.length > 0)}
  </div>`
  return consoleReply(visit, { title: 'Events and deliveries', tab: 'events', body })
}

const STATES = [
  { value: 'undelivered', label: 'Not accepted' },
  { value: 'failed', label: 'Failed for good' },
  { value: 'pending', label: 'Waiting' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'unwanted', label: 'No endpoint wanted it' },
]

function filters(visit: Visit, types: readonly string[]): Markup {
  const { query } = visit
  const value = (name: string) => query.get(name) ?? ''
  const typeChoices = types.map((type) => ({ value: type, label: type }))
  const fields = [
    ...placeFields(visit),
    selectField({ name: 'type', label: 'Type', value: value('type'), all: 'All types', choices: typeChoices }),
    selectField({ name: 'state', label: 'Delivery', value: value('state'), all: 'Any', choices: STATES }),
    textField({ id: 'filter-id', name: 'id', label: 'Event or object id', value: value('id') }),
  ]
  return filterForm({ path: PATH, label: 'Filter events', fields, query })
}

function emptyText(hasEvents: boolean): Markup {
  return hasEvents
    ? markup`<p>No events match these filters. <a href="${PATH}">Clear filters</a></p>`
    : markup`<p data-testid="sandbox-empty">Nothing has happened at Stripe yet. Each change of a payment, refund or card writes an event here.</p>`
}

function tableOf({ stripe, query }: Visit, found: readonly EventWithDeliveries[]): Markup {
  const back = query.size === 0 ? PATH : `${PATH}?${query.toString()}`
  const caption = found.length > SHOWN ? `Newest ${SHOWN}; narrow the filters to see older ones` : 'Newest first'
  return eventTable(stripe, { found: found.slice(0, SHOWN), caption, back })
}
