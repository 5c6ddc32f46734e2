import { describe, expect, test } from 'vitest'
import { decide as decidePayment } from '../src/payments/payment-state.ts'
import { decide as decideRefund, isReported } from '../src/refunds/refund-state.ts'
import { deliver } from './deliveries.ts'
import { makeHistory } from './histories.ts'
import { naiveJudges } from './naive.ts'
import { judgeHistories } from './order.ts'
import { drawFrom } from './random.ts'
import { judges, type Judges } from './rows.ts'

test('TRU-125, G4: of 20,000 histories each ends in the state Stripe has, with each effect once', () => {
  const tally = judgeHistories({ n: 20_000, seed: 4 })

  expect(tally.breaches).toEqual([])
  expect(tally.accepted).toBeGreaterThan(60_000)
  expect([...tally.naiveFailedAt.keys()]).toEqual([...naiveJudges.keys()])
})

describe('the histories tell a wrong judge from a right one', () => {
  const wrong: Record<string, Partial<Judges>> = {
    'a payment nobody asks about again': { payment: (...about) => ({ ...decidePayment(...about), isFollowed: false }) },
    'a payment that goes wherever a reading says': {
      payment: (current, report) => ({ ...decidePayment(current, report), to: report.seen }),
    },
    'a decline that is read while the next attempt is on its way': {
      payment: (current, { seen }) => decidePayment(current, { seen, isConfirming: false }),
    },
    'a success that cannot turn': {
      refund: (current, status) =>
        current === 'succeeded' ? { verdict: 'late', isFollowed: false } : decideRefund(current, status),
    },
    'a refund that goes wherever a reading says': {
      refund: (current, status) => {
        const decision = decideRefund(current, status)
        return decision.verdict === 'late' && isReported(status) ? { ...decision, to: status } : decision
      },
    },
    'a saved card that can be lost again': { setup: (current, seen) => (current === seen ? 'same' : 'move') },
  }

  test.each(Object.entries(wrong))('%s', (_name, replaced) => {
    const { breaches } = judgeHistories({ n: 3_000, seed: 5, judges: { ...judges, ...replaced } })
    expect(breaches.length).toBeGreaterThan(0)
    expect(breaches[0]).toMatch(/^Case \d+ of seed 5: /)
  })
})

test('a case of a seed is the same history every time', () => {
  const tell = () => {
    const random = drawFrom(11, 42)
    const history = makeHistory(random, 42)
    return { history, deliveries: deliver(history, random).map(({ at, body }) => [at, Buffer.from(body).toString()]) }
  }
  expect(tell()).toEqual(tell())
})
