/**
 * The watch (STR-105 ff.): judges what is known here, opens a trouble for a cause that is new, closes one whose cause is gone, and plans
 * what has to be asked or told. It asks nobody and may run at any time, from any process.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ScopedHandle } from '#platform'
import { judgeKeys, judgeTest } from './connection-checks.ts'
import { at, cannotTell, counted, found, ok, type CheckCode, type Finding } from './finding.ts'
import { checkedAtOf, readKnown, undeliveredSince, type Known } from './known.ts'
import { judgePending } from './pending-check.ts'
import { judgeRefunds, listShortRefunds } from './refund-check.ts'
import { insertTrouble, listOpenTroubles, updateTrouble, type Trouble } from './store.ts'

const second = 1000
const minute = 60 * second
/** A trouble that is gone again after this is not worth a mail; a refused key always is. */
const tellAfterMs = 5 * minute
const askEveryMs = 5 * minute
const settleGraceMs = 15 * second
/** Between saving keys and creating the endpoint a person needs a moment. */
const setUpMs = 30 * second

type Watched = 'unable_to_verify' | 'payments_pending' | 'connection_failed' | 'unknown_outcomes'

/** The checks that need nobody to be asked. */
export function judgeKnown(known: Known): Readonly<Record<Watched, Finding>> {
  return {
    unable_to_verify: judgeKeys(known),
    payments_pending: judgePending(known),
    connection_failed: known.connection.state === 'broken' ? keyFirst : judgeTest(known),
    unknown_outcomes: judgeUnknown(known),
  }
}

const keyFirst = cannotTell('Stripe refuses the key, so no more can be asked. Replace the keys first.')

function judgeUnknown({ money }: Known): Finding {
  if (money.unknown === 0) return ok('Every payment and refund that was sent has its answer.')
  const text = `${counted(money.unknown, 'payment or refund', 'payments or refunds')} sent to Stripe without an answer. Do not repeat them: Stripe is asked until it is known.`
  const link = money.oldestInvoiceId ? ({ link: { to: 'invoice', id: money.oldestInvoiceId } } as const) : {}
  return found('unknown', text, {
    evidence: [
      { label: 'Without an answer', value: String(money.unknown), ...link },
      ...at('Oldest payment', money.oldestOpenAt),
    ],
    remedies: [{ label: 'Check these payments now', deed: 'check_payments' }],
  })
}

/** Opens, closes and plans, in the caller's transaction. */
export async function watchTroubles(rows: ScopedHandle): Promise<void> {
  const known = await readKnown(rows)
  const open = await listOpenTroubles(rows)
  // A refund waits whichever way its account is joined.
  const judged: readonly (readonly [string, Finding])[] = [
    ...(known ? Object.entries(judgeKnown(known)) : []),
    ['refund_funds', judgeRefunds(await listShortRefunds(rows))],
  ]
  for (const trouble of open) await follow(rows, trouble, judged.find(([code]) => code === trouble.code)?.[1])
  const still = await listOpenTroubles(rows)
  for (const [code, finding] of judged)
    if (finding.state === 'found' && !isBeingSetUp(known, finding) && !still.some((trouble) => trouble.code === code))
      await insertTrouble(rows, code as CheckCode, finding)
  if (known && isAskDue(known, still)) await rows.enqueue({ name: 'diagnosis.ask', id: known.connection.id })
}

function isBeingSetUp(known: Known | undefined, { cause }: Finding): boolean {
  const savedAt = known?.connection.keyChangedAt
  return cause === 'no_endpoint' && !!savedAt && known.now.getTime() - savedAt.getTime() < setUpMs
}

/** Closes what is gone or has another cause now; a check that cannot tell leaves its trouble as it stands. */
async function follow(rows: ScopedHandle, trouble: Trouble, finding: Finding | undefined): Promise<void> {
  const now = rows.clock.now()
  const isGone = !finding || finding.state === 'ok' || (finding.state === 'found' && finding.cause !== trouble.cause)
  if (isGone) return updateTrouble(rows, trouble.id, { closedAt: now })
  if (finding.state !== 'found') return
  if (!isDeepStrictEqual(finding, trouble.finding)) await updateTrouble(rows, trouble.id, { finding })
  const isOldEnough = now.getTime() - trouble.openedAt.getTime() >= tellAfterMs || trouble.cause === 'key_refused'
  if (trouble.toldAt === null && isOldEnough) await rows.enqueue({ name: 'diagnosis.tell', id: trouble.id })
}

/** Troubles that clear from what is known here. */
const needsNoAsking: ReadonlySet<CheckCode> = new Set(['unknown_outcomes', 'refund_funds'])

/**
 * Whether something looks odd that only Stripe can explain. What is new since the last asking is asked at once; what stays is asked again
 * every five minutes until it passes (STR-112).
 */
function isAskDue(known: Known, open: readonly Trouble[]): boolean {
  const { ask, now, connection, money, polled } = known
  if (connection.state !== 'connected') return false
  const askedAt = ask?.askedAt.getTime() ?? 0
  const undelivered = undeliveredSince(known)
  const isSettledLong = undelivered && now.getTime() - undelivered.getTime() >= settleGraceMs
  const odd = [money.unsentSince, isSettledLong ? undelivered : undefined, polled.missedSince].filter(
    (since) => !!since,
  )
  const isNew = odd.some((since) => since.getTime() > Math.max(askedAt, checkedAtOf(known)?.getTime() ?? 0))
  const isUnsentUnasked = money.unsentSince !== null && money.unsentSince.getTime() > askedAt
  // Only the asking knows an endpoint that stands at a wrong address.
  const isUnplaced = known.health === 'missing' && (checkedAtOf(known)?.getTime() ?? 0) > askedAt
  if (isNew || isUnsentUnasked || isUnplaced) return true
  const isInactive = !connection.chargesEnabled && connection.accountName !== ''
  const isLasting =
    odd.length > 0 || polled.problem !== '' || isInactive || open.some(({ code }) => !needsNoAsking.has(code))
  return isLasting && now.getTime() - askedAt >= askEveryMs
}
