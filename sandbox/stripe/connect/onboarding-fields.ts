/** How the hosted form asks for each requirement: group, words, kind of input, test data, and what it takes as an answer. */
import type { Space } from '../world/space.ts'
import { directorsRequirement, identityFiles, ownersRequirement } from './facts.ts'
import type { OnboardingField, OnboardingGroupName } from './onboarding-views.ts'
import { testAnswer } from './requirements/provide.ts'
import type { Answer } from './requirements/provide.ts'

type Input = OnboardingField['input']

export const groupTitles: Readonly<Record<OnboardingGroupName, string>> = {
  business: 'Your business',
  people: 'People',
  identity: 'Proof of identity',
  bank: 'Bank account for payouts',
  terms: 'Terms',
}

/** By requirement, or by its part after the person. */
const labels: Readonly<Record<string, string>> = {
  business_type: 'Type of business',
  'business_profile.mcc': 'Industry code (four digits)',
  'business_profile.url': 'Website',
  'company.name': 'Legal name of the business',
  'company.phone': 'Phone of the business',
  'company.address.city': 'City of the business',
  'company.address.line1': 'Street of the business',
  'company.address.postal_code': 'Postal code of the business',
  'company.verification.document': 'Document that proves the business',
  [directorsRequirement]: 'All directors are listed',
  [ownersRequirement]: 'Everybody who owns a quarter or more is listed',
  'address.city': 'City',
  'address.line1': 'Street',
  'address.postal_code': 'Postal code',
  'dob.day': 'Day of birth',
  'dob.month': 'Month of birth',
  'dob.year': 'Year of birth',
  email: 'E-mail',
  first_name: 'First name',
  last_name: 'Last name',
  phone: 'Phone',
  'verification.document': 'Identity document',
}

const taxIdLabels: Readonly<Record<string, string>> = { AU: 'ABN', NZ: 'NZBN', US: 'EIN', GB: 'Company number' }

export function taxIdLabel(country: string): string {
  return taxIdLabels[country] ?? 'VAT number'
}

const businessTypes = [
  { value: 'company', label: 'Company' },
  { value: 'individual', label: 'Individual' },
  { value: 'non_profit', label: 'Non-profit' },
]

const documents = [
  { value: identityFiles.good, label: 'A document Stripe can read' },
  { value: identityFiles.bad, label: 'A document Stripe cannot read' },
]

export function groupOf(requirement: string): OnboardingGroupName {
  if (requirement === 'external_account') return 'bank'
  if (requirement.startsWith('tos_acceptance')) return 'terms'
  if (requirement.endsWith('verification.document')) return 'identity'
  const isOfPeople = /^(?:person_|representative\.|individual\.)/.test(requirement)
  const isList = requirement === directorsRequirement || requirement === ownersRequirement
  return isOfPeople || isList ? 'people' : 'business'
}

/** The part that says what is asked, whoever is asked. */
function keyOf(requirement: string): string {
  return requirement.replace(/^(?:person_\w+|representative|individual)\./, '')
}

function labelOf(space: Space, requirement: string, country: string): string {
  if (requirement === 'company.tax_id') return taxIdLabel(country)
  const words = labels[requirement] ?? labels[keyOf(requirement)] ?? requirement
  const holder = requirement.startsWith('person_')
    ? space.find('person', requirement.split('.', 1)[0] ?? '')
    : undefined
  const relationship = holder?.object.relationship
  if (holder === undefined || relationship?.representative === true) return words
  return `${words} (${relationship?.director === true ? 'director' : 'owner'})`
}

function inputOf(requirement: string): Input {
  const key = keyOf(requirement)
  if (requirement === 'business_type' || key.endsWith('verification.document')) return 'choice'
  if (requirement === directorsRequirement || requirement === ownersRequirement) return 'checkbox'
  if (key.startsWith('dob.')) return 'number'
  if (key === 'email') return 'email'
  return requirement === 'business_profile.url' ? 'url' : 'text'
}

function choicesOf(requirement: string): OnboardingField['choices'] {
  if (requirement === 'business_type') return businessTypes
  return inputOf(requirement) === 'choice' ? documents : []
}

interface Asked {
  readonly requirement: string
  readonly country: string
  readonly isPastDue: boolean
  readonly reason: string | null
}

/** The form fields of one requirement: two for a bank account, one for both parts of the terms. */
export function fieldsOf(space: Space, asked: Asked): OnboardingField[] {
  const { requirement, country, isPastDue, reason } = asked
  const common = { choices: [], isPastDue, reason }
  const test = testAnswer(space, requirement)
  if (requirement === 'tos_acceptance.ip') return []
  if (requirement === 'tos_acceptance.date')
    return [
      {
        ...common,
        name: 'tos_acceptance',
        label: 'I accept the terms of Stripe',
        input: 'checkbox',
        testValue: 'true',
      },
    ]
  if (typeof test !== 'string') {
    const { routingNumber, accountNumber } = test
    const number = {
      ...common,
      name: numberField,
      label: 'Account number',
      input: 'text',
      testValue: accountNumber,
    } as const
    if (routingNumber === null) return [number]
    return [{ ...common, name: routingField, label: 'Routing number', input: 'text', testValue: routingNumber }, number]
  }
  const label = labelOf(space, requirement, country)
  const input = inputOf(requirement)
  return [{ ...common, name: requirement, label, input, choices: choicesOf(requirement), testValue: test }]
}

const routingField = 'external_account.routing_number'
const numberField = 'external_account.account_number'

/** What the form gave for a requirement; undefined when its fields were left empty. */
export function answerOf(
  space: Space,
  requirement: string,
  values: Readonly<Record<string, string>>,
): Answer | undefined {
  const read = (name: string): string | undefined => {
    const value = Object.hasOwn(values, name) ? values[name]?.trim() : undefined
    return value === '' ? undefined : value
  }
  if (requirement === 'external_account') {
    const accountNumber = read(numberField)
    return accountNumber === undefined ? undefined : { accountNumber, routingNumber: read(routingField) ?? null }
  }
  if (requirement === 'tos_acceptance.date')
    return read('tos_acceptance') === undefined ? undefined : String(space.world.nowSeconds())
  if (requirement === 'tos_acceptance.ip') return read('tos_acceptance') === undefined ? undefined : '127.0.0.1'
  return read(requirement)
}

/** Name of the field beside which a refusal of this requirement is shown. */
export function fieldNameOf(requirement: string): string {
  if (requirement === 'external_account') return numberField
  return requirement.startsWith('tos_acceptance') ? 'tos_acceptance' : requirement
}

const yearsBack = { min: 1900, max: 2100 }
const limits: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  'dob.day': { min: 1, max: 31 },
  'dob.month': { min: 1, max: 12 },
  'dob.year': yearsBack,
}

/** What is wrong with an answer, in words; undefined when nothing is. */
export function problemWith(requirement: string, answer: Answer): string | undefined {
  if (typeof answer !== 'string') return undefined
  const key = keyOf(requirement)
  const choices = choicesOf(requirement)
  if (choices.length > 0 && choices.every(({ value }) => value !== answer)) return 'Choose one of the list.'
  const range = limits[key]
  const isWhole = /^\d{1,4}$/.test(answer)
  if (range !== undefined && (!isWhole || Number(answer) < range.min || Number(answer) > range.max))
    return `Enter a number from ${range.min} to ${range.max}.`
  if (key === 'email' && !/^[^\s@]+@[^\s@]+$/.test(answer)) return 'Enter an e-mail address.'
  if (requirement === 'business_profile.url' && !/^https?:\/\/\S+$/.test(answer))
    return 'Enter an address that begins with https://.'
  if (requirement === 'business_profile.mcc' && !/^\d{4}$/.test(answer)) return 'Enter the four digits of the industry.'
  return answer.length > 200 ? 'Enter at most 200 characters.' : undefined
}
