/** Refunds: the operations. What becomes of a refund is told in money/refunds.ts. */
import { notSupported, refuse } from '../errors.ts'
import { changeRefund, createRefund, refundTimers } from '../money/refunds.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, flag, objectId, integer, isWithin, metadata, oneOf, range } from '../protocol/parameters.ts'
import { checkFeeRefundable } from '../payouts/fees.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'

/** The charge to give back: named itself, or the one that paid the intent. */
function findCharge(space: Space, named: { charge: string | undefined; intent: string | undefined }): Row<'charge'> {
  const { charge, intent } = named
  if (charge !== undefined && intent !== undefined) {
    throw refuse('You cannot pass both `charge` and `payment_intent`. Pass only one of them.', {
      param: 'payment_intent',
    })
  }
  if (charge !== undefined) {
    const row = getByParameter(space, 'charge', { id: charge, param: 'charge' })
    if (row.object.status !== 'succeeded')
      throw refuse(`Charge ${row.id} did not succeed, so there is nothing to refund.`, { param: 'charge' })
    return row
  }
  if (intent === undefined) {
    throw refuse('One of the following params should be provided for this request: payment_intent or charge.', {
      code: 'parameter_missing',
      param: 'charge',
    })
  }
  const { object } = getByParameter(space, 'payment_intent', { id: intent, param: 'payment_intent' })
  const latest = idOf(object.latest_charge)
  if (object.status !== 'succeeded' || latest === null) {
    throw refuse(`This PaymentIntent (${intent}) does not have a successful charge to refund.`, {
      param: 'payment_intent',
    })
  }
  return space.get('charge', latest)
}

export const refunds: ObjectModule = {
  prefixes: { re: 'refund', pyr: 'refund' },
  expansions: {
    refund: {
      balance_transaction: 'balance_transaction',
      charge: 'charge',
      customer: 'customer',
      failure_balance_transaction: 'balance_transaction',
      payment_intent: 'payment_intent',
      payment_method: 'payment_method',
    },
  },
  timers: refundTimers,
  operations: [
    operation({
      method: 'POST',
      path: '/v1/refunds',
      permission: 'charge_write',
      parameters: {
        amount: integer({ min: 1 }),
        charge: objectId(),
        payment_intent: objectId(),
        metadata: metadata(),
        refund_application_fee: flag(),
        reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
      },
      unsupported: ['currency', 'customer', 'instructions_email', 'origin', 'reverse_transfer'],
      run(call) {
        const { amount, charge, payment_intent: intent, metadata: tags, reason } = call.params
        const paid = findCharge(call.space, { charge, intent })
        const refundsFee = call.params.refund_application_fee ?? false
        if (refundsFee) checkFeeRefundable(call, paid.object)
        const row = createRefund(call.space, {
          charge: paid,
          amount,
          reason: reason ?? null,
          metadata: changeMetadata({}, tags),
          refundsFee,
        })
        return shown(row)
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/refunds',
      permission: 'charge_read',
      parameters: { ...pagination, charge: objectId(), created: range(), payment_intent: objectId() },
      run(call) {
        const { charge, created, payment_intent: intent } = call.params
        if (charge !== undefined) getByParameter(call.space, 'charge', { id: charge, param: 'charge' })
        if (intent !== undefined) getByParameter(call.space, 'payment_intent', { id: intent, param: 'payment_intent' })
        const byIntent = intent === undefined ? undefined : (['payment_intent', intent] as const)
        return listPage(call, {
          kind: 'refund',
          url: '/v1/refunds',
          by: charge === undefined ? byIntent : ['charge', charge],
          where: ({ object }) =>
            isWithin(object.created, created) && (intent === undefined || object.payment_intent === intent),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/refunds/:id',
      permission: 'charge_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'refund')),
    }),
    operation({
      method: 'POST',
      path: '/v1/refunds/:id',
      permission: 'charge_write',
      parameters: { metadata: metadata() },
      run(call) {
        const before = getByPath(call, 'refund')
        const tags = changeMetadata(before.object.metadata ?? {}, call.params.metadata)
        return shown(changeRefund(call.space, before.id, { metadata: tags }))
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/refunds/:id/cancel',
      permission: 'charge_write',
      parameters: {},
      run(call) {
        const { id: refund, object } = getByPath(call, 'refund')
        if (object.status === 'requires_action') throw notSupported('canceling refunds that wait for the payer')
        const message = `You cannot cancel this refund (${refund}) because it has a status of ${object.status}. Only a refund with the status requires_action may be canceled.`
        throw refuse(message)
      },
    }),
  ],
}
