import { expect, test } from 'vitest'
import { judgeSetup, setupStates, stateOfSetupIntent } from './setup-state.ts'

// Read across: the setup stands in the row, Stripe now reports the column.
const drawing = `
now             created requires_action processing succeeded failed canceled
created         same    move            move       move      move   move
requires_action late    same            move       move      move   move
processing      late    move            same       move      move   move
succeeded       late    late            late       same      late   late
failed          late    move            move       move      same   move
canceled        late    late            late       late      late   same
`

test('STR-149: the drawing is the whole truth: every state meets every report', () => {
  const judged = setupStates.map((now) => [now, ...setupStates.map((seen) => judgeSetup(now, seen))])
  expect([['now', ...setupStates], ...judged]).toEqual(
    drawing
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ +/)),
  )
})

test('STR-149: a declined card on the hosted page reads as failed, a fresh intent as created', () => {
  expect(stateOfSetupIntent({ status: 'requires_payment_method', lastError: { code: 'card_declined' } })).toBe('failed')
  expect(stateOfSetupIntent({ status: 'requires_payment_method' })).toBe('created')
  expect(stateOfSetupIntent({ status: 'a_status_of_tomorrow' })).toBe('created')
})
