import { expect, test } from 'vitest'
import { judge, mayStillMove, payoutStates, payoutWords, stateOf } from './payout-state.ts'

// Read across: the payout stands in the row, Stripe now reports the column.
const drawing = `
now         pending  in_transit  paid        failed      canceled    other
pending     same     move        move        move        move        move
in_transit  late     same        move        move        move        move
paid        late     late        same        move        impossible  move
failed      late     late        late        same        impossible  late
canceled    late     late        impossible  impossible  same        late
other       move     move        move        move        move        same
`

test('STR-152: the drawing is the whole truth: every state meets every report', () => {
  const judged = payoutStates.map((now) => [now, ...payoutStates.map((seen) => judge(now, seen))])
  const drawn = drawing.trim().split('\n')
  expect([['now', ...payoutStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

test('STR-152: a word of tomorrow is no state of today, and is shown as it is', () => {
  expect(stateOf('paid')).toBe('paid')
  for (const word of ['held_by_bank', 'other', '', '__proto__']) expect(stateOf(word)).toBe('other')
  expect(payoutWords({ state: 'other', statusWord: 'held_by_bank' })).toBe('held by bank')
  expect(payoutWords({ state: 'in_transit', statusWord: 'in_transit' })).toBe('On its way')
})

test('STR-152: paid may fail up to five business days later; nothing is expected of what failed or was canceled', () => {
  // 20 November 2026 is a Friday.
  const paid = { state: 'paid', arrivalOn: '2026-11-20' } as const
  expect(mayStillMove(paid, '2026-11-27')).toBe(true)
  expect(mayStillMove(paid, '2026-11-28')).toBe(false)
  for (const state of ['pending', 'in_transit', 'other'] as const)
    expect(mayStillMove({ ...paid, state }, '2027-01-01')).toBe(true)
  for (const state of ['failed', 'canceled'] as const)
    expect(mayStillMove({ ...paid, state }, '2026-11-20')).toBe(false)
})
