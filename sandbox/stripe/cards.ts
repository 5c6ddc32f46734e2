/**
 * The table of test cards (SBX-43): what a number or a ready-made method does.
 */
import type { TestCard } from './views.ts'

export interface Decline {
  readonly code: string
  readonly declineCode: string
  readonly adviceCode: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data'
  readonly message: string
}

export interface CardRow {
  readonly name: string
  readonly number: string
  readonly brand: string
  readonly methods: readonly string[]
  readonly tokens: readonly string[]
  readonly behaviour: string
  /** Refuses every charge. */
  readonly decline: Decline | null
  /** Refuses to be saved as well, which most declining cards do. */
  readonly declinesSetup: boolean
  /** 'unless_set_up' asks on every on-session payment, and off session only while it was never set up. */
  readonly authentication: 'never' | 'unless_set_up' | 'always'
  readonly fundsAtOnce: boolean
  readonly refund: 'succeeds' | 'fails_later' | 'pends'
  /** What comes after a payment that succeeded. */
  readonly aftermath: 'none' | 'dispute' | 'inquiry' | 'fraud_warning'
}

const wasDeclined = 'Your card was declined.'

const declines = {
  generic: onCard('generic_decline', 'try_again_later', wasDeclined),
  funds: onCard('insufficient_funds', 'try_again_later', 'Your card has insufficient funds.'),
  lost: onCard('lost_card', 'do_not_try_again', wasDeclined),
  stolen: onCard('stolen_card', 'do_not_try_again', wasDeclined),
  fraud: onCard('fraudulent', 'do_not_try_again', wasDeclined),
  expired: named('expired_card', 'do_not_try_again', 'Your card has expired.'),
  cvc: named('incorrect_cvc', 'confirm_card_data', "Your card's security code is incorrect."),
  processing: named(
    'processing_error',
    'try_again_later',
    'An error occurred while processing your card. Try again in a little bit.',
  ),
}

/** Declines whose code is the general one; the reason is in the decline code. */
function onCard(declineCode: string, adviceCode: Decline['adviceCode'], message: string): Decline {
  return { code: 'card_declined', declineCode, adviceCode, message }
}

/** Declines with a code of their own. */
function named(code: string, adviceCode: Decline['adviceCode'], message: string): Decline {
  return { code, declineCode: code, adviceCode, message }
}

/** The bank wants to see the payer and nobody is there (off session, or error_on_requires_action). */
export const authenticationRequired = named(
  'authentication_required',
  'try_again_later',
  'Your card was declined. This transaction requires authentication.',
)

function card(name: string, number: string, row: Partial<CardRow> & Pick<CardRow, 'behaviour'>): CardRow {
  const decline = row.decline ?? null
  return {
    name,
    number: number.replaceAll(' ', ''),
    brand: number.startsWith('5') ? 'mastercard' : 'visa',
    methods: [`pm_card_${name}`],
    tokens: [`tok_${name}`],
    decline,
    declinesSetup: decline !== null,
    authentication: 'never',
    fundsAtOnce: false,
    refund: 'succeeds',
    aftermath: 'none',
    ...row,
  }
}

const cardRows: readonly CardRow[] = [
  card('visa', '4242 4242 4242 4242', { behaviour: 'Succeeds' }),
  card('mastercard', '5555 5555 5555 4444', { behaviour: 'Succeeds (Mastercard)' }),
  card('chargeDeclined', '4000 0000 0000 0002', {
    methods: ['pm_card_chargeDeclined', 'pm_card_visa_chargeDeclined'],
    behaviour: 'Declined',
    decline: declines.generic,
  }),
  card('chargeDeclinedInsufficientFunds', '4000 0000 0000 9995', {
    behaviour: 'Declined: insufficient funds',
    decline: declines.funds,
  }),
  card('chargeDeclinedLostCard', '4000 0000 0000 9987', { behaviour: 'Declined: lost card', decline: declines.lost }),
  card('chargeDeclinedStolenCard', '4000 0000 0000 9979', {
    behaviour: 'Declined: stolen card',
    decline: declines.stolen,
  }),
  card('chargeDeclinedExpiredCard', '4000 0000 0000 0069', {
    behaviour: 'Declined: expired card',
    decline: declines.expired,
  }),
  card('chargeDeclinedIncorrectCvc', '4000 0000 0000 0127', {
    behaviour: 'Declined: wrong security code',
    decline: declines.cvc,
  }),
  card('chargeDeclinedProcessingError', '4000 0000 0000 0119', {
    behaviour: 'Declined: processing error',
    decline: declines.processing,
  }),
  card('chargeCustomerFail', '4000 0000 0000 0341', {
    behaviour: 'Saves, then every charge is declined',
    decline: declines.generic,
    declinesSetup: false,
  }),
  card('authenticationRequired', '4000 0025 0000 3155', {
    behaviour: '3-D Secure; once saved, automatic charges pass',
    authentication: 'unless_set_up',
  }),
  card('authenticationRequiredOnSetup', '4000 0027 6000 3184', {
    methods: ['pm_card_authenticationRequiredOnSetup', 'pm_card_threeDSecure2Required'],
    behaviour: '3-D Secure every time; automatic charges are declined',
    authentication: 'always',
  }),
  card('bypassPending', '4000 0000 0000 0077', { behaviour: 'Succeeds, funds available at once', fundsAtOnce: true }),
  card('refundFail', '4000 0000 0000 5126', {
    behaviour: 'Succeeds; a refund fails a day later',
    refund: 'fails_later',
  }),
  card('pendingRefund', '4000 0000 0000 7726', { behaviour: 'Succeeds; a refund takes an hour', refund: 'pends' }),
  card('riskLevelHighest', '4100 0000 0000 0019', {
    behaviour: 'Blocked as fraudulent',
    decline: declines.fraud,
    declinesSetup: false,
  }),
  card('createDispute', '4000 0000 0000 0259', { behaviour: 'Succeeds, then is disputed', aftermath: 'dispute' }),
  card('createDisputeInquiry', '4000 0000 0000 1976', {
    behaviour: 'Succeeds, then the bank inquires',
    aftermath: 'inquiry',
  }),
  card('createIssuerFraudRecord', '4000 0000 0000 5423', {
    behaviour: 'Succeeds, then an early fraud warning',
    aftermath: 'fraud_warning',
  }),
]

const byName = new Map(cardRows.map((row) => [row.name, row]))
const byNumber = new Map(cardRows.map((row) => [row.number, row]))
const byMethod = new Map(cardRows.flatMap((row) => row.methods.map((method) => [method, row] as const)))
const byToken = new Map(cardRows.flatMap((row) => row.tokens.map((token) => [token, row] as const)))

export function getCard(name: string): CardRow {
  const row = byName.get(name)
  if (row === undefined) throw new Error(`There is no test card ${name}.`)
  return row
}

export function findCardByNumber(number: string): CardRow | undefined {
  return byNumber.get(number)
}

/** For names such as 'pm_card_visa', which Stripe resolves to a fresh method each time. */
export function findCardByMethod(name: string): CardRow | undefined {
  return byMethod.get(name)
}

export function findCardByToken(token: string): CardRow | undefined {
  return byToken.get(token)
}

/** Whether the check digit of a card number is right, so that a typing error is told from a real card. */
export function passesLuhn(number: string): boolean {
  const digits = [...number].toReversed().map(Number)
  const sum = digits.reduce((total, digit, place) => {
    const doubled = place % 2 === 1 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** The cards a page may offer. */
export function listTestCards(): readonly TestCard[] {
  return cardRows.map((row) => ({
    number: row.number,
    spaced: row.number.replace(/(\d{4})(?=\d)/g, '$1 '),
    brand: row.brand,
    paymentMethod: row.methods[0] ?? '',
    behaviour: row.behaviour,
  }))
}
