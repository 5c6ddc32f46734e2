/** How the console writes what stands on several of its pages: names of accounts, states, answers, pretty JSON. */
import type { DeliveryView, Mode, StripeSandbox, WireObject } from '../../stripe/index.ts'
import { instantText } from '../format.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { badge } from '../parts.ts'
import type { Tone } from '../parts.ts'
import { pressButton } from './press-form.ts'
import { textOf } from './wire-object.ts'

/** The name people know an account by, or its id when the account is gone. */
export function accountName(stripe: StripeSandbox, accountId: string | null): string {
  if (accountId === null) return 'No account'
  return stripe.accounts().find((account) => account.id === accountId)?.name ?? accountId
}

/** JSON with line breaks; text that is not JSON (a form body, an HTML page) stays as it is. */
export function prettyText(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

export function statusBadge(status: number): Markup {
  if (status < 400) return badge(String(status), 'green')
  return badge(String(status), status < 500 ? 'yellow' : 'red')
}

/** Where one delivery stands, in one or two words with the answer that said so. */
export function deliveryBadge(delivery: DeliveryView): Markup {
  const last = delivery.tries.at(-1)
  const answer = last === undefined ? '' : ` ${last.status ?? 'no answer'}`
  if (delivery.state === 'delivered') return badge(`✓ Delivered${answer}`, 'green')
  if (delivery.state === 'failed') return badge(`✕ Failed${answer}`, 'red')
  return badge(last === undefined ? '… Waiting' : `↻ Will try again, last${answer}`, 'yellow')
}

/** When the next try is due, or nothing when there will be none. */
export function nextTryText({ nextTryAt }: DeliveryView): string {
  return nextTryAt === null ? '' : `Next try ${instantText(nextTryAt)}`
}

/** Sends a delivery once more and comes back to `back`. */
export function resendButton(delivery: DeliveryView, back: string): Markup {
  const press = {
    twin: `/deliveries/${delivery.id}/resend`,
    back,
    said: `${delivery.eventType} was sent to ${delivery.url} once more.`,
  }
  return pressButton(press, {
    label: 'Resend',
    describes: `${delivery.eventType} to ${delivery.url}`,
    testId: `sandbox-resend-${delivery.id}`,
  })
}

const TONES: Record<string, Tone> = {
  active: 'green',
  available: 'green',
  complete: 'green',
  delivered: 'green',
  enabled: 'green',
  paid: 'green',
  succeeded: 'green',
  won: 'green',
  charge_refunded: 'grey',
  closed: 'grey',
  disabled: 'grey',
  canceled: 'grey',
  expired: 'grey',
  revoked: 'grey',
  warning_closed: 'grey',
  errored: 'red',
  failed: 'red',
  inactive: 'red',
  lost: 'red',
  rejected: 'red',
  in_transit: 'blue',
  new: 'grey',
  open: 'blue',
  pending: 'blue',
  processing: 'blue',
  under_review: 'blue',
  warning_under_review: 'blue',
}

/** Stripe's own word for a state, with spaces; every state not named above waits for somebody. */
export function stateBadge(state: string): Markup {
  return badge(state.replaceAll('_', ' '), TONES[state] ?? 'yellow')
}

export function objectState(object: WireObject): Markup {
  return stateBadge(textOf(object, 'status'))
}

/** 'Harbour Desks · test', as a link to the account. */
export function accountLink(stripe: StripeSandbox, accountId: string | null, mode: Mode | null): Insertable {
  if (accountId === null) return markup`<span class="muted">No account</span>`
  return markup`<a href="/_sandbox/accounts/${accountId}">${accountName(stripe, accountId)}</a>${mode !== null && markup` <span class="muted">${mode}</span>`}`
}
