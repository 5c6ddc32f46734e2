/** What an account has given already, asked by the names that stand in `requirements`. */
import type Stripe from 'stripe'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { directorsRequirement, ownersRequirement } from '../facts.ts'

export function accountOf(space: Space): Row<'account'> {
  return space.world.root.get('account', space.accountId)
}

/** Who speaks for the company, or is the business; undefined while nobody was named. */
export function findRepresentative(space: Space): Row<'person'> | undefined {
  return [...space.oldestFirst('person')].find(({ object }) => object.relationship?.representative === true)
}

export function isIndividual(account: Stripe.Account): boolean {
  return account.business_type === 'individual'
}

/** Splits 'person_x.dob.day', 'representative.email' and 'individual.email' into the person and the part of it. */
export function splitPersonName(
  space: Space,
  requirement: string,
): { readonly person: Row<'person'> | undefined; readonly part: string } | undefined {
  const dot = requirement.indexOf('.')
  const holder = requirement.slice(0, dot)
  const part = requirement.slice(dot + 1)
  if (holder === 'representative' || holder === 'individual') return { person: findRepresentative(space), part }
  if (holder.startsWith('person_')) return { person: space.find('person', holder), part }
  return undefined
}

/** True when nothing has to be asked for under this name any more. */
export function isProvided(space: Space, requirement: string): boolean {
  if (requirement === 'external_account') return hasUsableBank(space)
  const ofPerson = splitPersonName(space, requirement)
  if (ofPerson !== undefined) return ofPerson.person !== undefined && hasPart(ofPerson.person.object, ofPerson.part)
  const account = accountOf(space).object
  if (requirement === directorsRequirement) return account.company?.directors_provided === true
  if (requirement === ownersRequirement) return account.company?.owners_provided === true
  if (requirement === 'company.tax_id') return account.company?.tax_id_provided === true
  if (requirement === 'company.verification.document') return account.company?.verification?.document.front != null
  if (requirement === 'business_profile.url') {
    return account.business_profile?.url != null || account.business_profile?.product_description != null
  }
  return isFilled(valueAt(account, requirement))
}

function hasUsableBank(space: Space): boolean {
  return [...space.oldestFirst('external_account')].some(({ object }) => object.status !== 'errored')
}

function hasPart(person: Stripe.Person, part: string): boolean {
  if (part === 'verification.document') return person.verification?.status === 'verified'
  if (part === 'id_number') return person.id_number_provided === true
  if (part === 'ssn_last_4') return person.ssn_last_4_provided === true
  return isFilled(valueAt(person, part))
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false
}

function valueAt(object: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((held, name) => (held as Record<string, unknown> | null | undefined)?.[name], object)
}
