import { describe, expect, test } from 'vitest'
import type { ConnectedAccountSeen } from '#stripe'
import { classifyRequirements, classOf } from './requirements.ts'

const drawing = `
directors_provided                                people
owners_provided                                   people
executives_provided                               people
company.directors_provided                        people
representative.first_name                         people
representative.verification.document              people
person_1.relationship.director                    people
person_1.first_name                               people
person_1.verification.document                    identity
person_1.verification.additional_document         identity
individual.dob.day                                identity
individual.verification.document                  identity
company.verification.document                     identity
external_account                                  bank
tos_acceptance.date                               terms
tos_acceptance.ip                                 terms
business_profile.url                              business
company.tax_id                                    business
business_type                                     business
settings.payments.statement_descriptor            other
of_tomorrow                                       other
`

const account = (parts: Partial<NonNullable<ConnectedAccountSeen['requirements']>>): ConnectedAccountSeen => ({
  id: 'acct_1',
  name: 'Harbour Desks',
  country: 'AU',
  currency: 'AUD',
  hasErroredBank: false,
  isIndividual: false,
  requirements: { currentlyDue: [], pastDue: [], eventuallyDue: [], pendingVerification: [], errors: [], ...parts },
})

describe('STR-156: what Stripe asks for, in words', () => {
  test('every pattern of the table, and whatever nobody knows', () => {
    const drawn = drawing.trim().split('\n')
    expect(drawn.map((line) => [line.split(/ +/)[0], classOf(line.split(/ +/)[0]!)])).toEqual(
      drawn.map((line) => line.split(/ +/)),
    )
  })

  test('one line per class and urgency, what presses first, with deadline and the reasons Stripe gave', () => {
    const deadline = '2026-12-01T00:00:00.000Z'
    const seen = account({
      pastDue: ['directors_provided', 'person_1.first_name'],
      currentlyDue: ['directors_provided', 'person_1.first_name', 'external_account'],
      eventuallyDue: ['external_account', 'business_profile.url'],
      currentDeadline: deadline,
      errors: [{ requirement: 'directors_provided', reason: 'We have identified directors.' }],
    })
    expect(classifyRequirements(seen)).toEqual([
      {
        class: 'people',
        words: 'Details of directors or owners are missing: 2 fields',
        urgency: 'past_due',
        deadline,
        fields: ['directors_provided', 'person_1.first_name'],
        reasons: ['We have identified directors.'],
      },
      {
        class: 'bank',
        words: 'A bank account for payouts is missing or stopped working',
        urgency: 'due',
        deadline,
        fields: ['external_account'],
        reasons: [],
      },
      {
        class: 'business',
        words: 'Business details are missing',
        urgency: 'later',
        fields: ['business_profile.url'],
        reasons: [],
      },
    ])
  })

  test('proof of identity names the business, the owner, or how many people', () => {
    const wordsFor = (seen: ConnectedAccountSeen) => classifyRequirements(seen)[0]?.words
    const document = (...names: string[]) =>
      account({ currentlyDue: names.map((name) => `${name}.verification.document`) })
    expect(wordsFor(document('company'))).toBe('Stripe needs proof of identity for Harbour Desks')
    expect(wordsFor({ ...document('individual'), isIndividual: true })).toBe(
      'Stripe needs proof of identity for the owner',
    )
    expect(wordsFor(document('person_1'))).toBe('Stripe needs proof of identity for a person of the business')
    expect(wordsFor(document('person_1', 'person_2'))).toBe('Stripe needs proof of identity for 2 people')
  })

  test('nothing asked for is nothing said', () => {
    expect(classifyRequirements(account({}))).toEqual([])
    const { requirements: _, ...unread } = account({})
    expect(classifyRequirements(unread)).toEqual([])
  })
})
