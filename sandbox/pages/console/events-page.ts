/** Events, newest first, each with the deliveries it caused and how they were answered. */
import type { SandboxReply } from '../../http.ts'
import type { DeliveryView, EventView, StripeSandbox } from '../../stripe/index.ts'
import { instant } from '../format.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { dataTable, selectField } from '../parts.ts'
import { accountName, consoleReply, deliveryBadge, nextTryText, resendForm } from './console-page.ts'

const SHOWN = 100

export function eventsPage(stripe: StripeSandbox, query: URLSearchParams): SandboxReply {
  const filter = { account: query.get('account') ?? '', type: query.get('type') ?? '' }
  const all = stripe.listEvents(Number.MAX_SAFE_INTEGER)
  const matching = all.filter(
    (event) =>
      (filter.account === '' || event.accountId === filter.account) &&
      (filter.type === '' || event.type === filter.type),
  )
  const body = markup`<div class="stack">
    <h1>Events and deliveries</h1>
    ${all.length > 0 && filterForm({ stripe, filter, events: all })}
    ${matching.length > 0 ? eventTable(stripe, matching) : emptyText(all.length)}
  </div>`
  return consoleReply(stripe, { title: 'Events and deliveries', tab: 'events', body })
}

interface FilterForm {
  stripe: StripeSandbox
  filter: { account: string; type: string }
  events: readonly EventView[]
}

function filterForm({ stripe, filter, events }: FilterForm): Markup {
  const accounts = stripe.accounts().map(({ id, name }) => ({ value: id, label: name }))
  const types = [...new Set(events.map((event) => event.type))].toSorted().map((type) => ({ value: type, label: type }))
  return markup`<form class="filters" method="get" action="/_sandbox/events" role="search" aria-label="Filter events">
    ${selectField({ name: 'account', label: 'Account', value: filter.account, all: 'All accounts', choices: accounts })}
    ${selectField({ name: 'type', label: 'Type', value: filter.type, all: 'All types', choices: types })}
    <button data-testid="sandbox-filter">Filter</button>
    ${(filter.account !== '' || filter.type !== '') && markup`<a href="/_sandbox/events">Clear filters</a>`}
  </form>`
}

function emptyText(total: number): Markup {
  return total > 0
    ? markup`<p>No events match these filters. <a href="/_sandbox/events">Clear filters</a></p>`
    : markup`<p data-testid="sandbox-empty">Nothing has happened at Stripe yet. Each change of a payment, refund or card writes an event here.</p>`
}

function eventTable(stripe: StripeSandbox, events: readonly EventView[]): Markup {
  const deliveries = Map.groupBy(stripe.listDeliveries(Number.MAX_SAFE_INTEGER), (delivery) => delivery.eventId)
  const shown = events.slice(0, SHOWN)
  const caption = shown.length < events.length ? `Newest ${SHOWN} of ${events.length}` : 'Newest first'
  return dataTable({
    caption,
    columns: [
      { label: 'Time', kind: 'nowrap' },
      { label: 'Event', kind: 'nowrap' },
      { label: 'Object' },
      { label: 'Account', kind: 'nowrap' },
      { label: 'Deliveries' },
    ],
    rows: shown.map((event) => ({
      testId: `sandbox-event-${event.id}`,
      cells: [
        instant(event.createdAt),
        markup`<a href="/_sandbox/events/${event.id}">${event.type}</a>`,
        markup`<span class="mono">${event.objectId}</span>`,
        markup`${accountName(stripe, event.accountId)} <span class="muted">${event.mode}</span>`,
        deliveryCell(deliveries.get(event.id) ?? []),
      ],
    })),
  })
}

function deliveryCell(deliveries: readonly DeliveryView[]): Insertable {
  if (deliveries.length === 0) return markup`<span class="muted">No endpoint wanted it</span>`
  return deliveries.map((delivery) => {
    const resend = delivery.state !== 'delivered' && resendForm(delivery)
    const next = nextTryText(delivery)
    return markup`<div class="row">${deliveryBadge(delivery)}${next !== '' && markup`<span class="hint">${next}</span>`}${resend}</div>`
  })
}
