/** Gives what `requirements` asks for by its name, as the hosted form does, and says what to give in a test. */
import type Stripe from 'stripe'
import { addBankAccount, readBankAccount } from '../bank-accounts.ts'
import type { NewBankAccount } from '../bank-accounts.ts'
import { bankGrammarOf, directorsRequirement, homeCurrency, identityFiles, ownersRequirement } from '../facts.ts'
import { setAt } from '../merge.ts'
import { addPerson, changePerson } from '../people/person-parameters.ts'
import type { PersonGiven } from '../people/person-parameters.ts'
import type { Space } from '../../world/space.ts'
import { accountOf, splitPersonName } from './provided.ts'

/** A bank account as a form sends it: both numbers as typed. */
export interface BankAnswer {
  readonly routingNumber: string | null
  readonly accountNumber: string
}

export type Answer = string | BankAnswer

/**
 * Writes one answer; to be called inside `changeAccount`. Numbers of identity are noted as given and forgotten. Throws
 * StripeRefusal for a bank account that cannot be one.
 */
export function provide(space: Space, requirement: string, answer: Answer): void {
  if (requirement === 'external_account') {
    addBankAccount(space, readAnswer(space, answer))
    return
  }
  const value = String(answer)
  const ofPerson = splitPersonName(space, requirement)
  if (ofPerson === undefined) {
    provideForAccount(space, requirement, value)
    return
  }
  const person = ofPerson.person ?? addPerson(space, { representative: true })
  changePerson(space, person.id, personAnswer(person.object, ofPerson.part, value))
}

function readAnswer(space: Space, answer: Answer): NewBankAccount {
  const { country = 'US', default_currency: currency } = accountOf(space).object
  const given = typeof answer === 'string' ? { accountNumber: answer, routingNumber: null } : answer
  return readBankAccount(
    {
      object: 'bank_account',
      account_holder_name: accountOf(space).hidden.name,
      account_holder_type: undefined,
      account_number: given.accountNumber,
      country,
      currency: currency ?? homeCurrency[country],
      routing_number: given.routingNumber ?? undefined,
    },
    'external_account',
  )
}

function personAnswer(before: Stripe.Person, part: string, value: string): PersonGiven {
  if (part.startsWith('dob.')) {
    const dob = { ...before.dob, [part.slice('dob.'.length)]: Number(value) } as PersonGiven['dob']
    return { dob }
  }
  if (part === 'verification.document')
    return { verification: { document: { front: value }, additional_document: undefined } } as PersonGiven
  return setAt({}, part.split('.'), value) as PersonGiven
}

const flags = new Set([directorsRequirement, ownersRequirement])

function provideForAccount(space: Space, requirement: string, value: string): void {
  const before = accountOf(space).object
  const written = flags.has(requirement)
    ? setAt(before, ['company', requirement], true)
    : setAt(before, ...pathAndValue(requirement, value))
  const name = requirement === 'company.name' || requirement === 'business_profile.name' ? { name: value } : {}
  space.world.root.update('account', space.accountId, { object: written as Partial<Stripe.Account>, hidden: name })
}

function pathAndValue(requirement: string, value: string): [string[], unknown] {
  if (requirement === 'company.tax_id') return [['company', 'tax_id_provided'], true]
  if (requirement === 'company.verification.document') return [['company', 'verification', 'document', 'front'], value]
  if (requirement === 'tos_acceptance.date') return [requirement.split('.'), Number(value)]
  return [requirement.split('.'), value]
}

const texts: Readonly<Record<string, string>> = {
  'business_profile.mcc': '6513',
  'business_profile.name': 'Test Business',
  'business_profile.url': 'https://business.example.com',
  business_type: 'company',
  'company.name': 'Test Business',
  'company.tax_id': '000000000',
  'company.verification.document': identityFiles.good,
  [directorsRequirement]: 'true',
  [ownersRequirement]: 'true',
  'tos_acceptance.ip': '127.0.0.1',
}

const endings: Readonly<Record<string, string>> = {
  'address.city': 'Testville',
  'address.line1': 'address_full_match',
  'address.postal_code': '1000',
  'address.state': 'Test',
  'dob.day': '1',
  'dob.month': '1',
  'dob.year': '1901',
  email: 'jenny.rosen@example.com',
  first_name: 'Jenny',
  id_number: '000000000',
  last_name: 'Rosen',
  phone: '0000000000',
  'relationship.title': 'Director',
  ssn_last_4: '0000',
  'verification.document': identityFiles.good,
}

/** What the button "Fill with test data" writes for a name. */
export function testAnswer(space: Space, requirement: string): Answer {
  if (requirement === 'external_account') {
    const { testNumber, testRouting } = bankGrammarOf(accountOf(space).object.country ?? 'US')
    return { accountNumber: testNumber, routingNumber: testRouting }
  }
  if (requirement === 'tos_acceptance.date') return String(space.world.nowSeconds())
  const ending = requirement.slice(requirement.indexOf('.') + 1)
  return texts[requirement] ?? endings[ending] ?? 'Test'
}
