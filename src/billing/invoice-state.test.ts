import { expect, test } from 'vitest'
import { invoiceStates, judgeAction, mayStep, type InvoiceAction } from './invoice-state.ts'

// Read across: the document stands in the row and would move to the column.
const drawing = `
from          draft open paid void uncollectible deleted
draft         -     yes  -    -    -             yes
open          -     -    yes  yes  yes           -
paid          -     yes  -    -    -             -
void          -     -    -    -    -             -
uncollectible -     yes  yes  -    -             -
deleted       -     -    -    -    -             -
`

test('BIL-53: the drawing is the whole truth: every state meets every other', () => {
  const drawn = drawing.trim().split('\n')
  const judged = invoiceStates.map((from) => [from, ...invoiceStates.map((to) => (mayStep(from, to) ? 'yes' : '-'))])
  expect([['from', ...invoiceStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

test('BIL-54: what a person may do agrees with where a document may go', () => {
  const goals = { finalise: 'open', delete: 'deleted', void: 'void' } as const
  const actions = Object.keys(goals) as InvoiceAction[]
  const answers = invoiceStates.flatMap((state) => actions.map((action) => judgeAction(state, action) === undefined))
  const possible = invoiceStates.flatMap((state) =>
    actions.map((action) => mayStep(state, goals[action]) && state !== 'uncollectible'),
  )
  expect(answers).toEqual(possible)
})
