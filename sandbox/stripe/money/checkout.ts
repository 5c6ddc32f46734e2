/**
 * What a payer does on the hosted page: types a card, is declined, passes a 3-D Secure step, succeeds. Each deed is one
 * change of the world; a decline is no exception here but a sentence for the page.
 */
import type Stripe from 'stripe'
import { buildPart } from '../debits/debit-parameters.ts'
import { isDebitType, rulesOf } from '../debits/debit-types.ts'
import { findBank } from '../debits/test-accounts.ts'
import { StripeRefusal, refuse } from '../errors.ts'
import { createCustomer } from '../objects/customer.ts'
import { buildAddress } from '../parts/fields.ts'
import { createDebitMethod, createMethod, resolveMethod } from '../parts/new-method.ts'
import { idOf } from '../parts/reference.ts'
import type { DebitFields, SubmitCheckout, SubmitOutcome } from '../views.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { checkCard } from './card-check.ts'
import { completeSession, successUrlOf } from './checkout-session.ts'
import { confirmPayment } from './confirm-payment.ts'
import { createPaymentIntent } from './payment-intents.ts'
import { confirmSetup } from './setup-intents.ts'

/** Must run inside a transaction; never throws for what a payer can type. */
export function submitSession(
  space: Space,
  session: Row<'checkout.session'>,
  submission: SubmitCheckout,
): SubmitOutcome {
  if (session.object.status === 'complete') {
    return {
      outcome: 'already_complete',
      redirectUrl: successUrlOf(session.object),
      message: 'This was completed before.',
    }
  }
  if (session.object.status === 'expired')
    return { outcome: 'expired', message: 'This page has expired. Ask for a new link.' }
  const email = submission.email?.trim() ?? null
  if (needsEmail(space, session) && (email === null || !/^[^\s@]+@[^\s@]+$/.test(email))) {
    return { outcome: 'declined', field: 'email', message: 'Enter an e-mail address such as name@example.com.' }
  }
  try {
    return attemptSession(space, session, submission)
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    space.update('checkout.session', session.id, { hidden: { lastDecline: error.body.message } })
    const field = fieldOf(error.body.param)
    return { outcome: 'declined', message: error.body.message, ...(field !== undefined && { field }) }
  }
}

/** The attempt itself. Throws StripeRefusal for what the page says in a sentence. */
export function attemptSession(
  space: Space,
  session: Row<'checkout.session'>,
  submission: SubmitCheckout,
): SubmitOutcome {
  return attempt(space, withCustomer(space, session, submission), submission)
}

/** Whether the page has to ask: neither the customer nor the session brought an address along. */
function needsEmail(space: Space, session: Row<'checkout.session'>): boolean {
  return knownEmail(space, session) === null && session.object.mode === 'payment'
}

export function knownEmail(space: Space, session: Row<'checkout.session'>): string | null {
  const customer = idOf(session.object.customer)
  const known = customer === null ? null : (space.find('customer', customer)?.object.email ?? null)
  return known ?? session.object.customer_email
}

/** After the intent moved on: the session follows it. */
export function followIntent(
  space: Space,
  sessionId: string,
  intent: Row<'payment_intent'> | Row<'setup_intent'>,
): Row<'checkout.session'> {
  const { status } = intent.object
  if (status === 'succeeded' || status === 'requires_capture') {
    const email = intent.kind === 'payment_intent' ? (intent as Row<'payment_intent'>).object.receipt_email : null
    return completeSession(space, sessionId, { isPaid: status === 'succeeded', email })
  }
  const error =
    intent.kind === 'payment_intent'
      ? (intent as Row<'payment_intent'>).object.last_payment_error
      : (intent as Row<'setup_intent'>).object.last_setup_error
  return space.update('checkout.session', sessionId, { hidden: { lastDecline: error?.message ?? null } })
}

/** The payer's word, given by the button under the text of the mandate. */
const acceptance = {
  customer_acceptance: {
    type: 'online',
    accepted_at: undefined,
    offline: undefined,
    online: { ip_address: '127.0.0.1', user_agent: 'Sandbox Checkout page' },
  },
} as const

/** A payment that waits for its bank, or an account that waits for small deposits, completes the session unpaid. */
function attempt(space: Space, session: Row<'checkout.session'>, submission: SubmitCheckout): SubmitOutcome {
  const method = readMethod(space, session, submission)
  const path = session.object.mode === 'payment' ? 'pay' : 'setup'
  const confirmation = {
    method,
    returnUrl: `${space.world.publicUrl}/c/${path}/${session.id}`,
    wantsChallenge: false,
    checkoutSession: session.id,
    mandate: { data: acceptance },
  }
  const intent =
    session.object.mode === 'setup'
      ? confirmSetup(space, idOf(session.object.setup_intent) ?? '', confirmation)
      : confirmPayment(space, preparePayment(space, session, submission), {
          ...confirmation,
          isOffSession: false,
          refusesAction: false,
        })
  const redirectUrl = intent.object.next_action?.redirect_to_url?.url
  if (intent.object.status === 'requires_action' && redirectUrl != null)
    return { outcome: 'requires_action', redirectUrl }
  const done = completeSession(space, session.id, {
    isPaid: intent.object.status === 'succeeded',
    email: submission.email ?? null,
  })
  return { outcome: 'complete', redirectUrl: successUrlOf(done.object) ?? '' }
}

/** The intent of this session, made with the first attempt and used again after a decline. */
function preparePayment(space: Space, session: Row<'checkout.session'>, submission: SubmitCheckout): string {
  const { object, hidden } = session
  const template = hidden.paymentIntentData
  const savesNow = submission.saveForLater === true ? 'on_session' : null
  const setupFutureUsage = template.setupFutureUsage ?? savesNow
  const existing = idOf(object.payment_intent)
  if (existing !== null) {
    space.update('payment_intent', existing, { object: { setup_future_usage: setupFutureUsage } })
    return existing
  }
  const intent = createPaymentIntent(space, {
    amount: object.amount_total ?? 0,
    application: template.application,
    applicationFee: template.applicationFee,
    currency: object.currency ?? '',
    customer: idOf(object.customer),
    captureMethod: template.captureMethod,
    description: template.description,
    metadata: template.metadata,
    receiptEmail: template.receiptEmail ?? (idOf(object.customer) === null ? (submission.email ?? null) : null),
    setupFutureUsage,
    shipping: template.shipping,
    statementDescriptor: template.statementDescriptor,
    statementDescriptorSuffix: template.statementDescriptorSuffix,
    methodTypes: object.payment_method_types,
    allowedTypes: object.allowed_payment_method_types,
    automatic: null,
    checkoutSession: session.id,
  })
  space.update('checkout.session', session.id, { object: { payment_intent: intent.id } })
  return intent.id
}

/** A session that was told to make a customer, or that saves a card for one, has one before the attempt. */
function withCustomer(
  space: Space,
  session: Row<'checkout.session'>,
  submission: SubmitCheckout,
): Row<'checkout.session'> {
  const saves = submission.saveForLater === true || session.hidden.paymentIntentData.setupFutureUsage !== null
  const isWanted = session.hidden.wantsCustomer || (session.object.mode === 'payment' && saves)
  if (session.object.customer !== null || !isWanted) return session
  const customer = createCustomer(space, { email: submission.email ?? session.object.customer_email, name: null })
  const setup = idOf(session.object.setup_intent)
  if (setup !== null) space.update('setup_intent', setup, { object: { customer: customer.id } })
  return space.update('checkout.session', session.id, { object: { customer: customer.id } })
}

function readMethod(space: Space, session: Row<'checkout.session'>, submission: SubmitCheckout): Row<'payment_method'> {
  if ('paymentMethod' in submission) return resolveMethod(space, submission.paymentMethod)
  if ('debit' in submission) return readBank(space, session, { ...submission.debit, email: submission.email ?? null })
  const { card } = submission
  const expYear = card.expYear < 100 ? 2000 + card.expYear : card.expYear
  const row = checkCard({ ...card, expYear, nowMs: space.world.nowMs() })
  const email = submission.email ?? knownEmail(space, session)
  const billing: Stripe.PaymentMethod.BillingDetails = { address: null, email, name: null, phone: null, tax_id: null }
  const redisplay = submission.saveForLater === true || session.object.mode === 'setup' ? 'always' : 'limited'
  return createMethod(space, { card: row, expMonth: card.expMonth, expYear, billing, redisplay })
}

/** A bank account from the page: linked at once, unless the payer chose small deposits. */
function readBank(
  space: Space,
  session: Row<'checkout.session'>,
  typed: DebitFields & { email: string | null },
): Row<'payment_method'> {
  const { type, holder, address } = typed
  const bank = isDebitType(type) ? findBank(type, typed.account) : undefined
  if (bank === undefined || !session.object.payment_method_types.includes(type))
    throw refuse('Choose one of the test accounts.', { param: 'account' })
  const email = typed.email ?? knownEmail(space, session)
  const where = address === undefined || address.trim() === '' ? null : { ...buildAddress(null), line1: address }
  const billing = { address: where, email, name: holder.trim() === '' ? null : holder, phone: null, tax_id: null }
  if (billing.name === null) throw refuse('Enter the name on the account.', { param: 'holder' })
  if (rulesOf(bank.type).billing.includes('address') && where === null)
    throw refuse('Enter the address of the account holder.', { param: 'address' })
  const part = buildPart(space, bank, { accountType: 'checking', holderType: 'individual', holderName: billing.name })
  return createDebitMethod(space, { bank, part, billing, isVerified: typed.verifiesByDeposits !== true })
}

function fieldOf(param: string | undefined): 'number' | 'expiry' | 'cvc' | undefined {
  if (param === 'number' || param === 'cvc') return param
  return param === 'exp_month' || param === 'exp_year' ? 'expiry' : undefined
}
