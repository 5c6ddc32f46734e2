/**
 * Sends events as Stripe does: in no order, some twice, some never, and whatever is not answered with 200 again and again. What
 * surprises: a pause before another try is seconds here and hours at Stripe, so that a run has an end.
 */
import { signEvent } from '../bench/events.ts'
import type { Random } from './random.ts'

export type SenderWish = {
  readonly url: string
  readonly secret: string
  readonly random: Random
}

export type Sent = {
  /** How often each event was answered with 200. */
  readonly acknowledged: ReadonlyMap<string, number>
  readonly dropped: ReadonlySet<string>
  /** Events that were sent twice of Stripe's own accord. */
  readonly repeated: number
  /** Tries by what came back: 200, another status, or no answer. */
  readonly answers: ReadonlyMap<string, number>
}

const dropShare = 0.05
const repeatShare = 0.1
const spreadMs = 4_000
const answerWithinMs = 10_000

export type Sender = Sent & {
  /** Plans the deliveries of one event. */
  post(id: string, body: string): void
  pending(): number
  /** Nothing is tried again after this. */
  end(): void
}

export function createSender({ url, secret, random }: SenderWish): Sender {
  const acknowledged = new Map<string, number>()
  const answers = new Map<string, number>()
  const dropped = new Set<string>()
  let [repeated, pending, isOver] = [0, 0, false]
  const send = async (id: string, body: string): Promise<void> => {
    const answer = await deliver(url, secret, body)
    answers.set(answer, (answers.get(answer) ?? 0) + 1)
    if (answer !== '200') return plan(id, body, 500 + random.below(2_000))
    acknowledged.set(id, (acknowledged.get(id) ?? 0) + 1)
    pending -= 1
  }
  const plan = (id: string, body: string, pauseMs: number): void =>
    void setTimeout(() => !isOver && void send(id, body), pauseMs)
  return {
    acknowledged,
    answers,
    dropped,
    get repeated() {
      return repeated
    },
    post(id, body) {
      const [isDropped, isRepeated] = [random.isHit(dropShare), random.isHit(repeatShare)]
      const [first, second] = [random.below(spreadMs), random.below(2 * spreadMs)]
      if (isDropped) return void dropped.add(id)
      pending += 1
      plan(id, body, first)
      if (!isRepeated) return
      repeated += 1
      pending += 1
      plan(id, body, second)
    },
    pending: () => pending,
    end: () => void (isOver = true),
  }
}

/** @returns the status, or what kept it from coming. */
async function deliver(url: string, secret: string, body: string): Promise<string> {
  const signature = signEvent(body, { secret, timestamp: Math.floor(Date.now() / 1000) })
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
      body,
      signal: AbortSignal.timeout(answerWithinMs),
    })
    await answer.arrayBuffer()
    return String(answer.status)
  } catch {
    return 'no answer'
  }
}

export function describeSent({ acknowledged, answers, dropped, repeated }: Sent): string {
  const tries = [...answers.values()].reduce((sum, one) => sum + one, 0)
  const others = [...answers].filter(([answer]) => answer !== '200').map(([answer, count]) => `${answer} ${count}`)
  return `Deliveries: ${tries} tries, 200 for ${answers.get('200') ?? 0} of ${acknowledged.size} events; sent again: ${others.join(', ') || 'none'}; ${repeated} repeated, ${dropped.size} dropped`
}
