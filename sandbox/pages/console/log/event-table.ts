/** Events in a table, each with its deliveries and the button that sends one again. */
import type { EventWithDeliveries } from '../../../stripe/index.ts'
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { dataTable } from '../../parts.ts'
import { accountLink, deliveryBadge, nextTryText, resendButton } from '../badges.ts'
import type { ConsoleSandbox } from '../visit.ts'

interface EventTable {
  found: readonly EventWithDeliveries[]
  caption: string
  /** The page a resend comes back to. */
  back: string
}

export function eventTable(stripe: ConsoleSandbox, { found, caption, back }: EventTable): Markup {
  return dataTable({
    caption,
    columns: [
      { label: 'Time', kind: 'nowrap' },
      { label: 'Event', kind: 'nowrap' },
      { label: 'Object' },
      { label: 'Account', kind: 'nowrap' },
      { label: 'Deliveries' },
    ],
    rows: found.map(({ event, deliveries }) => ({
      testId: `sandbox-event-${event.id}`,
      cells: [
        instant(event.createdAt),
        markup`<a href="/_sandbox/events/${event.id}">${event.type}</a>`,
        event.objectId !== '' &&
          markup`<a class="mono plain" href="/_sandbox/events?id=${event.objectId}">${event.objectId}</a>`,
        accountLink(stripe, event.accountId, event.mode),
        deliveryCell(deliveries, back),
      ],
    })),
  })
}

function deliveryCell(deliveries: EventWithDeliveries['deliveries'], back: string): Insertable {
  if (deliveries.length === 0) return markup`<span class="muted">No endpoint wanted it</span>`
  return deliveries.map((delivery) => {
    const next = nextTryText(delivery)
    const resend = delivery.state !== 'delivered' && delivery.tries.length > 0 && resendButton(delivery, back)
    return markup`<div class="row">${deliveryBadge(delivery)}${next !== '' && markup`<span class="hint">${next}</span>`}${resend}</div>`
  })
}
