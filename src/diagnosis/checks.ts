/**
 * The composition: every check with its judge, a line each. A judge says nothing (undefined) where its check does not apply to this operator;
 * then the check is absent, because a light for what was not looked at would lie. What surprises: a judge may read rows of its own in the
 * transaction it is given, and never asks anybody else.
 */
import type { InboxHealth } from '#inbox'
import { listBreaches } from '#ledger'
import { listPayoutTroubles, readPayoutGap } from '#payouts'
import type { JobOutlook, ScopedHandle } from '#platform'
import { listAccountMails } from '#notifications'
import {
  blockingPeople,
  judgeDirectors,
  judgeServing,
  judgeServingSecret,
  judgeStanding,
  judgeStuck,
} from './account-checks.ts'
import { judgeKeys, judgeTest } from './connection-checks.ts'
import { cannotTell, type CheckCode, type Finding } from './finding.ts'
import type { ConnectKnown, Known, OwnKnown } from './known.ts'
import {
  judgeBooks,
  judgeClock,
  judgeEndpointOn,
  judgeEvents,
  judgeInbox,
  judgeMails,
  judgeMoved,
  judgeQueue,
  judgeUnknown,
} from './live-checks.ts'
import { judgePayouts } from './payout-check.ts'
import { judgePending } from './pending-check.ts'
import { findShortRefunds, judgeRefunds } from './refund-check.ts'
import { countLateMails } from './store.ts'

type Judged = Finding | undefined

type Check<Given extends readonly unknown[] = []> = {
  readonly code: CheckCode
  readonly judge: (known: Known, rows: ScopedHandle, ...given: Given) => Judged | Promise<Judged>
  /** What stands there while Stripe is not connected at all; absent when not given. */
  readonly unconnected?: Finding
}

/** What only the page asks for. */
export type Outside = { readonly inbox: InboxHealth; readonly outlook: JobOutlook; readonly wallNow: Date }

const notConnected = cannotTell('Stripe is not connected with own keys in this mode, so there is nothing to check.', {
  remedies: [{ label: 'Open Integrations', link: { to: 'integrations' } }],
})

/** A check of the connection with own keys. */
function ofOwnKeys(judge: (own: OwnKnown) => Finding) {
  return { judge: ({ own }: Known) => own && judge(own), unconnected: notConnected }
}

/** A check of both kinds of connection at once. */
async function judgeAllPayouts({ own, connect }: Known, rows: ScopedHandle): Promise<Judged> {
  if (!own && !connect) return undefined
  return judgePayouts(await listPayoutTroubles(rows), await readPayoutGap(rows))
}

/** A check of the account made with Connect. */
function ofConnect(judge: (connect: ConnectKnown, rows: ScopedHandle) => Finding | Promise<Finding>) {
  return { judge: ({ connect }: Known, rows: ScopedHandle) => connect && judge(connect, rows) }
}

/** Where both kinds stand side by side, what is found of either is said. */
function judgePendingOfBoth({ own, connect }: Known): Judged {
  const ofOwn = own && judgePending(own)
  const ofAccount = connect && judgeServing(connect)
  return ofOwn?.state === 'ok' && ofAccount?.state === 'found' ? ofAccount : (ofOwn ?? ofAccount)
}

/** Mails are looked up only where one is to be shown. */
async function judgePeople(connect: ConnectKnown, rows: ScopedHandle): Promise<Finding> {
  const isBlocked = blockingPeople(connect).length > 0
  return judgeDirectors(connect, isBlocked ? await listAccountMails(rows, connect.connection.id) : [])
}

/** Judged every 25 seconds; what they find is a trouble that is opened, told, and closed when it is gone. They have to be cheap. */
export const watchedChecks: readonly Check[] = [
  { code: 'unable_to_verify', ...ofOwnKeys(judgeKeys) },
  { code: 'payments_pending', judge: judgePendingOfBoth, unconnected: notConnected },
  { code: 'connection_failed', ...ofOwnKeys(judgeTest) },
  { code: 'onboarding_stuck', ...ofConnect(judgeStuck) },
  { code: 'connect_secret', ...ofConnect(judgeServingSecret) },
  { code: 'payout_failed', judge: judgeAllPayouts, unconnected: notConnected },
  { code: 'onboarding_directors', ...ofConnect(judgePeople) },
  { code: 'refund_funds', judge: async (_known, rows) => judgeRefunds(await findShortRefunds(rows)) },
  { code: 'account_standing', ...ofConnect(judgeStanding) },
  { code: 'unknown_outcomes', judge: judgeUnknown },
]

/** Judged when the page is read. */
export const shownChecks: readonly Check<[Outside]>[] = [
  { code: 'moved_unseen', ...ofOwnKeys(judgeMoved) },
  { code: 'inbox', judge: (known, _rows, { inbox }) => judgeInbox(known, inbox) },
  { code: 'endpoint_disabled', ...ofOwnKeys(judgeEndpointOn) },
  { code: 'required_events', ...ofOwnKeys(judgeEvents) },
  { code: 'books', judge: async (_known, rows) => judgeBooks(await listBreaches(rows)) },
  { code: 'job_queue', judge: (_known, _rows, { outlook, wallNow }) => judgeQueue(outlook, wallNow) },
  { code: 'mails', judge: async (_known, rows) => judgeMails(await countLateMails(rows)) },
  { code: 'server_clock', ...ofOwnKeys(judgeClock) },
]

export type Findings = ReadonlyMap<CheckCode, Finding>

/** What the watched checks say. */
export function judgeWatched(rows: ScopedHandle, known: Known): Promise<Findings> {
  return judgeAll(watchedChecks, (check) => check.judge(known, rows))
}

/** What all checks say, and for whom Stripe is not connected at all why there is nothing to say. */
export async function judgeEverything(rows: ScopedHandle, known: Known, outside: Outside): Promise<Findings> {
  const isConnected = known.own !== undefined || known.connect !== undefined
  const unconnected = [...watchedChecks, ...shownChecks].flatMap(({ code, unconnected: finding }) =>
    finding && !isConnected ? ([[code, finding]] as const) : [],
  )
  const watched = await judgeWatched(rows, known)
  const shown = await judgeAll(shownChecks, (check) => check.judge(known, rows, outside))
  return new Map([...unconnected, ...watched, ...shown])
}

async function judgeAll<One extends { readonly code: CheckCode }>(
  checks: readonly One[],
  judge: (check: One) => Judged | Promise<Judged>,
): Promise<Findings> {
  const findings = new Map<CheckCode, Finding>()
  for (const check of checks) {
    const finding = await judge(check)
    if (finding) findings.set(check.code, finding)
  }
  return findings
}
