/**
 * Invoices kept at Stripe, which an operator may issue there by hand for an invoice of ours. Only read: what was paid on one is money
 * like any other, and it is found through the PaymentIntents in the invoice's list of payments.
 */
import type { PaymentIntentId } from '#kernel'
import type { Call, StripeScope } from './call.ts'
import { absentWhenMissing } from './fault.ts'
import {
  amountOf,
  currencyOf,
  expandedOf,
  idOf,
  listOf,
  metadataOf,
  objectOf,
  optionalText,
  present,
  textOf,
} from './shape.ts'
import { fieldsOf, type Fields } from './shape.ts'

export type StripeInvoiceSeen = {
  readonly id: string
  /** draft, open, paid, void or uncollectible. */
  readonly status: string
  /** As printed on it; absent while it is a draft. */
  readonly number?: string
  readonly currency: string
  /** What the operator said was paid by other means than Stripe, in minor units. */
  readonly paidOutsideMinor: bigint
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of Stripe's list; those that were cancelled are left out. */
  readonly intents: readonly PaymentIntentId[]
}

export function invoiceCalls(call: Call) {
  return {
    /** Undefined when this account has no such invoice. @throws StripeFault */
    findStripeInvoice: (scope: StripeScope, id: string): Promise<StripeInvoiceSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'invoices.retrieve',
          send: (client, options) => client.invoices.retrieve(id, { expand: ['payments'] }, options),
          read: (body) => readInvoice(body, scope, id),
        }),
      ),
  }
}

function readInvoice(body: unknown, { mode }: StripeScope, id: string): StripeInvoiceSeen {
  const fields = objectOf(body, { object: 'invoice', prefix: id, mode })
  const payments = expandedOf(fields, 'payments')
  const listed = payments ? listOf(payments, intentOf).rows : []
  return present({
    id,
    status: optionalText(fields, 'status') ?? 'unknown',
    number: optionalText(fields, 'number'),
    currency: currencyOf(fields),
    paidOutsideMinor: fields['amount_paid_off_stripe'] === undefined ? 0n : amountOf(fields, 'amount_paid_off_stripe'),
    metadata: metadataOf(fields),
    intents: listed.filter((intent) => intent !== undefined),
  })
}

function intentOf(row: unknown): PaymentIntentId | undefined {
  const fields: Fields = fieldsOf(row, 'invoice payment')
  const payment = expandedOf(fields, 'payment')
  return textOf(fields, 'status') === 'canceled' || !payment
    ? undefined
    : idOf<PaymentIntentId>(payment, 'payment_intent')
}
