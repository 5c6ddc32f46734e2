/** Refunds: money going back, and warnings that it may have to. A refund has no unconfirmed step, so a lost answer is looked up by list before any repeat (TRU-136). */
import type { ChargeId, PaymentIntentId, StripeRefundId } from '#kernel'
import { balanceTransactionIn, type BalanceTransactionSeen } from './accounts.ts'
import type { Call, CallTrace, StripeScope, FullMetadata, Write } from './call.ts'
import { absentWhenMissing } from './fault.ts'
import {
  allPages,
  amountOf,
  currencyOf,
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
  WrongShape,
  type CreatedWish,
  type Page,
} from './shape.ts'

export type FraudWarningSeen = {
  readonly id: string
  /** Stripe's word for what it suspects, such as `made_with_stolen_card`. */
  readonly kind: string
  /** False once the charge was refunded or disputed: then a refund saves nothing any more. */
  readonly isActionable: boolean
  readonly charge?: ChargeId
  readonly paymentIntent?: PaymentIntentId
}

export type RefundSeen = {
  readonly id: StripeRefundId
  /** pending, requires_action, succeeded, failed or canceled; an unknown word is possible. */
  readonly status: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly paymentIntent?: PaymentIntentId
  readonly charge?: ChargeId
  readonly metadata: Readonly<Record<string, string>>
  readonly failureReason?: string
  readonly pendingReason?: string
  readonly balanceTransaction?: BalanceTransactionSeen
  /** Stripe gave the money back to the balance because the refund failed. */
  readonly failureBalanceTransaction?: BalanceTransactionSeen
  /** Refunds carry no mode of their own; present only where Stripe says one. */
  readonly isLive?: boolean
  readonly createdAt: Date
  readonly requestId?: string
}

export type NewRefund = Write & {
  readonly paymentIntent: PaymentIntentId
  readonly amountMinor: bigint
  /** Its part of the platform's fee goes back to the operator; refused where none was taken (STR-16). */
  readonly returnsApplicationFee?: boolean
}

const expand = ['balance_transaction', 'failure_balance_transaction']

export function refundCalls(call: Call, metadata: FullMetadata) {
  return {
    /** @throws StripeFault; `isOutcomeUnknown` means list before repeating */
    createRefund: (scope: StripeScope, wanted: NewRefund): Promise<RefundSeen> =>
      call(scope, {
        operation: 'refunds.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.refunds.create(
            {
              payment_intent: wanted.paymentIntent,
              amount: stripeAmount(wanted.amountMinor),
              metadata: metadata(scope, wanted.metadata),
              expand,
              ...(wanted.returnsApplicationFee && { refund_application_fee: true }),
            },
            options,
          ),
        read: (body, trace) => readRefund(body, { scope, trace }),
      }),

    /** @throws StripeFault */
    findRefund: (scope: StripeScope, id: StripeRefundId): Promise<RefundSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'refunds.retrieve',
          send: (client, options) => client.refunds.retrieve(id, { expand }, options),
          read: (body, trace) => readRefund(body, { scope, trace }),
        }),
      ),

    /** All refunds of one payment, newest first. @throws StripeFault */
    listRefunds: (
      scope: StripeScope,
      wanted: { paymentIntent: PaymentIntentId } | { charge: ChargeId },
    ): Promise<readonly RefundSeen[]> =>
      allPages((startingAfter) =>
        call(scope, {
          operation: 'refunds.list',
          send: (client, options) =>
            client.refunds.list(
              {
                ...('charge' in wanted ? { charge: wanted.charge } : { payment_intent: wanted.paymentIntent }),
                limit: 100,
                expand: expand.map((path) => `data.${path}`),
                ...(startingAfter !== undefined && { starting_after: startingAfter }),
              },
              options,
            ),
          read: (body, trace) => listOf(body, (row) => readRefund(row, { scope, trace })),
        }),
      ),
  }
}

export function refundPages(call: Call) {
  return {
    /** The card network says that a payment was probably fraud. @throws StripeFault */
    findFraudWarning: (scope: StripeScope, id: string): Promise<FraudWarningSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'radar.early_fraud_warnings.retrieve',
          send: (client, options) => client.radar.earlyFraudWarnings.retrieve(id, {}, options),
          read: (body) => readFraudWarning(body, scope, id),
        }),
      ),

    /** One page of everybody's, newest first: for the search by objects when events cannot be asked (STR-72). @throws StripeFault */
    pageOfRefunds: (scope: StripeScope, wanted: CreatedWish): Promise<Page<RefundSeen>> =>
      call(scope, {
        operation: 'refunds.list',
        send: (client, options) => client.refunds.list(sweepParameters(wanted, expand), options),
        read: (body, trace) => listOf(body, (row) => readRefund(row, { scope, trace })),
      }),
  }
}

/** One refund, of an answer of its own or inside its charge. @throws WrongShape */
export function readRefund(
  body: unknown,
  { scope, trace }: { readonly scope: StripeScope; readonly trace: CallTrace },
): RefundSeen {
  const { id, livemode } = fieldsOf(body, 'refund')
  const prefix = typeof id === 'string' && id.startsWith('pyr_') ? 'pyr_' : 're_'
  const fields = objectOf(body, { object: 'refund', prefix, mode: scope.mode })
  if (livemode !== undefined && typeof livemode !== 'boolean') throw new WrongShape('livemode is not true or false')
  return present({
    id: textOf(fields, 'id') as StripeRefundId,
    status: textOf(fields, 'status'),
    amountMinor: amountOf(fields, 'amount'),
    currency: currencyOf(fields),
    paymentIntent: idOf<PaymentIntentId>(fields, 'payment_intent'),
    charge: idOf<ChargeId>(fields, 'charge'),
    metadata: metadataOf(fields),
    failureReason: optionalText(fields, 'failure_reason'),
    pendingReason: optionalText(fields, 'pending_reason'),
    balanceTransaction: balanceTransactionIn(fields, 'balance_transaction'),
    failureBalanceTransaction: balanceTransactionIn(fields, 'failure_balance_transaction'),
    isLive: livemode,
    createdAt: instantOf(fields, 'created'),
    requestId: trace.requestId,
  })
}

function readFraudWarning(body: unknown, { mode }: StripeScope, id: string): FraudWarningSeen {
  const fields = objectOf(body, { object: 'radar.early_fraud_warning', prefix: id, mode })
  return present({
    id,
    kind: textOf(fields, 'fraud_type'),
    isActionable: flagOf(fields, 'actionable'),
    charge: idOf<ChargeId>(fields, 'charge'),
    paymentIntent: idOf<PaymentIntentId>(fields, 'payment_intent'),
  })
}
