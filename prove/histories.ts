/**
 * What really happened at Stripe, as a row of moments per object: a payment with declines, 3-D Secure, slow banks and cancellations; a
 * charge with up to three refunds, of which one that succeeded can fail later; a saved card. Every moment says what a reading
 * would see from then on and which events Stripe makes of it. Nothing here knows what becomes of the news.
 */
import type { Random } from './random.ts'

export type Seen = { readonly status: string; readonly lastError?: { readonly code: string } }

export type Moment = { readonly at: number; readonly seen: Seen; readonly types: readonly string[] }

/** Our call that caused a moment. What became of its answer is part of the story. */
export type Attempt = {
  readonly begunAt: number
  /** The place of the moment it caused. */
  readonly outcome: number
  readonly fate: 'answered' | 'resent' | 'lost' | 'killed'
}

export type Thing = {
  readonly kind: 'payment_intent' | 'setup_intent' | 'refund'
  readonly id: string
  readonly moments: readonly Moment[]
  readonly attempts: readonly Attempt[]
  /** False for a refund made in Stripe's Dashboard: our row is made by the news. */
  readonly isOurs: boolean
}

export type History = { readonly things: readonly Thing[]; readonly chargeId: string; readonly sessionId: string }

const newStatus = 'requires_something_new'

export function makeHistory(random: Random, place: number): History {
  const kind = random.pick(['payment', 'payment', 'refunds', 'setup'] as const)
  const names = { chargeId: `ch_${place}`, sessionId: `cs_test_${place}` }
  if (kind === 'payment') return { ...names, things: [makePayment(random, place)] }
  if (kind === 'setup') return { ...names, things: [makeSetup(random, place)] }
  const count = 1 + random.below(3)
  return { ...names, things: Array.from({ length: count }, (_, turn) => makeRefund(random, `re_${place}_${turn}`)) }
}

/** Most changes follow within a second or a minute, some within the same millisecond, a few after an hour. */
function wait(random: Random): number {
  return random.below(random.pick([1, 400, 1_000, 5_000, 60_000, 600_000, 3_600_000]))
}

const seen = (status: string, code?: string): Seen =>
  code === undefined ? { status } : { status, lastError: { code } }
const waitingCard = 'requires_payment_method'

type Step = { readonly seen: Seen; readonly types: readonly string[]; readonly isOver?: boolean }

const paymentSteps = {
  paid: { seen: seen('succeeded'), types: ['charge.succeeded', 'payment_intent.succeeded'], isOver: true },
  declined: { seen: seen(waitingCard, 'card_declined'), types: ['charge.failed', 'payment_intent.payment_failed'] },
  mustBePresent: { seen: seen(waitingCard, 'authentication_required'), types: ['payment_intent.payment_failed'] },
  notAuthenticated: {
    seen: seen(waitingCard, 'payment_intent_authentication_failure'),
    types: ['payment_intent.payment_failed'],
  },
  challenged: { seen: seen('requires_action'), types: ['payment_intent.requires_action'] },
  slow: { seen: seen('processing'), types: ['payment_intent.processing', 'charge.pending'] },
  ended: { seen: seen('canceled'), types: ['payment_intent.canceled'], isOver: true },
  strange: { seen: seen(newStatus), types: [] },
} satisfies Record<string, Step>

const afterConfirmation: readonly Step[] = [
  paymentSteps.paid,
  paymentSteps.declined,
  paymentSteps.declined,
  paymentSteps.mustBePresent,
  paymentSteps.challenged,
  paymentSteps.challenged,
  paymentSteps.slow,
]

const paymentWays: Readonly<Record<string, readonly Step[]>> = {
  requires_action: [paymentSteps.paid, paymentSteps.slow, paymentSteps.notAuthenticated, paymentSteps.ended],
  processing: [paymentSteps.paid, paymentSteps.declined, paymentSteps.strange],
  [newStatus]: [paymentSteps.paid, paymentSteps.declined],
}

/** Up to four confirmations of one intent, each with what comes of it. Abandoned at any point, except where Stripe itself goes on. */
function makePayment(random: Random, place: number): Thing {
  const moments: Moment[] = [{ at: 0, seen: seen(waitingCard), types: ['payment_intent.created'] }]
  const attempts: Attempt[] = []
  let at = 0
  const add = (step: Step): Step => {
    moments.push({ at, seen: step.seen, types: step.types })
    return step
  }
  for (let turn = 0; turn < 4; turn += 1) {
    const begunAt = at + 1 + wait(random)
    at = begunAt + 50 + random.below(3_000)
    const fate = random.pick(['answered', 'answered', 'answered', 'resent', 'lost', 'killed'] as const)
    attempts.push({ begunAt, outcome: moments.length, fate })
    let now = add(random.pick(afterConfirmation))
    for (;;) {
      const { status } = now.seen
      const isBound = status === 'processing' || status === newStatus
      const ways = paymentWays[status]
      if (!ways || (!isBound && random.isHit(0.25))) break
      at += wait(random)
      now = add(random.pick(ways))
    }
    if (now.isOver || now.seen.status === 'requires_action' || random.isHit(0.3)) break
    if (random.isHit(0.15)) {
      at += 1 + wait(random)
      add(paymentSteps.ended)
      break
    }
  }
  return { kind: 'payment_intent', id: `pi_${place}`, moments, attempts, isOurs: true }
}

const refundUpdated = ['refund.updated', 'charge.refund.updated']
const refundWays: Readonly<Record<string, readonly string[]>> = {
  pending: ['succeeded', 'succeeded', 'requires_action', 'failed', 'canceled', newStatus],
  requires_action: ['pending', 'succeeded', 'failed', 'canceled'],
  [newStatus]: ['succeeded', 'failed'],
  succeeded: ['failed'],
}

function makeRefund(random: Random, id: string): Thing {
  const begunAt = wait(random)
  let at = begunAt + 50 + random.below(2_000)
  let status = random.pick(['pending', 'pending', 'succeeded', 'requires_action'])
  const moments: Moment[] = [{ at, seen: { status }, types: ['refund.created', 'charge.refunded'] }]
  for (let turn = 0; turn < 6; turn += 1) {
    const ways = refundWays[status]
    const isBound = status === newStatus
    if (!ways || (!isBound && random.isHit(status === 'succeeded' ? 0.6 : 0.2))) break
    at += wait(random)
    status = random.pick(ways)
    const told = status === 'failed' ? ['refund.failed', ...refundUpdated] : refundUpdated
    moments.push({ at, seen: { status }, types: status === newStatus ? [] : told })
  }
  if (status === newStatus) moments.push({ at: at + 1, seen: { status: 'succeeded' }, types: refundUpdated })
  const isOurs = random.isHit(0.7)
  const fate = random.pick(['answered', 'answered', 'lost'] as const)
  return { kind: 'refund', id, moments, attempts: isOurs ? [{ begunAt, outcome: 0, fate }] : [], isOurs }
}

const setupFailure = {
  seen: seen(waitingCard, 'setup_intent_authentication_failure'),
  types: ['setup_intent.setup_failed'],
}
const setupSaved = {
  seen: seen('succeeded'),
  types: ['setup_intent.succeeded', 'checkout.session.completed', 'payment_method.attached'],
  isOver: true,
}
const setupWays: Readonly<Record<string, readonly Step[]>> = {
  [waitingCard]: [
    setupSaved,
    setupFailure,
    { seen: seen('requires_action'), types: ['setup_intent.requires_action'] },
    { seen: seen('processing'), types: [] },
    { seen: seen('canceled'), types: ['setup_intent.canceled', 'checkout.session.expired'], isOver: true },
  ],
  requires_action: [setupSaved, setupFailure, { seen: seen('processing'), types: [] }],
  processing: [setupSaved, setupFailure],
}

function makeSetup(random: Random, place: number): Thing {
  let at = 0
  let now: Step = { seen: seen(waitingCard), types: ['setup_intent.created'] }
  const moments: Moment[] = [{ at, seen: now.seen, types: now.types }]
  for (let turn = 0; turn < 7; turn += 1) {
    const ways = setupWays[now.seen.status]
    const isBound = now.seen.status === 'processing'
    if (!ways || (!isBound && random.isHit(0.1))) break
    at += wait(random)
    now = random.pick(ways)
    moments.push({ at, seen: now.seen, types: now.types })
  }
  return { kind: 'setup_intent', id: `seti_${place}`, moments, attempts: [], isOurs: true }
}

/** What a reading at this time sees; undefined before the object exists. */
export function readAt({ moments }: Thing, at: number): Seen | undefined {
  let found: Seen | undefined
  for (const moment of moments) {
    if (moment.at > at) break
    found = moment.seen
  }
  return found
}
