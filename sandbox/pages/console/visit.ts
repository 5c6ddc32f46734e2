/** One look at a page of the console: the sandbox it reads, what the address asks for, and what a button just did. */
import type { TimeControl } from '../../clock/index.ts'
import type { Route, SandboxReply } from '../../http.ts'
import type { Faults } from '../../stripe/faults/faults.ts'
import type { RunningSandbox, StripeSandbox } from '../../stripe/index.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { messageReply, pageReply } from '../page.ts'
import type { ConsoleTab } from '../page.ts'
import { noticePart } from './notices.ts'
import type { Notice, Notices } from './notices.ts'

/** The sandbox with what only the console touches. */
export type ConsoleSandbox = StripeSandbox & {
  readonly faults: Pick<Faults, 'list' | 'listHits'>
  readonly dashboard: RunningSandbox['dashboard']
  readonly troubles: Pick<RunningSandbox['troubles'], 'list'>
}

export interface Visit {
  readonly stripe: ConsoleSandbox
  readonly time: Pick<TimeControl, 'view'>
  readonly query: URLSearchParams
  /** The `:name` segments of the address. */
  readonly params: Readonly<Record<string, string>>
  /** What the button that led here did; null when nobody pressed one. */
  readonly notice: Notice | null
}

/** A page of the console under its address. */
export function pageRoute(
  parts: Pick<Visit, 'stripe' | 'time'> & { notices: Notices },
  pattern: string,
  show: (visit: Visit) => SandboxReply,
): Route {
  return {
    method: 'GET',
    pattern,
    handle: ({ url }, params) =>
      show({
        stripe: parts.stripe,
        time: parts.time,
        query: url.searchParams,
        params,
        notice: parts.notices.find(url.searchParams.get('notice')),
      }),
  }
}

export interface ConsolePage {
  title: string
  tab: ConsoleTab
  body: Markup
}

export function consoleReply({ stripe, notice }: Visit, { title, tab, body }: ConsolePage): SandboxReply {
  return pageReply({
    title: notice?.tone === 'bad' ? `Error: ${title}` : title,
    tab,
    body: markup`${notice !== null && noticePart(notice)}${body}`,
    activeFaults: stripe.health().activeFaults,
    now: stripe.now(),
    publicUrl: stripe.publicUrl,
  })
}

export function unknownReply(
  { stripe }: Visit,
  { tab, title, text }: { tab: ConsoleTab; title: string; text: string },
): SandboxReply {
  const { activeFaults } = stripe.health()
  return messageReply({
    tab,
    title,
    text,
    testId: 'sandbox-unknown',
    status: 404,
    activeFaults,
    now: stripe.now(),
  })
}
