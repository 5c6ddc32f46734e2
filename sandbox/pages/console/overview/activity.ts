/** What went wrong and what happened last, a few lines each, with the way to the rest. */
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { section } from '../../parts.ts'
import { deliveryBadge, nextTryText, resendButton, statusBadge } from '../badges.ts'
import { eventTable } from '../log/event-table.ts'
import type { ConsoleSandbox } from '../visit.ts'

const SHOWN = 5
const SHOWN_EVENTS = 8

/** Deliveries that failed or wait for another try. */
export function undelivered(stripe: ConsoleSandbox): Markup {
  const found = stripe.dashboard.findUndelivered(SHOWN)
  const entries = found.map(
    (delivery) => markup`<li class="entry" data-testid="sandbox-undelivered-${delivery.id}">
      <div class="row between"><a href="/_sandbox/events/${delivery.eventId}">${delivery.eventType}</a>${deliveryBadge(delivery)}</div>
      <div class="row between"><span class="small muted">${delivery.url}${line(nextTryText(delivery))}</span>${resendButton(delivery, '/_sandbox')}</div>
    </li>`,
  )
  return section('Failing deliveries', listOr(entries, 'None. Every webhook that was sent was taken.'), {
    link: found.length > 0 && markup`<a href="/_sandbox/events?state=undelivered">All of them</a>`,
    testId: 'sandbox-failing',
  })
}

function line(text: string): Insertable {
  return text !== '' && ` · ${text}`
}

/** API calls that were answered with an error, or not at all. */
export function lastErrors(stripe: ConsoleSandbox): Markup {
  const found = stripe.listRequests(1000).filter(({ status }) => status >= 400 || status === 0)
  const entries = found.slice(0, SHOWN).map(
    ({ id, method, path, status, responseBody, at }) => markup`<li class="entry">
      <div class="row between"><a class="mono" href="/_sandbox/requests/${id}">${method} ${path}</a>${statusBadge(status)}</div>
      <div class="small muted">${instant(at)}${line(messageIn(responseBody))}</div>
    </li>`,
  )
  return section('Last errors', listOr(entries, 'None. Every call so far was answered with success.'), {
    link: found.length > 0 && markup`<a href="/_sandbox/requests?status=errors">All errors</a>`,
    testId: 'sandbox-errors',
  })
}

/** The sentence of Stripe's error envelope. */
function messageIn(responseBody: string): string {
  return /"message": "((?:[^"\\]|\\.)*)"/.exec(responseBody)?.[1]?.replaceAll('\\"', '"') ?? ''
}

function listOr(entries: readonly Markup[], none: string): Markup {
  return entries.length > 0 ? markup`<ul class="entries">${entries}</ul>` : markup`<p class="muted">${none}</p>`
}

export function lastEvents(stripe: ConsoleSandbox): Markup {
  const found = stripe.dashboard.findEvents({ limit: SHOWN_EVENTS })
  const none = markup`<p class="muted">Nothing has happened at Stripe yet. Paste a pair of keys into the product to begin.</p>`
  const table = eventTable(stripe, { found, caption: 'Newest first', back: '/_sandbox' })
  return section('Last events', found.length > 0 ? table : none, {
    link: found.length > 0 && markup`<a href="/_sandbox/events">All events</a>`,
  })
}
