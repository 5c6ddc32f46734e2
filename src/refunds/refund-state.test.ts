import { expect, test } from 'vitest'
import { judge, mayStep, refundStates, reportedStates } from './refund-state.ts'

// Read across: the refund stands in the row, Stripe now reports the column.
const drawing = `
now              pending    requires_action  succeeded   failed      canceled
requested        impossible impossible       impossible  impossible  impossible
waiting_funds    impossible impossible       impossible  impossible  impossible
submitting       move       move             move        move        move
unknown          move       move             move        move        move
pending          same       move             move        move        move
requires_action  move       same             move        move        move
succeeded        late       late             same        move        impossible
failed           late       late             late        same        impossible
canceled         late       late             impossible  impossible  same
`

test('STR-150: the drawing is the whole truth: every state meets every report', () => {
  const judged = refundStates.map((now) => [now, ...reportedStates.map((seen) => judge(now, seen))])
  const drawn = drawing.trim().split('\n')
  expect([['now', ...reportedStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

test('STR-150: we ourselves never move a refund that Stripe has', () => {
  const own = refundStates.filter((state) => refundStates.some((next) => mayStep(state, next)))
  expect(own).toEqual(['requested', 'waiting_funds', 'submitting', 'unknown'])
})
