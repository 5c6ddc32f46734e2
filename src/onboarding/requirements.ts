/**
 * What Stripe still asks for, in plain words (STR-156, STR-36). Each string belongs to the first class that fits; of a person, proof of
 * identity is looked for before the rest. Stripe's own strings and reasons go along for whoever opens them.
 */
import type { ConnectedAccountSeen } from '#stripe'

export const requirementClasses = ['people', 'identity', 'bank', 'terms', 'business', 'other'] as const
export type RequirementClass = (typeof requirementClasses)[number]

export type Demand = {
  readonly class: RequirementClass
  readonly words: string
  /** `later` is asked for once more business comes; nothing stops because of it. */
  readonly urgency: 'past_due' | 'due' | 'later'
  /** As an ISO 8601 instant. */
  readonly deadline?: string
  readonly fields: readonly string[]
  readonly reasons: readonly string[]
}

/** The second half is how Accounts v2 names the same things, which is not proven (STR-155). */
const patterns: readonly (readonly [RequirementClass, RegExp])[] = [
  ['identity', /^person_[^.]*\.verification/],
  ['people', /^(company\.)?(directors|owners|executives)_provided$|^representative\.|^person_/],
  ['identity', /\.verification\.(document|additional_document)$|^individual\./],
  ['bank', /^external_account$/],
  ['terms', /^tos_acceptance\./],
  ['business', /^business_profile\.|^company\.|^business_type$/],
  ['terms', /^identity\.attestations\.|terms_of_service/],
  ['people', /^identity\.(person|owners|directors|executives|representative)/],
  ['identity', /^identity\.individual\./],
  ['business', /^identity\.business_details\.|^identity\.(entity_type|country)$|^defaults\.profile\./],
  ['bank', /(external_account|payout_method|default_outbound_destination)/],
]

export function classOf(requirement: string): RequirementClass {
  return patterns.find(([, pattern]) => pattern.test(requirement))?.[0] ?? 'other'
}

const wordsOf: Readonly<Record<RequirementClass, (about: { name: string; count: number }) => string>> = {
  people: ({ count }) =>
    `Details of directors or owners are missing: ${count === 1 ? '1 field' : `${String(count)} fields`}`,
  identity: ({ name }) => `Stripe needs proof of identity for ${name}`,
  bank: () => 'A bank account for payouts is missing or stopped working',
  terms: () => 'Stripe’s terms must be accepted',
  business: () => 'Business details are missing',
  other: () => 'Stripe asks for more information',
}

const urgencies = ['past_due', 'due', 'later'] as const

/** One line per class and urgency, what presses first. Empty when nothing is asked for. */
export function classifyRequirements(seen: ConnectedAccountSeen): readonly Demand[] {
  const { requirements, futureRequirements } = seen
  if (!requirements) return []
  const { pastDue, currentlyDue, eventuallyDue, errors, currentDeadline } = requirements
  const urgencyOf = new Map<string, Demand['urgency']>()
  const note = (list: readonly string[], urgency: Demand['urgency']) => {
    for (const one of list) if (one !== '' && !urgencyOf.has(one)) urgencyOf.set(one, urgency)
  }
  note(pastDue, 'past_due')
  note(currentlyDue, 'due')
  const failed = errors.map(({ requirement }) => requirement)
  note(
    failed.filter((one) => !eventuallyDue.includes(one)),
    'due',
  )
  note(futureRequirements?.pastDue ?? [], 'due')
  note(futureRequirements?.currentlyDue ?? [], 'due')
  note(eventuallyDue, 'later')
  const grouped = Map.groupBy(urgencyOf, ([one, urgency]) => `${urgency} ${classOf(one)}`)
  return urgencies.flatMap((urgency) =>
    requirementClasses.flatMap((name): Demand[] => {
      const fields = (grouped.get(`${urgency} ${name}`) ?? []).map(([one]) => one).toSorted()
      if (fields.length === 0) return []
      const isOfNow = fields.some((one) => pastDue.includes(one) || currentlyDue.includes(one))
      const coming = isOfNow ? currentDeadline : futureRequirements?.currentDeadline
      const deadline = urgency === 'later' ? undefined : coming
      const about = { name: nameFor(seen, fields), count: fields.length }
      return [
        {
          class: name,
          words: wordsOf[name](about),
          urgency,
          ...(deadline !== undefined && { deadline }),
          fields,
          reasons: reasonsOf(errors, fields),
        },
      ]
    }),
  )
}

/** The set a mail is about (STR-37): its classes and whether any is past due. What is only asked for later is none of it. */
export function demandSetOf(demands: readonly Demand[]): string {
  const pressing = demands.filter(({ urgency }) => urgency !== 'later')
  const classes = [...new Set(pressing.map((demand) => demand.class))].toSorted()
  const isPastDue = pressing.some(({ urgency }) => urgency === 'past_due')
  return [...classes, ...(isPastDue ? ['past_due'] : [])].join(' ')
}

const whole: Readonly<Record<string, string>> = {
  directors_provided: 'Confirmation that all directors are named',
  owners_provided: 'Confirmation that all owners are named',
  executives_provided: 'Confirmation that all executives are named',
}

/** `person_1Ab.relationship.title` as `Title of a person`; Stripe names people by id only. */
export function fieldInWords(field: string): string {
  const parts = field.split('.')
  const last = parts.at(-1) ?? field
  if (whole[last]) return whole[last]
  const words = last.replaceAll('_', ' ')
  const named = parts.includes('dob') ? `date of birth (${words})` : words
  const of = field.startsWith('representative.') ? ' of the representative' : ''
  const whose = field.startsWith('person_') ? ' of a person' : of
  return `${named.charAt(0).toUpperCase()}${named.slice(1)}${whose}`
}

function reasonsOf(
  errors: readonly { readonly requirement: string; readonly reason: string }[],
  fields: readonly string[],
): readonly string[] {
  const reasons = errors.filter(({ requirement }) => fields.includes(requirement)).map(({ reason }) => reason)
  return [...new Set(reasons.filter((reason) => reason !== ''))]
}

/** Stripe names people by id only, and keeps their names to itself once onboarding has begun. */
function nameFor({ name, isIndividual }: ConnectedAccountSeen, fields: readonly string[]): string {
  if (fields.every((one) => one.startsWith('company.'))) return name || 'the business'
  if (isIndividual) return 'the owner'
  const people = new Set(fields.map((one) => one.split('.', 1)[0]))
  return people.size > 1 ? `${people.size} people` : 'a person of the business'
}
