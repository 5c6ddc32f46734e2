/** What the tests of disputes share: a payment its payer may dispute, and the dispute of one who did. */
import type Stripe from 'stripe'

/** A payment over 100.00 USD; its card decides what the payer's bank does. */
export async function payBy(stripe: Stripe, card = 'pm_card_createDispute'): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount: 10_000,
    currency: 'usd',
    payment_method: card,
    confirm: true,
    return_url: 'https://example.com',
  })
}

export async function disputeOf(stripe: Stripe, card?: string): Promise<Stripe.Dispute> {
  const intent = await payBy(stripe, card)
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data
  if (dispute === undefined) throw new Error('There is no dispute.')
  return dispute
}
