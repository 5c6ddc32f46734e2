/** Every decline code a bank may give (Stripe docs, "Decline codes"), for the effect `decline_next`. */
import type { Decline } from '../cards.ts'

export const declineCodes = `
  approve_with_id authentication_required call_issuer card_not_supported card_velocity_exceeded currency_not_supported
  do_not_honor do_not_try_again duplicate_transaction expired_card fraudulent generic_decline incorrect_cvc
  incorrect_number incorrect_pin incorrect_zip insufficient_funds invalid_account invalid_amount invalid_cvc
  invalid_expiry_month invalid_expiry_year invalid_number invalid_pin issuer_not_available lost_card
  merchant_blacklist new_account_information_available no_action_taken not_permitted offline_pin_required
  online_or_offline_pin_required pickup_card pin_try_exceeded processing_error reenter_transaction restricted_card
  revocation_of_all_authorizations revocation_of_authorization security_violation service_not_allowed stolen_card
  stop_payment_order testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded
`
  .trim()
  .split(/\s+/)

/** Declines that are an error code themselves; all others are `card_declined` with the reason in `decline_code`. */
const named: Readonly<Record<string, string>> = {
  authentication_required: 'Your card was declined. This transaction requires authentication.',
  expired_card: 'Your card has expired.',
  incorrect_cvc: "Your card's security code is incorrect.",
  incorrect_number: 'Your card number is incorrect.',
  incorrect_zip: 'The zip code you supplied failed validation.',
  invalid_cvc: "Your card's security code is invalid.",
  invalid_expiry_month: "Your card's expiration month is invalid.",
  invalid_expiry_year: "Your card's expiration year is invalid.",
  invalid_number: 'Your card number is invalid.',
  processing_error: 'An error occurred while processing your card. Try again in a little bit.',
}

const reasons: Readonly<Record<string, string>> = {
  insufficient_funds: 'Your card has insufficient funds.',
  card_not_supported: 'Your card does not support this type of purchase.',
}

const final = /^(?:lost|stolen|pickup|restricted)_card$|^fraudulent$|^do_not_try_again$|^revocation|^stop_payment/
const typed = /^(?:incorrect|invalid)_/

/** The decline of that code, in Stripe's words. */
export function declineOf(code: string): Decline {
  const message = named[code]
  const advice = typed.test(code) ? 'confirm_card_data' : 'try_again_later'
  return {
    code: message === undefined ? 'card_declined' : code,
    declineCode: code,
    adviceCode: final.test(code) ? 'do_not_try_again' : advice,
    message: message ?? reasons[code] ?? 'Your card was declined.',
  }
}
