/** Everything the page shows: each check with what it says now, failing first, and what cleared lately (UI-160). */
import type { ConnectionGround } from '#connections'
import { readInboxHealth } from '#inbox'
import type { Scope } from '#kernel'
import { listBreaches } from '#ledger'
import { inScope, scrub, type Jobs, type ScopedHandle } from '#platform'
import { cannotTell, catalog, checkCodes, type CheckCode, type Finding } from './finding.ts'
import { readKnown } from './known.ts'
import {
  judgeBooks,
  judgeClock,
  judgeEndpointOn,
  judgeEvents,
  judgeInbox,
  judgeMails,
  judgeMoved,
  judgeQueue,
} from './live-checks.ts'
import { judgeRefunds, listShortRefunds } from './refund-check.ts'
import { countLateMails, listClosedTroubles, listOpenTroubles, type Trouble } from './store.ts'
import { judgeKnown } from './watch.ts'

export type DiagnosisGround = ConnectionGround & { readonly jobs: Pick<Jobs, 'outlook'> }

export type Check = Finding & {
  readonly code: CheckCode
  readonly title: string
  readonly symptom: string
  /** When its trouble was opened; undefined for one that is only seen now. */
  readonly since: Date | undefined
}

export type Diagnosis = {
  readonly checkedAt: Date
  readonly isConnected: boolean
  readonly askedAt: Date | undefined
  readonly checks: readonly Check[]
  readonly cleared: readonly {
    readonly title: string
    readonly text: string
    readonly openedAt: Date
    readonly closedAt: Date
  }[]
  /** What may be sent to whoever helps: no secret, no name of a renter. */
  readonly report: string
}

const dayMs = 86_400_000
const order: readonly Finding['state'][] = ['found', 'cannot_tell', 'ok']

export async function diagnose(ground: DiagnosisGround, scope: Scope): Promise<Diagnosis> {
  const inbox = await readInboxHealth(ground.database, scope)
  const outlook = await ground.jobs.outlook()
  const { clock } = ground.database
  const seen = await inScope(ground.database, scope, readSeen)
  const { known, open } = seen
  const findings: Partial<Record<CheckCode, Finding>> = {
    ...(known && {
      ...judgeKnown(known),
      moved_unseen: judgeMoved(known),
      endpoint_disabled: judgeEndpointOn(known),
      required_events: judgeEvents(known),
      server_clock: judgeClock(known),
    }),
    refund_funds: judgeRefunds(seen.short),
    inbox: judgeInbox({ now: clock.now() }, inbox),
    books: judgeBooks(seen.breaches),
    job_queue: judgeQueue(outlook, clock.wallTimeOf(clock.now())),
    mails: judgeMails(seen.mails),
  }
  const checks = checkCodes.map((code) => toCheck(code, findings[code] ?? notConnected, open)).toSorted(byState)
  const diagnosis = {
    checkedAt: clock.now(),
    isConnected: known !== undefined,
    askedAt: known?.ask?.askedAt,
    checks,
    cleared: seen.closed.map(toCleared),
  }
  return { ...diagnosis, report: reportOf(scope, diagnosis) }
}

async function readSeen(rows: ScopedHandle) {
  return {
    known: await readKnown(rows),
    open: await listOpenTroubles(rows),
    closed: await listClosedTroubles(rows, new Date(rows.clock.now().getTime() - dayMs)),
    breaches: await listBreaches(rows),
    short: await listShortRefunds(rows),
    mails: await countLateMails(rows),
  }
}

const notConnected = cannotTell('Stripe is not connected with own keys in this mode, so there is nothing to check.', {
  remedies: [{ label: 'Open Integrations', link: { to: 'integrations' } }],
})

function toCheck(code: CheckCode, finding: Finding, open: readonly Trouble[]): Check {
  const trouble = open.find((one) => one.code === code && one.cause === finding.cause)
  return { ...catalog[code], ...finding, code, since: trouble?.openedAt }
}

function toCleared({ code, finding, openedAt, closedAt }: Trouble) {
  return { title: catalog[code].title, text: finding.text, openedAt, closedAt: closedAt ?? openedAt }
}

/** Failing first; otherwise in the order of the checks. */
function byState(one: Check, other: Check): number {
  return order.indexOf(one.state) - order.indexOf(other.state)
}

const stateWords = { ok: 'passes', found: 'FOUND', cannot_tell: 'cannot tell' } as const

function reportOf({ mode }: Scope, { checkedAt, checks }: Pick<Diagnosis, 'checkedAt' | 'checks'>): string {
  const lines = checks.flatMap(({ title, state, text, since, evidence }) => [
    `${title}: ${stateWords[state]}${since ? ` since ${since.toISOString()}` : ''}. ${text}`,
    ...evidence.map(({ label, value }) => `  ${label}: ${value}`),
  ])
  return scrub([`Rentroll diagnosis, ${mode} mode, ${checkedAt.toISOString()}`, ...lines].join('\n'))
}
