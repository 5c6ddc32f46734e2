/** The form above a list that narrows it down; what it asks for stands in the address, so Back and links keep it. */
import type { StripeSandbox } from '../../stripe/index.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { selectField } from '../parts.ts'
import type { Visit } from './visit.ts'

export interface Choice {
  readonly value: string
  readonly label: string
}

export const modeChoices: readonly Choice[] = [
  { value: 'test', label: 'Test' },
  { value: 'live', label: 'Live' },
]

export function accountChoices(stripe: StripeSandbox): readonly Choice[] {
  return stripe.accounts().map(({ id, name }) => ({ value: id, label: name }))
}

/** Whose and which mode: the first two fields above every list of all accounts. */
export function placeFields({ stripe, query }: Visit): Insertable[] {
  return [
    selectField({
      name: 'account',
      label: 'Account',
      value: query.get('account') ?? '',
      all: 'All accounts',
      choices: accountChoices(stripe),
    }),
    selectField({
      name: 'mode',
      label: 'Mode',
      value: query.get('mode') ?? '',
      all: 'Both modes',
      choices: modeChoices,
    }),
  ]
}

interface FilterForm {
  path: string
  /** Names the form for a screen reader. */
  label: string
  fields: readonly Insertable[]
  query: URLSearchParams
}

export function filterForm({ path, label, fields, query }: FilterForm): Markup {
  const isFiltered = [...query].some(([name, value]) => name !== 'notice' && value !== '')
  return markup`<form class="filters" method="get" action="${path}" role="search" aria-label="${label}">
    ${fields}
    <button data-testid="sandbox-filter">Filter</button>
    ${isFiltered && markup`<a class="beside" href="${path}">Clear filters</a>`}
  </form>`
}
