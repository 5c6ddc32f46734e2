import { expect, test } from 'vitest'
import { holdingStates, leaseStates, leaseStateLabel, liveStates, mayStep } from './lease-state.ts'

// Read across: the lease stands in the row and would move to the column.
const drawing = `
from                 draft awaiting_acceptance awaiting_payment reserved active notice_given ended settled abandoned cancelled
draft                -     yes                 yes              -        -      -            -     -       yes       yes
awaiting_acceptance  -     -                   yes              -        -      -            -     -       yes       yes
awaiting_payment     -     -                   -                yes      yes    -            -     -       yes       yes
reserved             -     -                   -                -        yes    -            -     -       -         yes
active               -     -                   -                -        -      yes          -     -       -         -
notice_given         -     -                   -                -        yes    -            yes   -       -         -
ended                -     -                   -                -        -      -            -     yes     -         -
settled              -     -                   -                -        -      -            -     -       -         -
abandoned            -     -                   -                -        -      -            -     -       -         -
cancelled            -     -                   -                -        -      -            -     -       -         -
`

test('BIL-13: the drawing is the whole truth: every state meets every other', () => {
  const drawn = drawing.trim().split('\n')
  const judged = leaseStates.map((from) => [from, ...leaseStates.map((to) => (mayStep(from, to) ? 'yes' : '-'))])
  expect([['from', ...leaseStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

test('BIL-3: a lease that is live also holds its space, and every state has a word', () => {
  expect(liveStates.filter((state) => !holdingStates.some((holding) => holding === state))).toEqual([])
  expect(leaseStates.map(leaseStateLabel).filter((label) => label.trim() === '')).toEqual([])
})
