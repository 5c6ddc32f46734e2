/** What every page of the console needs: its frame with the fault count, names of accounts, and pretty JSON. */
import type { SandboxReply } from '../../http.ts'
import type { Faults } from '../../stripe/faults/faults.ts'
import type { DeliveryView, StripeSandbox } from '../../stripe/index.ts'
import { instantText } from '../format.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { messageReply, pageReply } from '../page.ts'
import type { ConsoleTab } from '../page.ts'
import { badge } from '../parts.ts'

/** The sandbox with the switches of its faults, which only the console touches. */
export type ConsoleSandbox = StripeSandbox & { readonly faults: Pick<Faults, 'arm' | 'list' | 'clear'> }

export interface ConsolePage {
  title: string
  tab: ConsoleTab
  body: Markup
}

export function consoleReply(stripe: StripeSandbox, page: ConsolePage): SandboxReply {
  return pageReply({ ...page, activeFaults: stripe.health().activeFaults, publicUrl: stripe.publicUrl })
}

export function unknownReply(
  stripe: StripeSandbox,
  { tab, title, text }: { tab: ConsoleTab; title: string; text: string },
): SandboxReply {
  return messageReply({
    tab,
    title,
    text,
    testId: 'sandbox-unknown',
    status: 404,
    activeFaults: stripe.health().activeFaults,
  })
}

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

export function resendForm(delivery: DeliveryView): Markup {
  return markup`<form method="post" action="/_sandbox/events/${delivery.eventId}/deliveries/${delivery.id}/resend" data-once>
    <button aria-label="Resend ${delivery.eventType} to ${delivery.url}" data-testid="sandbox-resend-${delivery.id}">Resend</button>
  </form>`
}
