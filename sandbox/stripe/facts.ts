/**
 * What the sandbox believes about Stripe without proof. Every constant here is unverified ([U] in the sandbox
 * specification) unless its comment names a source; correct it here and nowhere else.
 */

/** Version of a request without `Stripe-Version`, and of endpoints made without one: an account of some age. */
export const accountDefaultVersion = '2026-08-26.dahlia'

/** From this version on `payment_method_types` is refused (stripe-node changelog 23.0.0). */
export const firstVersionWithoutPaymentMethodTypes = '2026-09-30.endive'

/** Up to this version payment intents and charges carry an `invoice` field. */
export const lastVersionWithInvoiceLinks = '2023-08-16'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Calls a second per account, and updates an hour of one PaymentIntent (Stripe docs: rate limits). */
export const callsPerSecond = { test: 25, live: 100 } as const
export const paymentIntentUpdatesPerHour = 1000

/** By how much a search lags behind a write unless set otherwise; Stripe says "less than a minute" on a good day. */
export const searchLagSeconds = 60

/** How long a stored answer is replayed (Stripe docs: idempotent requests). */
export const idempotencyLifeMs = { v1: 24 * hour, v2: 30 * day } as const
export const idempotencyKeyMaxLength = 255

/** Smallest charge per currency, in minor units; unlisted currencies take 50. */
export const minimumCharge: Readonly<Record<string, number>> = {
  usd: 50,
  aud: 50,
  nzd: 50,
  cad: 50,
  eur: 50,
  chf: 50,
  sgd: 50,
  brl: 50,
  inr: 50,
  aed: 200,
  gbp: 30,
  dkk: 250,
  nok: 300,
  sek: 300,
  hkd: 400,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  pln: 200,
  czk: 1500,
  huf: 17_500,
  thb: 1000,
  ron: 200,
  bgn: 100,
}
export const minimumChargeElsewhere = 50
export const maximumCharge = 99_999_999

/** Share of the amount in millionths, and a fixed part in minor units (SBX-44). */
export const cardFees: Readonly<Record<string, { readonly millionths: number; readonly fixed: number }>> = {
  aud: { millionths: 17_500, fixed: 30 },
  usd: { millionths: 29_000, fixed: 30 },
  nzd: { millionths: 27_000, fixed: 30 },
  gbp: { millionths: 15_000, fixed: 20 },
  eur: { millionths: 15_000, fixed: 25 },
  jpy: { millionths: 36_000, fixed: 0 },
}
export const cardFeeElsewhere = { millionths: 29_000, fixed: 0 }

/** Business days until a card payment is available, at 00:00 UTC, unless the account's settings say otherwise. */
export const defaultDelayDays = 2

/** A refund on the card that fails later, and on the card that stays pending. */
export const refundFailsAfterMs = day
export const refundSucceedsAfterMs = hour
/** A refund that waits for funds gives up after this long. */
export const refundWaitsForFundsMs = 7 * day

/** Business days until a bank debit has its result (SBX-44), the same with a new Bacs mandate, and what "late" adds. */
export const debitBusinessDays = {
  us_bank_account: 4,
  au_becs_debit: 2,
  nz_bank_account: 2,
  sepa_debit: 5,
  bacs_debit: 4,
  acss_debit: 5,
} as const
export const bacsNewMandateDays = 7
export const lateDebitDays = 3

/** PayTo has its result in a minute, and so has the payer's agreement to it; one SEPA account takes three. */
export const paytoMs = minute
export const slowDebitMs = 3 * minute

/** A debit that is taken back comes back this many business days after it succeeded. */
export const debitReturnDays = 3

/** Business days until the funds of a debit are available, counted from its success. */
export const debitFundsDelayDays = 1

/** Fee of a debit: a share in millionths, at most `most` minor units of whatever currency (SBX-44). */
export const debitFee = { millionths: 10_000, most: 350 }

/** The setting "late": a charge learns of its balance transaction this much after the payment. */
export const lateTransactionMs = hour

/** Small deposits arrive after two business days; this many wrong answers are taken. */
export const microdepositDays = 2
export const microdepositTries = 3

/** Capabilities for bank debits that an account of its own starts with, by its country; every other country has SEPA. */
export const debitCapabilities: Readonly<Record<string, readonly string[]>> = {
  AU: ['au_becs_debit_payments', 'payto_payments', 'sepa_debit_payments'],
  CA: ['acss_debit_payments', 'sepa_debit_payments'],
  GB: ['bacs_debit_payments', 'sepa_debit_payments'],
  NZ: ['nz_bank_account_becs_debit_payments', 'sepa_debit_payments'],
  US: ['us_bank_account_ach_payments', 'acss_debit_payments', 'sepa_debit_payments'],
}
export const debitCapabilitiesElsewhere: readonly string[] = ['sepa_debit_payments']

/** What Stripe keeps for a dispute, in minor units of whatever currency (SBX-44), and whether winning brings it back. */
export const disputeFee = 2500
export const disputeFeeReturnsWhenWon = false

/** New disputes begin with 'du_' in Stripe's reference and with 'dp_' in its fixtures; both are alive. */
export const disputeIdPrefix = 'du'

/** Time to answer a dispute, and the bank's time to judge the evidence of the test mode. */
export const disputeResponseMs = 7 * day
export const disputeDecisionMs = hour

/** Evidence files are at most 5 MB (Stripe docs: file upload). */
export const longestEvidenceFile = 5 * 1_048_576

/** Checkout Sessions live a day unless asked otherwise, between 30 minutes and a day (stripe types). */
export const checkoutLifeMs = day
export const checkoutShortestMs = 30 * minute

/** A draft invoice that advances by itself is finalized after this long, and an open one collected (Stripe docs). */
export const invoiceFinalizesAfterMs = hour

/** A payment of an invoice that waits for its payer is told as `invoice.payment_failed` as well. */
export const invoiceActionIsFailure = true

/** What waited for an invoice waits again when the draft that took it up is deleted; otherwise it is deleted as well. */
export const deletedDraftFreesItems = true

/** Events can be fetched for 30 days (Stripe docs). */
export const eventLifeMs = 30 * day

/** Endpoints per account and mode (Stripe docs). */
export const endpointLimit = 16

/** Answer to `connect: true` from an account that is no platform. */
export const connectNotEnabled =
  "You can only create webhook endpoints with connect set to true if you've signed up for Connect, which you can do at https://dashboard.stripe.com/connect."

export const deliveryTimeoutMs = 10_000
export const parallelDeliveriesPerEndpoint = 10
/** A delivery can be sent again by hand for this long. */
export const resendLifeMs = 15 * day

/** Deliveries whose events are this close together may overtake each other; older ones are never overtaken. */
export const reorderWithinMs = 2000

/** A live endpoint that took nothing for this long is disabled by itself, with the try that is made at this age. */
export const endpointDisabledAfterMs = 72 * hour

/** A rolled secret goes on signing for at most this long (Stripe docs). */
export const longestSecretOverlapHours = 24

/** Waits between automatic tries of a delivery, first try not counted (limits from Stripe docs, steps not). */
export const deliverySteps = {
  test: [hour, 2 * hour],
  live: [
    minute,
    9 * minute,
    50 * minute,
    2 * hour,
    3 * hour,
    6 * hour,
    12 * hour,
    12 * hour,
    12 * hour,
    12 * hour,
    12 * hour,
  ],
  fast: [1000, 4000, 10_000],
} as const

/** An id named by a parameter that does not exist: Stripe answers 400 for some kinds and 404 for others. */
export const missingReferenceStatus: Readonly<Record<string, number>> = {
  customer: 400,
  payment_method: 404,
  payment_intent: 404,
  charge: 404,
  product: 400,
  price: 400,
  invoice: 400,
}

/** Permissions of the restricted key each account starts with; the names are Stripe's `rak_` names without the prefix. */
export const recommendedPermissions = [
  'charge_write',
  'customer_write',
  'payment_intent_write',
  'setup_intent_write',
  'payment_method_write',
  'checkout_session_write',
  'dispute_write',
  'webhook_write',
  'balance_read',
  'balance_transaction_source_read',
  'payout_read',
  'event_read',
  'accounts_kyc_basic_read',
] as const

/** Currencies the sandbox knows; Stripe has more. */
export const currencies = new Set(
  `aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop
   crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy
   kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr
   nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd
   twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw`.split(/\s+/),
)

/** Currencies without a minor unit, for writing amounts in messages. */
export const zeroDecimalCurrencies = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
