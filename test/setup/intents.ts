/** Payments at the sandbox through the gateway alone, and what a call that must fail failed with. */
import { StripeFault, type PaymentIntentSeen } from '#stripe'
import type { StripeSandboxGround } from './stripe-sandbox.ts'

let count = 0

/** An idempotency key nobody used before. */
export const newKey = (what: string): string => `${what}:${(count += 1)}:${process.pid}`

/** @throws when the work succeeded, or failed with anything else. */
export async function faultOf(work: Promise<unknown>): Promise<StripeFault> {
  const result = await work.then(
    (value) => value,
    (error: unknown) => error,
  )
  if (result instanceof StripeFault) return result
  throw new Error(`expected a StripeFault, got ${String(result)}`)
}

/** An unconfirmed payment of a new customer, over 123.00 AUD when not told otherwise. */
export async function newIntent(
  { gateway, scopeOf }: StripeSandboxGround,
  paymentMethod: string,
  amountMinor = 12_300n,
): Promise<PaymentIntentSeen> {
  const scope = scopeOf()
  const customer = await gateway.createCustomer(scope, {
    name: 'Ana Silva',
    metadata: { rentroll_renter: 'r1' },
    idempotencyKey: newKey('cus'),
  })
  return gateway.createPaymentIntent(scope, {
    amountMinor,
    currency: 'AUD',
    customer: customer.id,
    paymentMethod: paymentMethod as `pm_${string}`,
    methodType: 'card',
    description: 'Invoice 1',
    metadata: { rentroll_payment: 'p1', rentroll_invoice: 'i1' },
    idempotencyKey: newKey('pi'),
  })
}
