/** What may be told about a person, and the person as Stripe shows it. Numbers of identity are taken and never shown. */
import type Stripe from 'stripe'
import { refuse } from '../../errors.ts'
import { addressGroup, buildAddress } from '../../parts/fields.ts'
import {
  changeMetadata,
  clearable,
  email,
  flag,
  group,
  integer,
  list,
  metadata,
  oneOf,
  required,
  text,
} from '../../protocol/parameters.ts'
import type { Parameter, Values } from '../../protocol/parameters.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { identityFiles } from '../facts.ts'
import { mergeGiven } from '../merge.ts'

const paper = group({ back: text(255), front: text(255) })

const names = {
  first_name: text(100),
  last_name: text(100),
  maiden_name: text(100),
  gender: oneOf('male', 'female'),
}

/** Of people and of the individual who is the business. */
const common = {
  ...names,
  address: addressGroup(),
  dob: clearable(
    group({
      day: required(integer({ min: 1, max: 31 })),
      month: required(integer({ min: 1, max: 12 })),
      year: required(integer({ min: 1900, max: 2100 })),
    }),
  ),
  email: email(),
  full_name_aliases: list(text(300)),
  id_number: text(100),
  metadata: metadata(),
  phone: text(30),
  political_exposure: oneOf('existing', 'none'),
  registered_address: addressGroup(),
  ssn_last_4: text(4),
  verification: group({ additional_document: paper, document: paper }),
}

const percent: Parameter<number> = {
  isRequired: false,
  read(value, path) {
    if (typeof value === 'string' && /^\d{1,3}(\.\d+)?$/.test(value) && Number(value) <= 100) return Number(value)
    throw refuse('The percent_ownership must be a number between 0 and 100.', { param: path })
  },
}

const roles = {
  authorizer: flag(),
  director: flag(),
  executive: flag(),
  legal_guardian: flag(),
  owner: flag(),
  representative: flag(),
}

export const roleFilter = group(roles)

const allRoles = { ...roles, percent_ownership: clearable(percent), title: text(5000) }

export const personShape = { ...common, nationality: text(2), relationship: group(allRoles) }

const japanese = [
  'address_kana',
  'address_kanji',
  'first_name_kana',
  'first_name_kanji',
  'last_name_kana',
  'last_name_kanji',
]
export const unbuiltOfPersons = [
  ...japanese,
  'additional_tos_acceptances',
  'documents',
  'id_number_secondary',
  'person_token',
  'us_cfpb_data',
]

export function individualGroup(): Parameter<Values<typeof individualShape>> {
  return group(individualShape, [...japanese, 'id_number_secondary'])
}

const individualShape = {
  ...common,
  relationship: group({
    director: flag(),
    executive: flag(),
    owner: flag(),
    percent_ownership: clearable(percent),
    title: text(5000),
  }),
}

/** A person as a call or the hosted form gives one; what is absent stays. */
export type PersonGiven = Omit<Partial<Values<typeof personShape>>, 'relationship'> & {
  readonly relationship?: Partial<Values<typeof allRoles>> | undefined
}

/** Writes a person who is nothing to the account yet. */
export function addPerson(space: Space, relationship: Partial<Stripe.Person.Relationship> = {}): Row<'person'> {
  const { world } = space
  const id = world.ids.id('person')
  const object: Stripe.Person = {
    id,
    object: 'person',
    account: space.accountId,
    address: buildAddress(undefined),
    created: world.nowSeconds(),
    dob: noBirthday,
    email: null,
    first_name: null,
    future_requirements: nothingDue,
    id_number_provided: false,
    last_name: null,
    metadata: {},
    phone: null,
    relationship: { ...noRelationship, ...relationship },
    requirements: nothingDue,
    ssn_last_4_provided: false,
    verification: {
      additional_document: noPaper,
      details: null,
      details_code: null,
      document: noPaper,
      status: 'unverified',
    },
  }
  return space.insert('person', id, { object, hidden: {} })
}

/** Writes what was given over the person. Throws StripeRefusal for a document that is no test document. */
export function changePerson(space: Space, id: string, given: PersonGiven): Row<'person'> {
  const { dob, id_number: number, metadata: tags, ssn_last_4: ssn, verification, ...plain } = given
  const before = space.get('person', id).object
  return space.update('person', id, {
    object: {
      ...mergeGiven(before, plain),
      ...(dob !== undefined && { dob: { ...noBirthday, ...dob } as Stripe.Person.Dob }),
      ...(number !== undefined && { id_number_provided: true }),
      ...(ssn !== undefined && { ssn_last_4_provided: true }),
      metadata: changeMetadata(before.metadata ?? {}, tags),
      ...(verification !== undefined && { verification: verify(before.verification, verification) }),
    } as Partial<Stripe.Person>,
  })
}

type Papers = Partial<NonNullable<PersonGiven['verification']>>

function verify(before: Stripe.Person.Verification | undefined, papers: Papers): Stripe.Person.Verification {
  const files = [
    papers.document?.front,
    papers.document?.back,
    papers.additional_document?.front,
    papers.additional_document?.back,
  ]
  for (const file of files) if (file !== undefined) checkFile(file)
  const front = papers.document?.front
  const status = front === undefined ? (before?.status ?? 'unverified') : verdictOn(front)
  const isRefused = front !== undefined && status !== 'verified'
  return {
    additional_document: keepPaper(before?.additional_document, papers.additional_document),
    details: isRefused ? 'The document could not be read.' : null,
    details_code: isRefused ? 'document_not_readable' : null,
    document: keepPaper(before?.document, papers.document),
    status,
  } as Stripe.Person.Verification
}

/** A side that is not sent stays what it was. */
function keepPaper(before: object | null | undefined, given: Papers['document']): object {
  const sides = Object.entries(given ?? {}).filter(([, file]) => file !== undefined)
  return { ...noPaper, ...before, ...Object.fromEntries(sides) }
}

function verdictOn(file: string): string {
  return file === identityFiles.good ? 'verified' : 'unverified'
}

function checkFile(file: string): void {
  if (file === identityFiles.good || file === identityFiles.bad) return
  throw refuse(
    `No such file upload: '${file}'. The sandbox takes ${identityFiles.good} and ${identityFiles.bad} as identity documents.`,
    { code: 'resource_missing', param: 'verification' },
  )
}

const noBirthday = { day: null, month: null, year: null }

const noPaper = { back: null, details: null, details_code: null, front: null }

const noRelationship: Stripe.Person.Relationship = {
  authorizer: false,
  director: false,
  executive: false,
  legal_guardian: false,
  owner: false,
  percent_ownership: null,
  representative: false,
  title: null,
}

const nothingDue = {
  alternatives: [],
  currently_due: [],
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
}
