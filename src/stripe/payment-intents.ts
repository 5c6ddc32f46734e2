/**
 * PaymentIntents: money coming in. Created unconfirmed and confirmed in a second call, so that a `pi_` is stored before anything can
 * be charged (STR-75). A decline is not an exception: the intent inside Stripe's card error is returned like any other. The client
 * secret is read nowhere, so it cannot leak.
 */
import type { ChargeId, CustomerId, PaymentIntentId, PaymentMethodId } from '#kernel'
import type Stripe from 'stripe'
import { balanceTransactionIn, type BalanceTransactionSeen } from './accounts.ts'
import type { Call, CallTrace, StripeScope, FullMetadata, Write } from './call.ts'
import { readLastError, type LastErrorSeen } from './declines.ts'
import { absentWhenMissing } from './fault.ts'
import { chargedMethodLabel } from './payment-methods.ts'
import { readRefund, type RefundSeen } from './refunds.ts'
import {
  allPages,
  amountOf,
  currencyOf,
  expandedOf,
  fieldsOf,
  flagOf,
  idOf,
  instantOf,
  listOf,
  metadataOf,
  objectOf,
  optionalText,
  present,
  sweepParameters,
  stripeAmount,
  textOf,
  type CreatedWish,
  type Fields,
  type Page,
} from './shape.ts'

export type PaymentIntentSeen = {
  readonly id: PaymentIntentId
  /** Stripe's word; an unknown one is possible and means state `unknown` (STR-148). */
  readonly status: string
  readonly amountMinor: bigint
  readonly amountReceivedMinor: bigint
  /** ISO 4217 in upper case. */
  readonly currency: string
  readonly customer?: CustomerId
  readonly paymentMethod?: PaymentMethodId
  readonly metadata: Readonly<Record<string, string>>
  readonly isLive: boolean
  readonly createdAt: Date
  readonly canceledReason?: string
  /** Where the renter authenticates (3-D Secure), while the status is requires_action. */
  readonly nextActionUrl?: string
  readonly lastError?: LastErrorSeen
  /** The latest charge. Absent in the answer to a declined confirm, which Stripe sends unexpanded. */
  readonly charge?: ChargeSeen
  /** The request that brought this, for Stripe's support (STR-11). */
  readonly requestId?: string
}

export type ChargeSeen = {
  readonly id: ChargeId
  readonly receiptUrl?: string
  readonly amountRefundedMinor: bigint
  /** As people read it: `Visa ••4242`. */
  readonly methodLabel: string
  readonly balanceTransaction?: BalanceTransactionSeen
}

/** A payment with everything that happened to its money, in one answer (PERF-52). */
export type PaymentSeen = {
  readonly intent: PaymentIntentSeen
  /** Of the latest charge, newest first; an intent succeeds with one charge, and only that one can be given back. */
  readonly refunds: readonly RefundSeen[]
  /** Stripe shows ten of them; when there are more, all are in the list of the intent's refunds. */
  readonly hasMoreRefunds: boolean
}

const expand = ['latest_charge.balance_transaction']
/** Four levels, which is the most Stripe opens. */
const expandWithRefunds = [
  ...expand,
  'latest_charge.refunds.data.balance_transaction',
  'latest_charge.refunds.data.failure_balance_transaction',
]

export type NewPaymentIntent = Write & {
  readonly amountMinor: bigint
  readonly currency: string
  readonly customer: CustomerId
  readonly paymentMethod?: PaymentMethodId
  /** Stripe's type of the saved method, such as `card` or `au_becs_debit`. */
  readonly methodType: string
  readonly description: string
  /** What the platform takes of it; only for connected accounts (STR-16). */
  readonly applicationFeeMinor?: bigint
}

export type Confirmation = {
  readonly paymentMethod?: PaymentMethodId
  readonly offSession: boolean
  /** Where the renter comes back to; needed on-session. */
  readonly returnUrl?: string
  readonly idempotencyKey: string
}

export function paymentIntentCalls(call: Call, metadata: FullMetadata) {
  return {
    /** Creates it unconfirmed: it cannot charge anything yet. @throws StripeFault */
    createPaymentIntent: (scope: StripeScope, wanted: NewPaymentIntent): Promise<PaymentIntentSeen> =>
      call(scope, {
        operation: 'payment_intents.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.paymentIntents.create(createParameters(wanted, metadata(scope, wanted.metadata)), options),
        read: (body, trace) => readPaymentIntent(body, { scope, trace }),
      }),

    /** Charges. A decline (402) is returned with `lastError`; only an unreadable or missing answer throws. @throws StripeFault */
    confirmPaymentIntent: (scope: StripeScope, id: PaymentIntentId, wanted: Confirmation): Promise<PaymentIntentSeen> =>
      call(scope, {
        operation: 'payment_intents.confirm',
        idempotencyKey: wanted.idempotencyKey,
        acceptsDecline: true,
        send: (client, options) => client.paymentIntents.confirm(id, confirmParameters(wanted), options),
        read: (body, trace) => readPaymentIntent(body, { scope, trace, id }),
      }),

    /** Undefined when this account has no such intent. @throws StripeFault */
    findPaymentIntent: (scope: StripeScope, id: PaymentIntentId): Promise<PaymentIntentSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'payment_intents.retrieve',
          send: (client, options) => client.paymentIntents.retrieve(id, { expand }, options),
          read: (body, trace) => readPaymentIntent(body, { scope, trace, id }),
        }),
      ),

    /** @throws StripeFault of kind `invalid` when it already succeeded or is processing: re-read it then. */
    cancelPaymentIntent: (
      scope: StripeScope,
      id: PaymentIntentId,
      wanted: { idempotencyKey: string },
    ): Promise<PaymentIntentSeen> =>
      call(scope, {
        operation: 'payment_intents.cancel',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) => client.paymentIntents.cancel(id, { expand }, options),
        read: (body, trace) => readPaymentIntent(body, { scope, trace, id }),
      }),

    /** All of one customer since an instant, newest first: how a lost answer is looked up (STR-77). @throws StripeFault */
    listPaymentIntents: (
      scope: StripeScope,
      wanted: { customer: CustomerId; createdSince: Date },
    ): Promise<readonly PaymentIntentSeen[]> =>
      allPages((startingAfter) =>
        call(scope, {
          operation: 'payment_intents.list',
          send: (client, options) => client.paymentIntents.list(listParameters(wanted, startingAfter), options),
          read: (body, trace) => listOf(body, (row) => readPaymentIntent(row, { scope, trace })),
        }),
      ),
  }
}

export function paymentIntentPages(call: Call) {
  return {
    /** One page of everybody's, newest first: for the search by objects when events cannot be asked (STR-72). @throws StripeFault */
    pageOfPaymentIntents: (scope: StripeScope, wanted: CreatedWish): Promise<Page<PaymentIntentSeen>> =>
      call(scope, {
        operation: 'payment_intents.list',
        send: (client, options) => client.paymentIntents.list(sweepParameters(wanted, expand), options),
        read: (body, trace) => listOf(body, (row) => readPaymentIntent(row, { scope, trace })),
      }),
  }
}

/** What is read when there is news of a payment. */
export function paymentNewsCalls(call: Call) {
  return {
    /** Undefined when this account has no such intent. @throws StripeFault, `permission` for a key that may not read refunds */
    findPaymentWithRefunds: (scope: StripeScope, id: PaymentIntentId): Promise<PaymentSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'payment_intents.retrieve',
          send: (client, options) => client.paymentIntents.retrieve(id, { expand: expandWithRefunds }, options),
          read: (body, trace) => readPayment(body, { scope, trace, id }),
        }),
      ),
  }
}

function createParameters(
  wanted: NewPaymentIntent,
  metadata: Record<string, string>,
): Stripe.PaymentIntentCreateParams {
  return {
    amount: stripeAmount(wanted.amountMinor),
    currency: wanted.currency.toLowerCase(),
    customer: wanted.customer,
    // `payment_method_types` is refused since 2026-09-30 (STR-8).
    allowed_payment_method_types: [wanted.methodType],
    description: wanted.description,
    metadata,
    expand,
    ...(wanted.paymentMethod !== undefined && { payment_method: wanted.paymentMethod }),
    ...(wanted.applicationFeeMinor !== undefined && {
      application_fee_amount: stripeAmount(wanted.applicationFeeMinor),
    }),
  }
}

function confirmParameters(wanted: Confirmation): Stripe.PaymentIntentConfirmParams {
  return {
    off_session: wanted.offSession,
    expand,
    ...(wanted.paymentMethod !== undefined && { payment_method: wanted.paymentMethod }),
    ...(wanted.returnUrl !== undefined && { return_url: wanted.returnUrl }),
  }
}

function listParameters(wanted: { customer: CustomerId; createdSince: Date }, startingAfter: string | undefined) {
  return {
    customer: wanted.customer,
    created: { gte: Math.floor(wanted.createdSince.getTime() / 1000) },
    limit: 100,
    expand: expand.map((path) => `data.${path}`),
    ...(startingAfter !== undefined && { starting_after: startingAfter }),
  }
}

type Reading = { readonly scope: StripeScope; readonly trace: CallTrace; readonly id?: PaymentIntentId }

function readPaymentIntent(body: unknown, { scope, trace, id }: Reading): PaymentIntentSeen {
  const fields = objectOf(body, { object: 'payment_intent', prefix: id ?? 'pi_', mode: scope.mode })
  const charge = expandedOf(fields, 'latest_charge')
  const lastError = expandedOf(fields, 'last_payment_error')
  return present({
    id: textOf(fields, 'id') as PaymentIntentId,
    status: textOf(fields, 'status'),
    amountMinor: amountOf(fields, 'amount'),
    amountReceivedMinor: fields['amount_received'] === undefined ? 0n : amountOf(fields, 'amount_received'),
    currency: currencyOf(fields),
    customer: idOf<CustomerId>(fields, 'customer'),
    paymentMethod: idOf<PaymentMethodId>(fields, 'payment_method'),
    metadata: metadataOf(fields),
    isLive: flagOf(fields, 'livemode'),
    createdAt: instantOf(fields, 'created'),
    canceledReason: optionalText(fields, 'cancellation_reason'),
    nextActionUrl: nextActionUrlOf(fields),
    lastError: lastError && readLastError(lastError),
    charge: charge && readCharge(charge),
    requestId: trace.requestId,
  })
}

function readPayment(body: unknown, reading: Reading): PaymentSeen {
  const intent = readPaymentIntent(body, reading)
  const charge = expandedOf(fieldsOf(body, 'payment_intent'), 'latest_charge')
  const refunds = charge && expandedOf(charge, 'refunds')
  if (!refunds) return { intent, refunds: [], hasMoreRefunds: false }
  const { rows, hasMore } = listOf(refunds, (row) => readRefund(row, reading))
  return { intent, refunds: rows, hasMoreRefunds: hasMore }
}

function readCharge(fields: Fields): ChargeSeen {
  return present({
    id: textOf(fields, 'id') as ChargeId,
    receiptUrl: optionalText(fields, 'receipt_url'),
    amountRefundedMinor: amountOf(fields, 'amount_refunded'),
    methodLabel: chargedMethodLabel(expandedOf(fields, 'payment_method_details')),
    balanceTransaction: balanceTransactionIn(fields, 'balance_transaction'),
  })
}

function nextActionUrlOf(fields: Fields): string | undefined {
  const action = expandedOf(fields, 'next_action')
  const redirect = action && expandedOf(action, 'redirect_to_url')
  return redirect && optionalText(redirect, 'url')
}
