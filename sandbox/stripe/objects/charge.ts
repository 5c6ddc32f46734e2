/** Charges: read, and a few fields that may be changed. They are made by PaymentIntents only. */
import { chargeTimers } from '../money/charge.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, clearable, email, objectId, isWithin, metadata, range, text } from '../protocol/parameters.ts'
import { findFee } from '../payouts/fees.ts'
import type { Space } from '../world/space.ts'
import { emit } from './event.ts'
import { getByParameter, getByPath } from '../parts/reference.ts'

/** The newest ten refunds, as `expand[]=refunds` shows them. */
function listRefunds(space: Space, charge: string): object {
  const all = [...space.newestFirst('refund', { by: ['charge', charge] })].map((row) => row.object)
  return { object: 'list', data: all.slice(0, 10), has_more: all.length > 10, url: `/v1/charges/${charge}/refunds` }
}

export const charges: ObjectModule = {
  prefixes: { ch: 'charge', py: 'charge' },
  timers: chargeTimers,
  expansions: {
    charge: {
      application_fee: (space, id) => findFee(space, space.get('charge', id).object)?.fee.object ?? null,
      balance_transaction: 'balance_transaction',
      customer: 'customer',
      failure_balance_transaction: 'balance_transaction',
      payment_intent: 'payment_intent',
      refunds: listRefunds,
    },
  },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/charges',
      permission: 'charge_read',
      parameters: { ...pagination, created: range(), customer: objectId(), payment_intent: objectId() },
      unsupported: ['transfer_group'],
      run(call) {
        const { created, customer, payment_intent: intent } = call.params
        if (intent !== undefined) getByParameter(call.space, 'payment_intent', { id: intent, param: 'payment_intent' })
        const byCustomer = customer === undefined ? undefined : (['customer', customer] as const)
        return listPage(call, {
          kind: 'charge',
          url: '/v1/charges',
          by: intent === undefined ? byCustomer : ['payment_intent', intent],
          where: ({ object }) =>
            isWithin(object.created, created) && (customer === undefined || object.customer === customer),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/charges/:id',
      permission: 'charge_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'charge')),
    }),
    operation({
      method: 'POST',
      path: '/v1/charges/:id',
      permission: 'charge_write',
      parameters: { description: clearable(text()), metadata: metadata(), receipt_email: clearable(email()) },
      unsupported: ['customer', 'fraud_details', 'shipping', 'transfer_group'],
      run(call) {
        const before = getByPath(call, 'charge')
        const { description, metadata: tags, receipt_email: receiptEmail } = call.params
        const row = call.space.update('charge', before.id, {
          object: {
            metadata: changeMetadata(before.object.metadata, tags),
            ...(description !== undefined && { description }),
            ...(receiptEmail !== undefined && { receipt_email: receiptEmail }),
          },
        })
        emit(call.space, { type: 'charge.updated', object: row.object, before: before.object })
        return shown(row)
      },
    }),
  ],
}
