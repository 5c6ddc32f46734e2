import { expect, test } from 'vitest'
import type { Demand } from '#onboarding'
import { judgeDirectors } from './account-checks.ts'
import type { ConnectKnown } from './known.ts'

const people: Demand = {
  class: 'people',
  words: 'Details of directors or owners',
  urgency: 'past_due',
  fields: ['company.directors_provided'],
  reasons: [],
}
const bank: Demand = { ...people, class: 'bank', words: 'A bank account', fields: ['external_account'] }
const refused: Demand = { ...people, reasons: ['The name could not be verified.'] }

test('STR-108: directors block an account whose form was submitted, now or once, or when nothing else is left or they were refused', () => {
  const cases: readonly (readonly [
    state: string,
    known: { readonly isSubmitted: boolean; readonly wasActive?: boolean; readonly demands: readonly Demand[] },
  ])[] = [
    ['ok', { isSubmitted: true, demands: [] }],
    ['ok', { isSubmitted: true, demands: [bank] }],
    ['ok', { isSubmitted: true, demands: [{ ...people, urgency: 'later' }] }],
    ['found', { isSubmitted: true, demands: [people, bank] }],
    ['cannot_tell', { isSubmitted: false, demands: [people, bank] }],
    ['found', { isSubmitted: false, demands: [people] }],
    ['found', { isSubmitted: false, demands: [refused, bank] }],
    // What Accounts v2 says of an account that has taken payments for months and is asked for more.
    ['found', { isSubmitted: false, wasActive: true, demands: [people, bank] }],
  ]
  for (const [state, { isSubmitted, wasActive = false, demands }] of cases) {
    const account = { seen: { detailsSubmitted: isSubmitted }, wasActive }
    const known = { account, demands } as unknown as ConnectKnown
    expect(judgeDirectors(known, []).state, JSON.stringify({ isSubmitted, wasActive, demands })).toBe(state)
  }
})
