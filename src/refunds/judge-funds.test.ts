import { describe, expect, test } from 'vitest'
import { judgeFunds } from './judge-funds.ts'

const now = new Date('2026-11-20T10:00:00Z')
const tuesday = new Date('2026-11-24T00:00:00Z')
const wednesday = new Date('2026-11-25T00:00:00Z')
const arrivals = [
  { at: tuesday, availableMinor: 10_000n },
  { at: wednesday, availableMinor: 30_000n },
]

describe('STR-109: the balance of the charge’s currency is looked at before a refund is sent', () => {
  test.each([
    ['it suffices to the cent', 12_000n, 12_000n, 0n, 'send'],
    ['a cent is missing', 11_999n, 12_000n, 0n, wednesday],
    ['what older refunds take first is not there for it', 12_000n, 7_000n, 6_000n, wednesday],
    ['the first arrival suffices', 0n, 10_000n, 0n, tuesday],
    ['the sum of all arrivals suffices', 0n, 30_000n, 0n, wednesday],
    ['not enough is on its way', 0n, 30_001n, 0n, undefined],
    ['the account owes Stripe', -500n, 100n, 0n, tuesday],
  ])('%s', (_, availableMinor, amountMinor, aheadMinor, wanted) => {
    const judged = judgeFunds(
      { state: 'requested', amountMinor },
      { funds: { availableMinor, arrivals }, aheadMinor, now },
    )
    expect(judged).toEqual(wanted === 'send' ? { verdict: 'send' } : { verdict: 'wait', expectedAt: wanted })
  })

  test.each([
    ['waiting_funds', 10, 'send'],
    ['waiting_funds', 11, 'wait'],
    ['requested', 10, 'wait'],
  ] as const)('one that is %s goes to Stripe %i minutes before its funds settle: %s', (state, minutes, verdict) => {
    const near = new Date(tuesday.getTime() - minutes * 60_000)
    const judged = judgeFunds(
      { state, amountMinor: 10_000n },
      { funds: { availableMinor: 0n, arrivals }, aheadMinor: 0n, now: near },
    )
    expect(judged.verdict).toBe(verdict)
  })
})
