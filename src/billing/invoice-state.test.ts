import { expect, test } from 'vitest'
import { invoiceStates, judgeAction, mayStep, type InvoiceAction } from './invoice-state.ts'

// Read across: the document stands in the row and would move to the column.
const drawing = `
from          draft open paid void uncollectible deleted
draft         -     yes  -    -    -             yes
open          -     -    yes  yes  yes           -
paid          -     yes  -    -    -             -
void          -     -    -    -    -             -
uncollectible -     -    yes  -    -             -
deleted       -     -    -    -    -             -
`

test('BIL-53: the drawing is the whole truth: every state meets every other', () => {
  const drawn = drawing.trim().split('\n')
  const judged = invoiceStates.map((from) => [from, ...invoiceStates.map((to) => (mayStep(from, to) ? 'yes' : '-'))])
  expect([['from', ...invoiceStates], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})

// Read across: the document stands in the row, a person wants the column.
const wishes = `
document      finalise    delete                     void
draft         yes         yes                        only_open_can_be_voided
open          not_a_draft only_drafts_can_be_deleted yes
paid          not_a_draft only_drafts_can_be_deleted only_open_can_be_voided
void          not_a_draft only_drafts_can_be_deleted only_open_can_be_voided
uncollectible not_a_draft only_drafts_can_be_deleted only_open_can_be_voided
deleted       not_a_draft only_drafts_can_be_deleted only_open_can_be_voided
`

test('BIL-54: what a person may do to a document, and why not', () => {
  const drawn = wishes.trim().split('\n')
  const actions: InvoiceAction[] = ['finalise', 'delete', 'void']
  const judged = invoiceStates.map((state) => [state, ...actions.map((action) => judgeAction(state, action) ?? 'yes')])
  expect([['document', ...actions], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
})
