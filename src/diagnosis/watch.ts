/**
 * The watch (STR-105 ff.): judges what is known here, opens a trouble for a cause that is new, closes one whose cause is gone, and plans
 * what has to be asked or told. It asks nobody and may run at any time, from any process.
 */
import { isDeepStrictEqual } from 'node:util'
import { writeSuspicion } from '#installation'
import type { ScopedHandle } from '#platform'
import { judgeWatched } from './checks.ts'
import type { CheckCode, Finding } from './finding.ts'
import { checkedAtOf, undeliveredSince, unseenSince, type Known, type OwnKnown } from './known.ts'
import { readKnown } from './read-known.ts'
import { insertTrouble, listOpenTroubles, updateTrouble, type Trouble } from './store.ts'

const second = 1000
const minute = 60 * second
/** A trouble that is gone again after this is not worth a mail; a refused key always is. */
const tellAfterMs = 5 * minute
const askEveryMs = 5 * minute
const settleGraceMs = 15 * second
const suspectMs = 15 * minute
/** Between saving keys and creating the endpoint a person needs a moment. */
const setUpMs = 30 * second

/** What asking Stripe again with own keys can clear. */
const asked: readonly CheckCode[] = ['unable_to_verify', 'payments_pending', 'connection_failed']

/** Opens, closes and plans, in the caller's transaction. */
export async function watchTroubles(rows: ScopedHandle): Promise<void> {
  const known = await readKnown(rows)
  const judged = await judgeWatched(rows, known)
  for (const trouble of await listOpenTroubles(rows)) await follow(rows, trouble, judged.get(trouble.code))
  const still = await listOpenTroubles(rows)
  for (const [code, finding] of judged)
    if (finding.state === 'found' && !isBeingSetUp(known.own, finding) && !still.some((one) => one.code === code))
      await insertTrouble(rows, code, finding)
  if (known.own && isAskDue(known.own, still))
    await rows.enqueue({ name: 'diagnosis.ask', id: known.own.connection.id })
  if (known.connect && isSuspicious(known.connect)) await writeSuspicion(rows, known.connect.connection.id)
}

/** A payment was finished at Stripe a moment ago and nothing was delivered: whoever asks for the installation begins with this account. */
function isSuspicious(connect: NonNullable<Known['connect']>): boolean {
  const since = unseenSince(connect)
  const agoMs = since ? connect.now.getTime() - since.getTime() : 0
  return agoMs >= settleGraceMs && agoMs < suspectMs
}

function isBeingSetUp(own: OwnKnown | undefined, { cause }: Finding): boolean {
  const savedAt = own?.connection.keyChangedAt
  return cause === 'no_endpoint' && !!savedAt && own.now.getTime() - savedAt.getTime() < setUpMs
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

/**
 * Whether something looks odd that only Stripe can explain. What is new since the last asking is asked at once; what stays is asked again
 * every five minutes until it passes (STR-112).
 */
function isAskDue(known: OwnKnown, open: readonly Trouble[]): boolean {
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
    odd.length > 0 || polled.problem !== '' || isInactive || open.some(({ code }) => asked.includes(code))
  return isLasting && now.getTime() - askedAt >= askEveryMs
}
