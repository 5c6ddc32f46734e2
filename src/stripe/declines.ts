/**
 * Declines in words (STR-82). Hard means: not again with this method, ask for a new one. The renter never learns that a card was
 * reported lost or stolen; staff do. The list of hard codes is unverified beyond Stripe's pages on decline codes and advice codes,
 * hence this one file.
 */
import { optionalText, present, type Fields } from './shape.ts'

/** What the last attempt of an intent said. */
export type LastErrorSeen = {
  readonly code: string
  readonly declineCode?: string
  readonly adviceCode?: string
  readonly message: string
}

export type Decline = {
  /** No further attempt with this method. */
  readonly isHard: boolean
  /** The renter should check what they typed before it is tried again. */
  readonly asksToCheck: boolean
  readonly renterSentence: string
  readonly staffSentence: string
}

type DeclineText = { readonly isHard: boolean; readonly renterSentence: string; readonly staffSentence: string }

const askForAnother = 'The bank did not accept this card. Use another card, or ask the bank why.'

const notTheRenters = 'The payment could not be taken. The company has been told; your card was not declined.'

function hard(staffSentence: string, renterSentence = askForAnother): DeclineText {
  return { isHard: true, renterSentence, staffSentence }
}

function soft(staffSentence: string, renterSentence: string): DeclineText {
  return { isHard: false, renterSentence, staffSentence }
}

/** By decline code, or by error code where Stripe gives no decline code. */
export const declineTexts: Readonly<Record<string, DeclineText>> = {
  lost_card: hard('The card was reported lost.'),
  stolen_card: hard('The card was reported stolen.'),
  pickup_card: hard('The bank wants the card back (possibly lost or stolen).'),
  restricted_card: hard('The card is restricted (possibly lost or stolen).'),
  fraudulent: hard('Stripe or the bank suspects fraud.'),
  expired_card: hard('The card has expired.', 'This card has expired. Add a card that is still valid.'),
  invalid_account: hard(
    'The card or its account does not exist.',
    'The bank does not know this card. Use another card.',
  ),
  new_account_information_available: hard(
    'The card was replaced.',
    'The bank has replaced this card. Add the new one.',
  ),
  account_closed: hard('The bank account is closed.', 'The bank account is closed. Add another one.'),
  no_account: hard('The bank account does not exist.', 'The bank does not know this account. Add another one.'),
  debit_not_authorized: hard(
    'The account holder did not authorise the debit.',
    'The bank says this debit was not authorised. Use another method.',
  ),
  revocation_of_authorization: hard(
    'The cardholder withdrew the permission.',
    'The bank says you withdrew permission for this payment. Use another card.',
  ),
  revocation_of_all_authorizations: hard(
    'The cardholder withdrew all permissions.',
    'The bank says you withdrew permission for payments. Use another card.',
  ),
  stop_payment_order: hard(
    'The cardholder stopped payments to us.',
    'The bank says you stopped this payment. Use another card, or ask the bank.',
  ),
  card_not_supported: hard(
    'The card does not support this kind of purchase.',
    'This card cannot be used for this payment. Use another card.',
  ),
  currency_not_supported: hard(
    'The card does not support the currency.',
    'This card cannot pay in this currency. Use another card.',
  ),
  incorrect_number: hard('The card number is wrong.', 'The card number is not right. Enter it again.'),
  insufficient_funds: soft(
    'Not enough money on the card.',
    'There is not enough money on this card. Top it up or use another card.',
  ),
  card_velocity_exceeded: soft(
    'The card is over its limit.',
    'This card has reached its limit. Wait, or use another card.',
  ),
  withdrawal_count_limit_exceeded: soft(
    'The card is over its limit.',
    'This card has reached its limit. Wait, or use another card.',
  ),
  incorrect_cvc: soft('The security code is wrong.', 'The security code is not right. Enter the card again.'),
  invalid_cvc: soft('The security code is wrong.', 'The security code is not right. Enter the card again.'),
  invalid_expiry_month: soft('The expiry month is wrong.', 'The expiry date is not right. Enter the card again.'),
  invalid_expiry_year: soft('The expiry year is wrong.', 'The expiry date is not right. Enter the card again.'),
  incorrect_zip: soft('The postal code does not match.', 'The postal code does not match the card. Enter it again.'),
  processing_error: soft(
    'The bank could not process it.',
    'The bank could not process the payment. It can be tried again.',
  ),
  issuer_not_available: soft(
    'The bank could not be reached.',
    'The bank could not be reached. The payment can be tried again later.',
  ),
  try_again_later: soft('The bank asks to try again later.', 'The bank asks to try again later.'),
  authentication_required: soft(
    'The bank wants the renter to confirm this payment.',
    'Your bank wants you to confirm this payment. Open the payment link to do so.',
  ),
  payment_intent_authentication_failure: soft(
    'The renter did not pass the bank’s confirmation.',
    'The confirmation with your bank did not work. Try again or use another card.',
  ),
  setup_intent_authentication_failure: soft(
    'The renter did not pass the bank’s confirmation.',
    'The confirmation with your bank did not work. Try again or use another card.',
  ),
  payment_method_not_available: soft(
    'The method is out of order at the moment.',
    'This method is out of order at the moment. Try again later or use another.',
  ),
  approve_with_id: soft(
    'The bank did not approve the payment.',
    'The bank did not approve the payment. It can be tried again.',
  ),
  call_issuer: soft(
    'The bank declined without a reason.',
    'The bank declined the payment. Ask the bank why, or use another card.',
  ),
  do_not_honor: soft(
    'The bank declined without a reason.',
    'The bank declined the payment. Ask the bank why, or use another card.',
  ),
  transaction_not_allowed: soft(
    'The bank does not allow this payment.',
    'The bank does not allow this payment. Ask the bank why, or use another card.',
  ),
  generic_decline: soft(
    'The bank declined without a reason.',
    'The bank declined the payment. Ask the bank why, or use another card.',
  ),
  not_received: soft(
    'Stripe never received this payment. Nothing was taken, and it can be tried again.',
    'The payment did not reach the bank. Nothing was taken.',
  ),
  no_longer_owed: soft(
    'This was no longer owed when it was about to be charged. Nothing was taken.',
    'This was no longer owed. Nothing was taken.',
  ),
  permission: soft(
    'The Stripe key is not allowed to take this payment. Check the permissions of the key under Integrations.',
    notTheRenters,
  ),
}

const refusedRequest: DeclineText = soft('Stripe refused this payment. Nothing was taken.', notTheRenters)

const unknownDecline: DeclineText = soft(
  'The bank declined with a code we do not know.',
  'The bank declined the payment. Ask the bank why, or use another card.',
)

/**
 * What a failed attempt means for the schedule and for people. The advice code outranks the table. Without a decline code no bank was
 * asked: Stripe refused the request, or Rentroll gave it up.
 */
export function judgeDecline(error: {
  readonly code?: string | undefined
  readonly declineCode?: string | undefined
  readonly adviceCode?: string | undefined
}): Decline {
  const known =
    declineTexts[error.declineCode ?? ''] ??
    declineTexts[error.code ?? ''] ??
    (error.code === 'card_declined' ? genericDecline() : undefined) ??
    (error.declineCode === undefined ? refusedRequest : unknownDecline)
  const asksToCheck = error.adviceCode === 'confirm_card_data'
  const isHard = error.adviceCode === 'do_not_try_again' || (known.isHard && error.adviceCode !== 'try_again_later')
  const renterSentence = asksToCheck
    ? 'The bank did not recognise the card. Check number, date and security code, then enter it again.'
    : known.renterSentence
  return { isHard, asksToCheck, renterSentence, staffSentence: known.staffSentence }
}

function genericDecline(): DeclineText {
  return declineTexts['generic_decline'] ?? unknownDecline
}

/** From `last_payment_error` or `last_setup_error`. @throws WrongShape */
export function readLastError(fields: Fields): LastErrorSeen {
  return present({
    code: optionalText(fields, 'code') ?? optionalText(fields, 'type') ?? 'unknown',
    declineCode: optionalText(fields, 'decline_code'),
    adviceCode: optionalText(fields, 'advice_code'),
    message: optionalText(fields, 'message') ?? '',
  })
}
