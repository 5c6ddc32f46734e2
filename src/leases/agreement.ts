/**
 * The text of an agreement and the fields it may name (BIL-10). Pure. What surprises: an unknown field stops the publishing, so a
 * rendered agreement never shows a pair of braces to a renter.
 */
import type { Outcome } from '#kernel'
import { done } from '#kernel'
import { refuse, type LeasesProblem } from './problems.ts'

/** Every field an agreement may name, with what it stands for. */
export const agreementFields = {
  'operator.name': 'your company as on invoices',
  'renter.name': 'name of the renter',
  'renter.business_name': 'business name of the renter',
  'renter.address': 'billing address of the renter',
  'renter.email': 'e-mail address of the renter',
  'space.number': 'number of the space',
  'category.name': 'kind of space',
  'location.name': 'name of the location',
  rent: 'rent per interval',
  interval: 'how often rent falls due',
  deposit: 'deposit',
  start_date: 'first day',
} as const

export type AgreementField = keyof typeof agreementFields
export type AgreementValues = Readonly<Record<AgreementField, string>>

const field = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The refusal when a text cannot be published: empty, naming a field that does not exist, or with a field half written. */
export function judgeAgreement(content: string): Outcome<void, LeasesProblem> {
  if (content.trim() === '') return refuse('agreement_empty', { field: '/content' })
  const named = [...content.matchAll(field)].map((match) => match[1] ?? '')
  const unknown = named.find((name) => !isField(name))
  if (unknown !== undefined) return refuse('agreement_field_unknown', { field: '/content', word: `{{${unknown}}}` })
  const stray = /\{\{|\}\}/.exec(content.replaceAll(field, (whole) => ' '.repeat(whole.length)))
  if (stray) {
    const word = content
      .slice(Math.max(0, stray.index - 20), stray.index + 25)
      .replaceAll(/\s+/g, ' ')
      .trim()
    return refuse('agreement_braces_open', { field: '/content', word })
  }
  return done(undefined)
}

/** The text as the renter reads it. @throws on a field that does not exist, because published texts have none. */
export function renderAgreement(content: string, values: AgreementValues): string {
  return content.replace(field, (_, name: string) => {
    if (!isField(name)) throw new Error(`a published agreement names the unknown field ${name}`)
    return values[name]
  })
}

function isField(name: string): name is AgreementField {
  return Object.hasOwn(agreementFields, name)
}
