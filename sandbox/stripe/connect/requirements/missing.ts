/** What is still missing of what every account of its country and business type must give. */
import type { Space } from '../../world/space.ts'
import {
  commonFields,
  companyFields,
  directorCountries,
  directorsRequirement,
  ownersRequirement,
  personFields,
} from '../facts.ts'
import { accountOf, findRepresentative, isIndividual, isProvided } from './provided.ts'

/** Names as `requirements` lists them; empty when everything was given. */
export function listMissing(space: Space): string[] {
  return listAsked(space).filter((requirement) => !isProvided(space, requirement))
}

function listAsked(space: Space): string[] {
  const account = accountOf(space).object
  if (account.business_type == null) return ['business_type', ...commonFields]
  if (isIndividual(account)) return [...commonFields, ...personFields.map((part) => `individual.${part}`)]
  // Until somebody is named, Stripe asks for "the representative"; afterwards for what that person lacks.
  const holder = findRepresentative(space)?.id ?? 'representative'
  const wantsDirectors = directorCountries.has(account.country ?? '')
  return [
    ...commonFields,
    ...companyFields,
    ...(wantsDirectors ? [directorsRequirement, ownersRequirement] : []),
    ...personFields.map((part) => `${holder}.${part}`),
  ]
}
