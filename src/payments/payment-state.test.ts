import { expect, test } from 'vitest'
import { judge, paymentStates, stateOfIntent } from './payment-state.ts'

// Read across: the payment stands in the row, Stripe now reports the column.
const drawing = `
now             created    requires_action processing authorized succeeded failed     canceled   unknown
created         same       move            move       move       move      move       move       move
requires_action late       same            move       move       move      move       move       move
processing      late       move            same       impossible move      move       move       late
authorized      late       late            impossible same       move      move       move       late
succeeded       late       late            late       late       same      late       late       late
failed          late       move            move       move       move      same       move       move
canceled        late       late            late       late       move      late       same       late
unknown         move       move            move       move       move      move       move       same
`

test('STR-148: the drawing is the whole truth: every state meets every report', () => {
  const judged = paymentStates.map((now) => [now, ...paymentStates.map((seen) => judge(now, seen))])
  const drawn = drawing.trim().split('\n')
  expect([['now', ...paymentStates], ...judged]).toEqual(drawn.map((line) => line.trim().split(/ +/)))
})

test.each([
  [{ status: 'requires_payment_method' }, 'created'],
  [{ status: 'requires_payment_method', lastError: { code: 'card_declined' } }, 'failed'],
  [{ status: 'requires_payment_method', lastError: { code: 'authentication_required' } }, 'requires_action'],
  [{ status: 'requires_payment_method', lastError: { code: 'payment_intent_authentication_failure' } }, 'failed'],
  [{ status: 'requires_confirmation' }, 'created'],
  [{ status: 'requires_action' }, 'requires_action'],
  [{ status: 'processing' }, 'processing'],
  [{ status: 'requires_capture' }, 'authorized'],
  [{ status: 'succeeded' }, 'succeeded'],
  [{ status: 'canceled' }, 'canceled'],
  [{ status: 'a_status_of_tomorrow' }, 'unknown'],
])('STR-148: %j reads as %s', (intent, state) => {
  expect(stateOfIntent(intent)).toBe(state)
})
