/** A Checkout Session as an object: how it begins, how it is completed, how it expires. Who pays it is in money/checkout.ts. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { idOf } from '../parts/reference.ts'
import type { IntentTemplate, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { cancelPaymentIntent } from './payment-intents.ts'
import { cancelSetupIntent } from './setup-intents.ts'

export interface SessionSeed {
  readonly mode: 'payment' | 'setup'
  readonly currency: string | null
  readonly lines: readonly Stripe.LineItem[]
  readonly customer: string | null
  readonly customerEmail: string | null
  readonly customerCreation: 'always' | 'if_required' | null
  readonly setupIntent: string | null
  readonly clientReference: string | null
  readonly metadata: Record<string, string>
  readonly successUrl: string
  readonly cancelUrl: string | null
  readonly expiresAt: number
  readonly methodTypes: readonly string[]
  readonly allowedTypes: readonly string[] | null
  readonly locale: Stripe.Checkout.Session.Locale | null
  readonly submitType: Stripe.Checkout.Session.SubmitType | null
  readonly billingCollection: Stripe.Checkout.Session.BillingAddressCollection | null
  readonly savedMethods: Stripe.Checkout.Session.SavedPaymentMethodOptions | null
  readonly template: IntentTemplate
  /** Drawn by the caller, because the setup intent has to know it before the session is there. */
  readonly id: string
}

export function newSessionId(space: Space): string {
  return space.world.ids.id(`cs_${space.mode}`, 58)
}

/** Writes a new open session and the timer that ends it. There is no event for a new session at Stripe. */
export function createSession(space: Space, seed: SessionSeed): Row<'checkout.session'> {
  const object = { ...blankSession(space, seed), ...describeAmounts(seed) }
  const hidden = {
    lines: seed.lines,
    paymentIntentData: seed.template,
    lastDecline: null,
    wantsCustomer: seed.customerCreation === 'always' && seed.customer === null,
  }
  const row = space.insert('checkout.session', seed.id, { object, hidden })
  const timer = { dueAt: seed.expiresAt * 1000, action: 'checkout.expire', subject: seed.id }
  space.world.schedule(space, timer, timerOf(seed.id))
  return row
}

/** The payer is done: the session says so and leads nowhere any more. */
export function completeSession(
  space: Space,
  sessionId: string,
  result: { isPaid: boolean; email: string | null },
): Row<'checkout.session'> {
  const { object } = space.get('checkout.session', sessionId)
  const customer = idOf(object.customer)
  const known = customer === null ? null : space.get('customer', customer).object
  const row = space.update('checkout.session', sessionId, {
    object: {
      status: 'complete',
      payment_status: object.mode === 'setup' ? 'no_payment_required' : payStatus(result.isPaid),
      url: null,
      customer_details: {
        address: known?.address ?? null,
        business_name: null,
        email: result.email ?? known?.email ?? object.customer_email,
        individual_name: null,
        name: known?.name ?? null,
        phone: known?.phone ?? null,
        tax_exempt: 'none',
        tax_ids: [],
      },
    },
    hidden: { lastDecline: null },
  })
  space.world.cancelTimer(space, timerOf(sessionId))
  emit(space, { type: 'checkout.session.completed', object: row.object })
  return row
}

/** The banks' late answer about a session that was completed with a debit. */
export function concludeSession(space: Space, sessionId: string, isPaid: boolean): void {
  const { object } = space.get('checkout.session', sessionId)
  if (object.mode !== 'payment' || object.status !== 'complete') return
  const row = space.update('checkout.session', sessionId, { object: { payment_status: payStatus(isPaid) } })
  const type = isPaid ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed'
  emit(space, { type, object: row.object })
}

/** Ends an open session and whatever it had begun. Throws StripeRefusal when it is not open. */
export function expireSession(space: Space, sessionId: string): Row<'checkout.session'> {
  const { object } = space.get('checkout.session', sessionId)
  if (object.status !== 'open') {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of "${object.status}".`
    throw refuse(message, { param: 'session' })
  }
  const row = space.update('checkout.session', sessionId, { object: { status: 'expired', url: null } })
  space.world.cancelTimer(space, timerOf(sessionId))
  const payment = idOf(object.payment_intent)
  const setup = idOf(object.setup_intent)
  if (payment !== null) cancelPaymentIntent(space, space.get('payment_intent', payment), 'automatic')
  if (setup !== null) cancelSetupIntent(space, space.get('setup_intent', setup), 'abandoned')
  emit(space, { type: 'checkout.session.expired', object: row.object })
  return row
}

/** The address after success, with the placeholder filled in wherever it stands. */
export function successUrlOf(session: Stripe.Checkout.Session): string | null {
  return session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null
}

function timerOf(sessionId: string): string {
  return `expire_${sessionId}`
}

function payStatus(isPaid: boolean): 'paid' | 'unpaid' {
  return isPaid ? 'paid' : 'unpaid'
}

function describeAmounts(seed: SessionSeed): Partial<Stripe.Checkout.Session> {
  if (seed.mode === 'setup') return {}
  const total = seed.lines.reduce((sum, line) => sum + line.amount_total, 0)
  return {
    amount_subtotal: total,
    amount_total: total,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  }
}

/** Fields of parts of Checkout this sandbox does not have. */
const unused = {
  adaptive_pricing: null,
  after_expiration: null,
  allow_promotion_codes: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  customer_account: null,
  customer_details: null,
  discounts: null,
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  managed_payments: null,
  origin_context: null,
  payment_link: null,
  payment_method_configuration_details: null,
  permissions: null,
  recovered_from: null,
  shipping_address_collection: null,
  shipping_cost: null,
  subscription: null,
  wallet_options: null,
} as const

function blankSession(space: Space, seed: SessionSeed): Stripe.Checkout.Session {
  const path = seed.mode === 'payment' ? 'pay' : 'setup'
  return {
    id: seed.id,
    object: 'checkout.session',
    ...unused,
    allowed_payment_method_types: seed.allowedTypes === null ? null : [...seed.allowedTypes],
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: seed.billingCollection,
    cancel_url: seed.cancelUrl,
    client_reference_id: seed.clientReference,
    client_secret: null,
    created: space.world.nowSeconds(),
    currency: seed.currency,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: seed.customer,
    customer_creation: seed.customerCreation,
    customer_email: seed.customerEmail,
    expires_at: seed.expiresAt,
    livemode: space.isLive,
    locale: seed.locale,
    metadata: seed.metadata,
    mode: seed.mode,
    payment_intent: null,
    payment_method_collection: 'if_required',
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: [...seed.methodTypes],
    payment_status: seed.mode === 'setup' ? 'no_payment_required' : 'unpaid',
    phone_number_collection: { enabled: false },
    saved_payment_method_options: seed.savedMethods,
    setup_intent: seed.setupIntent,
    shipping_options: [],
    status: 'open',
    submit_type: seed.submitType,
    success_url: seed.successUrl,
    total_details: null,
    ui_mode: 'hosted_page',
    url: `${space.world.publicUrl}/c/${path}/${seed.id}`,
  }
}
