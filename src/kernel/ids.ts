/**
 * Ids are types. Ours are uuid v7 in the database and prefixed at the API (`inv_…`), so that a renter's id in an invoice's
 * place is noticed at once; Stripe's carry their prefix in the type, so a Checkout Session id in a PaymentIntent slot does not
 * compile (H15, ARC-14). The schema repeats each rule as a CHECK.
 */
export type Uuid = string
export type OperatorId = string

export type PaymentIntentId = `pi_${string}`
export type SetupIntentId = `seti_${string}`
export type CheckoutSessionId = `cs_${string}`
export type PaymentMethodId = `pm_${string}`
export type CustomerId = `cus_${string}`
export type ChargeId = `ch_${string}` | `py_${string}`
export type StripeRefundId = `re_${string}` | `pyr_${string}`
export type AccountId = `acct_${string}`
export type PayoutId = `po_${string}`

export const idPrefixes = {
  operator: 'op',
  location: 'loc',
  category: 'cat',
  space: 'spc',
  renter: 'rnt',
  method: 'met',
  setup: 'stp',
  agreement: 'agr',
  lease: 'lse',
  invoice: 'inv',
  payment: 'pay',
  refund: 'rfd',
  creditNote: 'cn',
  connection: 'con',
  endpoint: 'end',
  rotation: 'rot',
  payout: 'pyo',
  taxRate: 'tax',
  inboxEvent: 'ibx',
} as const

export type IdKind = keyof typeof idPrefixes
export type PublicId = `${(typeof idPrefixes)[IdKind]}_${string}`

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isUuid(value: unknown): value is Uuid {
  return typeof value === 'string' && uuidForm.test(value)
}

/** `inv_0198c1d2…`: the kind's prefix and the uuid without hyphens. */
export function publicId(kind: IdKind, id: Uuid): PublicId {
  return `${idPrefixes[kind]}_${id.replaceAll('-', '')}`
}

/** The uuid inside a prefixed id, or undefined when it is of another kind or malformed; callers answer 404 for both. */
export function parseId(kind: IdKind, text: string): Uuid | undefined {
  const prefix = `${idPrefixes[kind]}_`
  if (!text.startsWith(prefix)) return undefined
  const hex = text.slice(prefix.length)
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
