/** A card as a parameter: its number and date, a token made before, or one of the ready-made ones. */
import { findCardByToken, getCard } from '../cards.ts'
import type { CardRow } from '../cards.ts'
import { useToken } from '../debits/tokens.ts'
import { refuse } from '../errors.ts'
import { checkCard } from '../money/card-check.ts'
import { group, integer, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Space } from '../world/space.ts'

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
export function readCard(space: Space, given: Values<typeof shape>): ReadCard {
  if (given.token !== undefined) {
    const card = findCardByToken(given.token)
    return card === undefined ? readToken(space, given.token) : { card }
  }
  const { number, exp_month: expMonth, exp_year: expYear, cvc } = given
  if (number === undefined || expMonth === undefined || expYear === undefined) {
    const [lacking] =
      Object.entries({ number, exp_month: expMonth, exp_year: expYear }).find(([, value]) => value === undefined) ?? []
    throw refuse(`Missing required param: card[${lacking}].`, { code: 'parameter_missing', param: `card[${lacking}]` })
  }
  const card = checkCard({ number, expMonth, expYear, cvc, nowMs: space.world.nowMs() })
  return { card, expMonth, expYear: expYear < 100 ? 2000 + expYear : expYear }
}

function readToken(space: Space, id: string): ReadCard {
  const { object, hidden } = useToken(space, id, 'card[token]')
  if (hidden.card === null || object.card === undefined)
    throw refuse(`The token ${id} does not stand for a card.`, { param: 'card[token]' })
  return { card: getCard(hidden.card), expMonth: object.card.exp_month, expYear: object.card.exp_year }
}
