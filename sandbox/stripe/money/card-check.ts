/** What can be wrong with a card as typed, and the refusal of a card that was declined. */
import { findCardByNumber, passesLuhn } from '../cards.ts'
import type { CardRow, Decline } from '../cards.ts'
import { StripeRefusal, refuse } from '../errors.ts'
import type { ErrorBody } from '../errors.ts'

export interface TypedCard {
  readonly number: string
  readonly expMonth: number
  readonly expYear: number
  readonly cvc?: string | undefined
  readonly nowMs: number
}

/** The row of the test table. Throws StripeRefusal 402 for a typing error, 400 for what may be a real card (SBX-3). */
export function checkCard(typed: TypedCard): CardRow {
  const number = typed.number.replaceAll(/[\s-]/g, '')
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number))
    throw wrong('incorrect_number', 'Your card number is incorrect.', 'number')
  const card = findCardByNumber(number)
  if (card === undefined) {
    throw refuse('Use a test card. The sandbox takes no real card number; the table of test cards is on its pages.', {
      param: 'number',
    })
  }
  const expYear = typed.expYear < 100 ? 2000 + typed.expYear : typed.expYear
  const now = new Date(typed.nowMs)
  const [thisYear, thisMonth] = [now.getUTCFullYear(), now.getUTCMonth() + 1]
  if (typed.expMonth < 1 || typed.expMonth > 12)
    throw wrong('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  if (expYear < thisYear || expYear > thisYear + 50)
    throw wrong('invalid_expiry_year', "Your card's expiration year is invalid.", 'exp_year')
  if (expYear === thisYear && typed.expMonth < thisMonth) {
    throw wrong('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month')
  }
  if (typed.cvc !== undefined && !/^\d{3,4}$/.test(typed.cvc))
    throw wrong('invalid_cvc', "Your card's security code is invalid.", 'cvc')
  return card
}

function wrong(code: string, message: string, param: string): StripeRefusal {
  return new StripeRefusal(402, { type: 'card_error', code, message, param })
}

/**
 * A declined card: 402 with the reason, and whatever object belongs inside. An intent keeps what its attempt wrote, such
 * as a failed charge; a customer that could not be given the card leaves nothing.
 */
export function declineRefusal(decline: Decline, inside: Partial<ErrorBody>, keepsEffects: boolean): StripeRefusal {
  return new StripeRefusal(402, { ...describeDecline(decline), ...inside }, keepsEffects)
}

/** The fields of a decline that an error and an intent's last error share. */
interface DeclineBody {
  readonly type: 'card_error'
  readonly code: string
  readonly decline_code: string
  readonly advice_code: string
  readonly message: string
}

export function describeDecline(decline: Decline): DeclineBody {
  return {
    type: 'card_error',
    code: decline.code,
    decline_code: decline.declineCode,
    advice_code: decline.adviceCode,
    message: decline.message,
  }
}
