/** What the tests of bank debits share: methods of each kind, and payments by them. */
import type Stripe from 'stripe'

export const acceptance: Stripe.PaymentIntentCreateParams.MandateData = {
  customer_acceptance: { type: 'online', online: { ip_address: '203.0.113.9', user_agent: 'Browser' } },
}

export const billing = {
  name: 'Kim Ng',
  email: 'kim@example.com',
  address: { line1: '1 High Street', city: 'London', postal_code: 'N1 1AA', country: 'GB' },
}

const parts = {
  us_bank_account: (number: string) => ({ account_number: number, routing_number: '110000000' }),
  au_becs_debit: (number: string) => ({ account_number: number, bsb_number: '000-000' }),
  nz_bank_account: (number: string) => ({
    bank_code: '11',
    branch_code: '0000',
    account_number: '0000000',
    suffix: number,
  }),
  payto: (number: string) => ({ account_number: number, bsb_number: '000000' }),
  sepa_debit: (number: string) => ({ iban: number }),
  bacs_debit: (number: string) => ({ account_number: number, sort_code: '10-88-00' }),
  acss_debit: (number: string) => ({ account_number: number, institution_number: '000', transit_number: '11000' }),
}

export type Kind = keyof typeof parts

export function methodParameters(type: Kind, number: string): Stripe.PaymentMethodCreateParams {
  return { type, [type]: parts[type](number), billing_details: billing } as Stripe.PaymentMethodCreateParams
}

/** A method that was not used yet. */
export async function debitMethod(stripe: Stripe, type: Kind, number: string): Promise<string> {
  return (await stripe.paymentMethods.create(methodParameters(type, number))).id
}

/** A payment over 500.00 that was confirmed with a new mandate. */
export async function payByDebit(
  stripe: Stripe,
  method: string,
  more: Partial<Stripe.PaymentIntentCreateParams> & { type: Kind; currency: string },
): Promise<Stripe.PaymentIntent> {
  const { type, ...given } = more
  return stripe.paymentIntents.create({
    amount: 50_000,
    allowed_payment_method_types: [type],
    payment_method: method,
    confirm: true,
    mandate_data: acceptance,
    ...given,
  })
}
