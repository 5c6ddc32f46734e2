/**
 * How our rows come to know what Stripe has, besides the inbox: answers of our calls, lost ones included, polls, and people who press
 * "Check again". All of them end in one judgement; all of them may be overtaken by another on the way.
 */
import { pollPauseMs } from '../src/kernel/poll-schedule.ts'
import { isOpen, type PaymentState } from '../src/payments/payment-state.ts'
import { isFinal } from '../src/refunds/refund-state.ts'
import { isFinal as isSetupFinal, type SetupState } from '../src/renters/setup-state.ts'
import type { RefundState } from '../src/refunds/refund-state.ts'
import type { Agenda } from './agenda.ts'
import { readAt, type Attempt, type History, type Seen } from './histories.ts'
import type { Random } from './random.ts'
import { apply, beginAttempt, type Judges, type Row } from './rows.ts'

export type Desk = {
  readonly history: History
  readonly random: Random
  readonly judges: Judges
  readonly agenda: Agenda
  readonly rows: readonly Row[]
  /** What must not happen even for a moment. */
  readonly wrongs: string[]
}

/** Begins now, sees the object at some moment, and ends later, one time in ten much later. */
export function reading({ agenda, random }: Desk): { readonly seenAt: number; readonly endAt: number } {
  const lasts = 1 + random.below(random.isHit(0.1) ? 120_000 : 400)
  const begunAt = agenda.now()
  return { seenAt: begunAt + random.below(lasts), endAt: begunAt + lasts }
}

/** @param read.seen undefined where the object was not there yet. @param read.answers the attempt this is the answer of. */
export function settle(desk: Desk, place: number, read: { seen: Seen | undefined; answers?: number }): void {
  const { seen, answers } = read
  if (!seen) return
  const row = desk.rows[place]!
  const before = row.state
  const isConfirming = row.call !== 'succeeded' && answers !== row.attempt
  const { verdict, to, isFollowed } = apply(row, { seen, answers }, desk.judges)
  if (verdict === 'impossible')
    desk.wrongs.push(`${row.thing.id} was ${before} and ${seen.status} was called impossible`)
  // A person would be asked for another card while this one may still pay.
  if (to === 'failed' && row.thing.kind === 'payment_intent' && isConfirming)
    desk.wrongs.push(`${row.thing.id} was called failed while its confirmation was on its way`)
  if (isFollowed) follow(desk, place)
}

/** One poll waits at a time, later and later after each other (STR-71). When nothing else is left, three more end the story. */
export function follow(desk: Desk, place: number): void {
  const row = desk.rows[place]!
  if (row.isPollWaiting || row.quietPolls >= 3) return
  row.isPollWaiting = true
  const at = desk.agenda.now() + pollPauseMs(row.polls)
  row.polls += 1
  const poll = (): void => {
    row.isPollWaiting = false
    if (!desk.agenda.hasNews()) row.quietPolls += 1
    look(desk, place, false)
  }
  desk.agenda.plan(at, poll, false)
}

/** A reading outside the inbox: a poll, or a person. A call that never ended is carried on instead. */
export function look(desk: Desk, place: number, isNews = true): void {
  const row = desk.rows[place]!
  if (row.isUnlinked || isOver(row)) return
  const isUnderWay = row.state === 'created' || row.state === 'unknown'
  const attempt = row.thing.attempts[row.attempt - 1]
  if (row.thing.kind === 'payment_intent' && isUnderWay && attempt) {
    if (row.call !== 'created') carryOn(desk, place, row.attempt)
    return
  }
  const { seenAt, endAt } = reading(desk)
  const end = (): void => settle(desk, place, { seen: readAt(row.thing, seenAt) })
  desk.agenda.plan(endAt, end, isNews)
}

/** Nobody asks about it any more. */
function isOver({ thing, state }: Row): boolean {
  if (thing.kind === 'refund') return isFinal(state as RefundState) && state !== 'succeeded'
  if (thing.kind === 'setup_intent') return isSetupFinal(state as SetupState)
  return state === 'canceled'
}

/** Our call, and what becomes of its answer. */
export function planAttempt(desk: Desk, place: number, turn: number): void {
  const row = desk.rows[place]!
  const attempt = row.thing.attempts[turn]!
  const number = turn + 1
  desk.agenda.plan(attempt.begunAt, () => {
    if (turn > 0) endAttempt(desk, place)
    beginAttempt(row, number)
    planAnswer(desk, place, { ...attempt, number })
  })
}

/** Nobody begins another attempt before the one before it is known to be over. */
function endAttempt(desk: Desk, place: number): void {
  const row = desk.rows[place]!
  const answers = row.call === 'succeeded' ? undefined : row.attempt
  row.call = 'succeeded'
  settle(desk, place, { seen: readAt(row.thing, desk.agenda.now()), ...(answers && { answers }) })
}

function planAnswer(desk: Desk, place: number, attempt: Attempt & { readonly number: number }): void {
  const { agenda, random } = desk
  const row = desk.rows[place]!
  const { at: doneAt, seen } = row.thing.moments[attempt.outcome]!
  const answer = (): void => {
    if (row.attempt === attempt.number) row.call = 'succeeded'
    settle(desk, place, { seen, answers: attempt.number })
  }
  const lateness = 1 + random.below(random.pick([400, 400, 60_000]))
  if (attempt.fate === 'resent') agenda.plan(attempt.begunAt + random.below(doneAt - attempt.begunAt), () => lose(row))
  if (attempt.fate === 'answered' || attempt.fate === 'resent') return agenda.plan(doneAt + lateness, answer)
  if (attempt.fate === 'lost') agenda.plan(doneAt + lateness, () => row.attempt === attempt.number && lose(row))
  const again = doneAt + lateness + random.below(600_000)
  const isRefund = row.thing.kind === 'refund'
  agenda.plan(again, () => (isRefund ? lookUp(desk, place) : carryOn(desk, place, attempt.number)))
}

/** The answer did not come: nobody knows what the call did. */
function lose(row: Row): void {
  if (row.thing.kind === 'refund') {
    if (row.state === 'submitting') row.state = 'unknown'
    return
  }
  if (!isOpen(row.state as PaymentState) || row.call === 'succeeded') return
  row.call = 'unknown'
  if (row.state === 'created') row.state = 'unknown'
}

function lookUp(desk: Desk, place: number): void {
  const { seenAt, endAt } = reading(desk)
  const { thing } = desk.rows[place]!
  desk.agenda.plan(endAt, () => settle(desk, place, { seen: readAt(thing, seenAt) }))
}

/**
 * What a restarted process does with an attempt that has no answer: the intent is read; if it can still be confirmed, the confirmation
 * is sent again under its old key, and Stripe answers with what it answered the first time, however old that is by now.
 */
function carryOn(desk: Desk, place: number, number: number): void {
  const row = desk.rows[place]!
  if (row.attempt !== number || !isOpen(row.state as PaymentState)) return
  const { seenAt, endAt } = reading(desk)
  desk.agenda.plan(endAt, () => {
    const seen = readAt(row.thing, seenAt)
    if (row.attempt !== number || row.call === 'succeeded') return settle(desk, place, { seen })
    const outcome = row.thing.moments[row.thing.attempts[number - 1]!.outcome]!
    if (desk.agenda.now() < outcome.at) return desk.agenda.plan(outcome.at + 10_000, () => carryOn(desk, place, number))
    row.call = 'succeeded'
    const isConfirmable = seen?.status === 'requires_payment_method'
    settle(desk, place, { seen: isConfirmable ? outcome.seen : seen, answers: number })
  })
}
