/**
 * What an event was about, what it changed, and what Stripe says of its object now (UI-153). Looked up by Stripe's ids in our own rows and
 * in the facts they left, never read out of the event. Nothing is written by asking.
 */
import { findInvoice } from '#billing'
import { findConnection } from '#connections'
import { done, type Money, type Outcome, type Scope } from '#kernel'
import { findPayment, findPaymentByIntent, type MoneyGround, type Payment } from '#payments'
import { onStripePayout } from '#payouts'
import { inScope, listFacts, type Fact, type ScopedHandle } from '#platform'
import { onStripePayment } from '#reactions'
import { findRefundByStripeId, onStripeRefund } from '#refunds'
import { billingName, findRenter, findSetupByIntent, onStripeSetupIntent } from '#renters'
import { StripeFault } from '#stripe'
import type { InboxEvent } from './inbox-view.ts'
import { refuse, type WebhookProblem } from './problems.ts'

export type EventStory = {
  readonly about: readonly { readonly kind: 'invoice' | 'renter'; readonly id: string; readonly label: string }[]
  /** Facts about its object between arrival and end, oldest first. */
  readonly facts: readonly Fact[]
}

type Subject = {
  /** What facts about it name. */
  readonly ids: Readonly<Record<string, string>>
  readonly renterId: string
  readonly invoiceId: string | undefined
}

/** Empty when no row of ours knows the object. */
export async function tellEvent(rows: ScopedHandle, event: InboxEvent): Promise<EventStory> {
  const subject = await findSubject(rows, event)
  if (!subject) return { about: [], facts: [] }
  const invoice = subject.invoiceId === undefined ? undefined : await findInvoice(rows, subject.invoiceId)
  const renter = await findRenter(rows, subject.renterId)
  const { receivedAt, finishedAt } = event
  const facts = (await listFacts(rows, subject.ids)).filter(
    ({ recordedAt }) => recordedAt >= receivedAt && (finishedAt === undefined || recordedAt <= finishedAt),
  )
  const about: EventStory['about'] = [
    ...(invoice ? [{ kind: 'invoice' as const, id: invoice.id, label: `Invoice ${invoice.number}` }] : []),
    ...(renter ? [{ kind: 'renter' as const, id: renter.id, label: billingName(renter) }] : []),
  ]
  return { about, facts }
}

async function findSubject(rows: ScopedHandle, about: InboxEvent): Promise<Subject | undefined> {
  const { objectKind, objectId, connectionId } = about
  if (connectionId === null) return undefined
  const intent = { connectionId, intentId: objectId }
  if (objectKind === 'payment_intent') return ofPayment(await findPaymentByIntent(rows, intent))
  if (objectKind === 'setup_intent') {
    const setup = await findSetupByIntent(rows, intent)
    return setup && { ids: { setup: setup.id }, renterId: setup.renterId, invoiceId: undefined }
  }
  return objectKind === 'refund' ? ofRefund(rows, objectId) : undefined
}

function ofPayment(payment: Payment | undefined): Subject | undefined {
  return payment && { ids: { payment: payment.id }, renterId: payment.renterId, invoiceId: payment.invoiceId }
}

async function ofRefund(rows: ScopedHandle, stripeId: string): Promise<Subject | undefined> {
  const refund = await findRefundByStripeId(rows, stripeId as `re_${string}`)
  const subject = refund && ofPayment(await findPayment(rows, refund.paymentId))
  return subject && { ...subject, ids: { refund: refund.id } }
}

const reactions = {
  payment_intent: onStripePayment,
  setup_intent: onStripeSetupIntent,
  refund: onStripeRefund,
  payout: onStripePayout,
}

type Kind = keyof typeof reactions

/** Stripe's own word for the state, and the amount where there is one. */
export type ObjectAtStripe = { readonly status: string; readonly amount: Money | undefined }

/** Whether the object is of a kind that can be asked about. */
export function canAskStripe({ objectKind, objectId }: InboxEvent): boolean {
  return Object.hasOwn(reactions, objectKind) && objectId !== ''
}

/** @returns undefined inside when Stripe does not know the object in this account. */
export async function askStripe(
  ground: MoneyGround,
  scope: Scope,
  event: InboxEvent,
): Promise<Outcome<ObjectAtStripe | undefined, WebhookProblem>> {
  const { connectionId } = event
  const connection =
    connectionId && (await inScope(ground.database, scope, (rows) => findConnection(rows, connectionId)))
  if (!connection || connection.state === 'disconnected' || !canAskStripe(event))
    return refuse('inbox_object_not_askable')
  try {
    const found = await reactions[event.objectKind as Kind](ground).read(scope, connection.id, event.objectId)
    if (!found) return done(undefined)
    if (found === 'refused') return refuse('inbox_stripe_silent')
    const seen = 'intent' in found ? found.intent : found
    const amount = 'amountMinor' in seen ? { amountMinor: seen.amountMinor, currency: seen.currency } : undefined
    return done({ status: seen.status.replaceAll('_', ' '), amount })
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return refuse('inbox_stripe_silent')
  }
}
