import { expect, test } from 'vitest'
import { connectionStates, mayMove } from './connection-state.ts'

// Read across: the connection stands in the row and is to go to the column.
const drawing = `
now            unverified  connected  broken  disconnecting  disconnected
unverified     no          yes        no      yes            no
connected      no          yes        yes     yes            no
broken         no          yes        no      yes            no
disconnecting  no          yes        no      no             yes
disconnected   no          yes        no      no             no
`

test('STR-15 the drawing is the whole truth: every state meets every other', () => {
  const judged = connectionStates.map((now) => [
    now,
    ...connectionStates.map((next) => (mayMove(now, next) ? 'yes' : 'no')),
  ])
  const drawn = drawing.trim().split('\n')
  expect([['now', ...connectionStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})
