/** What a trigger is, and how its effect is looked for: in the object itself, read anew over the API. */
import type Stripe from 'stripe'

export interface Seen {
  readonly stripe: Stripe
  readonly event: Stripe.Event
  /** The account the trigger ran on. */
  readonly scope: Stripe.RequestOptions
}

export interface Trigger {
  /** As the tool knows it. */
  readonly name: string
  /** The event that must arrive; more than one row when a trigger stands for several. */
  readonly event: string
  /** For the table. */
  readonly says: string
  /** True when the effect is there, otherwise what was found. */
  effect(seen: Seen): Promise<unknown>
  /** The trigger makes a connected account itself, so that its event is one of that account. */
  readonly makesAccount?: boolean
  /** Days on the sandbox clock until the event is due. */
  readonly afterDays?: number
  /** Code of the refusal when the tool is told of a connected account; nothing may be told then. */
  readonly refusedOnConnect?: string
  /** Tells the event the trigger is about from others of its type, where its own steps cause several. */
  means?(event: Stripe.Event): boolean
}

type Look<T> = (object: T, seen: Seen) => unknown

function idIn(event: Stripe.Event): string {
  return (event.data.object as { readonly id: string }).id
}

/** An effect on an object that is read anew by the id in the event. */
function reads<T>(retrieve: (stripe: Stripe, id: string, scope: Stripe.RequestOptions) => Promise<T>) {
  return (look: Look<T>) => async (seen: Seen) => {
    const object = await retrieve(seen.stripe, idIn(seen.event), seen.scope)
    return (await look(object, seen)) === true ? true : object
  }
}

export const charge = reads((stripe, id, scope) => stripe.charges.retrieve(id, {}, scope))
export const refund = reads((stripe, id, scope) => stripe.refunds.retrieve(id, {}, scope))
export const dispute = reads((stripe, id, scope) => stripe.disputes.retrieve(id, {}, scope))
export const payment = reads((stripe, id, scope) => stripe.paymentIntents.retrieve(id, {}, scope))
export const setup = reads((stripe, id, scope) => stripe.setupIntents.retrieve(id, {}, scope))
export const invoice = reads((stripe, id, scope) => stripe.invoices.retrieve(id, { expand: ['payments'] }, scope))
export const session = reads((stripe, id, scope) => stripe.checkout.sessions.retrieve(id, {}, scope))
export const method = reads((stripe, id, scope) => stripe.paymentMethods.retrieve(id, {}, scope))
export const payout = reads((stripe, id, scope) => stripe.payouts.retrieve(id, {}, scope))

export function paymentIs(status: string): Trigger['effect'] {
  return payment((object) => object.status === status)
}

export function setupIs(status: string): Trigger['effect'] {
  return setup((object) => object.status === status)
}

export const isRefunded = charge(async ({ id, refunded }, { stripe, scope }) => {
  const refunds = await stripe.refunds.list({ charge: id }, scope)
  return refunded && refunds.data.length === 1
})

/** The status of the intent behind an invoice. */
export async function intentOf(object: Stripe.Invoice, { stripe, scope }: Seen): Promise<string> {
  const intent = object.payments?.data[0]?.payment.payment_intent
  return (await stripe.paymentIntents.retrieve(String(intent), {}, scope)).status
}

export const isPaid = invoice(
  async (object, seen) =>
    object.status === 'paid' && object.amount_paid === 2000 && (await intentOf(object, seen)) === 'succeeded',
)

export const isPaidSession = session((object) => object.status === 'complete' && object.payment_status === 'paid')

export function changesMetadata(event: Stripe.Event): boolean {
  return Object.hasOwn(event.data.previous_attributes ?? {}, 'metadata')
}
