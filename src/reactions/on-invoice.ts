/**
 * The reaction to an invoice the operator issued in Stripe (STR-147). Its metadata `rentroll_invoice` names ours; then what was paid on
 * it is settled like any other payment, PaymentIntent by PaymentIntent, and what the operator marked as paid elsewhere is a payment
 * recorded by hand. What surprises: Stripe tells of one payment by up to four events of three kinds of object, and the PaymentIntent
 * itself says nothing of us. So the money is found here, and is booked once because a PaymentIntent has one payment.
 */
import { findInvoice, type Invoice } from '#billing'
import { isUuid, localDateAt, parseId, type PaymentIntentId, type Uuid } from '#kernel'
import { findPaymentByIntent, recordPayment, settleStripeInvoice, type MoneyGround } from '#payments'
import { listFacts, recordFact, type FactName, type ScopedHandle } from '#platform'
import { settleRefund } from '#refunds'
import { getLocation } from '#spaces'
import type { PaymentSeen, Reaction, ReactionVerdict, StripeInvoiceSeen, StripeScope } from '#stripe'
import { reactionTo } from './asking.ts'
import { readPayment } from './on-payment.ts'

type InvoiceNews = { readonly invoice: StripeInvoiceSeen; readonly payments: readonly PaymentSeen[] }

export function onStripeInvoice(ground: MoneyGround): Reaction<unknown> {
  return reactionTo(ground, {
    whenRefused:
      'The restricted key may not read invoices in Stripe. Give it the permission Invoices (read) if you issue invoices there for invoices of Rentroll.',
    ask: (stripeScope, id) => readInvoice(ground, stripeScope, id),
    apply: (rows, connectionId, seen) => settleInvoice(rows, connectionId, seen),
  })
}

/** An invoice that names none of ours costs one request, a linked one another for each payment on it. */
async function readInvoice(ground: MoneyGround, scope: StripeScope, id: string): Promise<InvoiceNews | undefined> {
  const invoice = await ground.stripe.findStripeInvoice(scope, id)
  if (!invoice) return undefined
  const intents: readonly PaymentIntentId[] = linkOf(invoice) ? invoice.intents : []
  const payments = await Promise.all(intents.map((intent) => readPayment(ground, scope, intent)))
  return { invoice, payments: payments.filter((payment) => payment !== undefined) }
}

/** Ours as it stands in the metadata: its id, as the API prints it or bare. */
function linkOf({ metadata }: StripeInvoiceSeen): Uuid | undefined {
  const text = metadata['rentroll_invoice']
  return isUuid(text) ? text : text && parseId('invoice', text)
}

async function settleInvoice(rows: ScopedHandle, connectionId: string, seen: InvoiceNews): Promise<ReactionVerdict> {
  const owner = seen.invoice.metadata['rentroll_operator']
  if (owner && owner !== rows.scope.operatorId)
    return { quarantine: 'Its metadata names another operator than the account it came from.' }
  const invoiceId = linkOf(seen.invoice)
  if (!invoiceId) return 'foreign'
  const ours = await findInvoice(rows, invoiceId)
  if (!ours) return { park: 'The invoice it names is not here yet.' }
  const about = { rows, connectionId, ours, theirs: seen.invoice }
  for (const payment of seen.payments) {
    const verdict = await settlePayment(about, payment)
    if (verdict !== 'done') return verdict
  }
  const verdict = await bookPaidOutside(about)
  if (verdict !== 'done') return verdict
  await noteEnd(about)
  return 'done'
}

type About = {
  readonly rows: ScopedHandle
  readonly connectionId: string
  readonly ours: Invoice
  readonly theirs: StripeInvoiceSeen
}

const referenceOf = ({ number, id }: StripeInvoiceSeen) => `Stripe invoice ${number ?? id}`.slice(0, 80)

async function settlePayment(about: About, { intent, refunds }: PaymentSeen): Promise<ReactionVerdict> {
  const { rows, connectionId, ours, theirs } = about
  const verdict = await settleStripeInvoice(rows, {
    connectionId,
    observed: intent,
    invoiceId: ours.id,
    stripeInvoiceId: theirs.id,
    reference: referenceOf(theirs),
  })
  if (verdict !== 'done') return verdict
  if (!(await findPaymentByIntent(rows, { connectionId, intentId: intent.id }))) {
    if (intent.status === 'requires_payment_method' && intent.lastError)
      await noteOnce(about, { name: 'stripe_invoice.payment_failed', more: intent.id })
    return 'done'
  }
  for (const refund of refunds.toReversed()) {
    const refunded = await settleRefund(rows, { connectionId, observed: refund })
    if (refunded !== 'done') return refunded
  }
  return 'done'
}

/** Marked as paid by other means in Stripe: nothing went through Stripe, so it is money received by hand. */
async function bookPaidOutside({ rows, ours, theirs }: About): Promise<ReactionVerdict> {
  if (theirs.status !== 'paid' || theirs.paidOutsideMinor <= 0n) return 'done'
  if (theirs.currency !== ours.currency)
    return { quarantine: `Its currency is ${theirs.currency}, the invoice it names is in ${ours.currency}.` }
  const { timeZone } = await getLocation(rows)
  const recorded = await recordPayment(rows, {
    invoiceId: ours.id,
    amountMinor: theirs.paidOutsideMinor,
    method: 'other',
    reference: referenceOf(theirs),
    receivedOn: localDateAt(rows.clock.now(), timeZone),
    requestKey: `stripe-invoice:${theirs.id}`,
    actor: 'stripe',
    isFact: true,
  })
  return recorded.ok ? 'done' : { quarantine: recorded.refusal.problem.cause }
}

/** Voided or given up in Stripe: ours stays as it is, and its story says so. */
async function noteEnd(about: About): Promise<void> {
  const { status } = about.theirs
  if (status === 'void') await noteOnce(about, { name: 'stripe_invoice.voided' })
  if (status === 'uncollectible') await noteOnce(about, { name: 'stripe_invoice.uncollectible' })
}

async function noteOnce(about: About, note: { readonly name: FactName; readonly more?: string }): Promise<void> {
  const { rows, ours, theirs } = about
  const ids = {
    invoice: ours.id,
    renter: ours.renterId,
    stripeInvoice: theirs.id,
    ...(note.more && { stripeObject: note.more }),
  }
  const known = await listFacts(rows, ids)
  if (known.some(({ name }) => name === note.name)) return
  await recordFact(rows, { name: note.name, ids, actor: 'stripe' })
}
