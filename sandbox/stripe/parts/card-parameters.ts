/** A card as a parameter: its number and date, or one of the ready-made tokens. */
import { findCardByToken } from '../cards.ts'
import type { CardRow } from '../cards.ts'
import { refuse } from '../errors.ts'
import { checkCard } from '../money/card-check.ts'
import { group, integer, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'

const shape = {
  number: text(30),
  exp_month: integer(),
  exp_year: integer(),
  cvc: text(10),
  token: text(100),
}

export const cardGroup = group(shape)

export interface ReadCard {
  readonly card: CardRow
  /** Left out for tokens: the method then gets a date in the future. */
  readonly expMonth?: number
  readonly expYear?: number
}

/** Throws StripeRefusal for what is missing or mistyped, and for a number that is not in the test table. */
export function readCard(given: Values<typeof shape>, nowMs: number): ReadCard {
  if (given.token !== undefined) {
    const card = findCardByToken(given.token)
    if (card !== undefined) return { card }
    throw refuse(`No such token: '${given.token}'`, { code: 'resource_missing', param: 'card[token]' })
  }
  const { number, exp_month: expMonth, exp_year: expYear, cvc } = given
  if (number === undefined || expMonth === undefined || expYear === undefined) {
    const [lacking] =
      Object.entries({ number, exp_month: expMonth, exp_year: expYear }).find(([, value]) => value === undefined) ?? []
    throw refuse(`Missing required param: card[${lacking}].`, { code: 'parameter_missing', param: `card[${lacking}]` })
  }
  const card = checkCard({ number, expMonth, expYear, cvc, nowMs })
  return { card, expMonth, expYear: expYear < 100 ? 2000 + expYear : expYear }
}
