/** A person or company who rents, and the cards they saved. */
import type { CheckoutSessionId, PaymentMethodId, SetupIntentId, Uuid } from '#kernel'
import type { SetupState } from './setup-state.ts'

export type Renter = {
  readonly id: Uuid
  /** `REN-01`, counted per operator and mode. */
  readonly number: string
  readonly kind: 'person' | 'company'
  readonly name: string
  readonly businessName: string
  readonly email: string
  readonly phone: string
  readonly billingAddress: string
  readonly taxNumber: string
  readonly manualPaymentsAllowed: boolean
  readonly autopay: boolean
  readonly suspendedReason?: string
  /** Why automatic charges wait, such as a card that was removed in Stripe; absent while they go on. */
  readonly autopayPausedReason?: string
  /** Goes up with every change; a form saved over a newer version is refused. */
  readonly version: number
}

/** A card or debit kept at Stripe in the account of one connection; ids of another account are never usable here (STR-2). */
export type SavedMethod = {
  readonly id: Uuid
  readonly renterId: Uuid
  readonly connectionId: Uuid
  readonly stripePaymentMethodId: PaymentMethodId
  readonly kind: string
  readonly brand: string
  readonly last4: string
  readonly expiresMonth?: number
  readonly expiresYear?: number
  readonly isDefault: boolean
  /** Why it is not charged any more, in words; absent while it is usable. */
  readonly unusableReason?: string
}

/** One attempt to save a method on the hosted page. */
export type Setup = {
  readonly id: string
  readonly renterId: string
  readonly connectionId: string
  readonly state: SetupState
  readonly checkoutSessionId: CheckoutSessionId | undefined
  readonly setupIntentId: SetupIntentId | undefined
  readonly failure: string | undefined
  readonly polls: number
  readonly expiresAt: Date | undefined
  readonly createdAt: Date
  readonly returnTo: string
}

const brands: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
  card: 'Card',
  acss_debit: 'Bank account',
  au_becs_debit: 'Bank account',
  bacs_debit: 'Bank account',
  nz_bank_account: 'Bank account',
  sepa_debit: 'SEPA account',
  us_bank_account: 'Bank account',
}

/** `Visa ••4242`: what every screen and document calls a saved method. */
export function methodLabel(method: Pick<SavedMethod, 'kind' | 'brand' | 'last4'>): string {
  const word = method.brand || method.kind
  const brand = brands[word] ?? word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ')
  return method.last4 === '' ? brand : `${brand} ••${method.last4}`
}

/** Who an invoice is addressed to: the company when there is one, else the person. */
export function billingName(renter: Pick<Renter, 'name' | 'businessName'>): string {
  return renter.businessName || renter.name
}
