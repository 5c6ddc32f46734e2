/** Application fees and their refunds, as the platform sees them: the operations. The money is moved in fees.ts. */
import { missing } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { getByPath, idOf } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, integer, isWithin, metadata, objectId, range } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { listNewest, refundFee } from './fees.ts'

const path = '/v1/application_fees'

/** The charge is the connected account's, not the platform's. */
function findCharge(space: Space, fee: string): object | string {
  const { account, charge } = space.get('application_fee', fee).object
  const id = idOf(charge) ?? ''
  return space.world.space(idOf(account) ?? '', space.mode).find('charge', id)?.object ?? id
}

function getRefund(call: Call<unknown>): Row<'fee_refund'> {
  const fee = getByPath(call, 'application_fee')
  const id = String(call.path['refund'])
  const row = call.space.find('fee_refund', id)
  if (row === undefined || row.object.fee !== fee.id) throw missing('fee refund', id, { param: 'id', status: 404 })
  return row
}

export const applicationFees: ObjectModule = {
  prefixes: { fee: 'application_fee', fr: 'fee_refund' },
  expansions: {
    application_fee: { account: 'account', balance_transaction: 'balance_transaction', charge: findCharge },
    fee_refund: { balance_transaction: 'balance_transaction', fee: 'application_fee' },
  },
  operations: [
    operation({
      method: 'GET',
      path,
      permission: 'application_fee_read',
      parameters: { ...pagination, charge: objectId(), created: range() },
      run(call) {
        const { charge, created } = call.params
        return listPage(call, {
          kind: 'application_fee',
          url: path,
          by: charge === undefined ? undefined : ['charge', charge],
          where: ({ object }) => isWithin(object.created, created),
        })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'application_fee_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'application_fee')),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/refunds`,
      permission: 'application_fee_write',
      parameters: { amount: integer({ min: 1 }), metadata: metadata() },
      run(call) {
        const { amount, metadata: tags } = call.params
        const fee = getByPath(call, 'application_fee')
        return shown(refundFee(call.space, fee, { amount, metadata: changeMetadata({}, tags) }))
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id/refunds`,
      permission: 'application_fee_read',
      parameters: pagination,
      run(call) {
        const { id } = getByPath(call, 'application_fee')
        return listPage(call, { kind: 'fee_refund', url: `${path}/${id}/refunds`, by: ['fee', id] })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id/refunds/:refund`,
      permission: 'application_fee_read',
      parameters: {},
      run: (call) => shown(getRefund(call)),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/refunds/:refund`,
      permission: 'application_fee_write',
      parameters: { metadata: metadata() },
      run(call) {
        const { space, params } = call
        const before = getRefund(call)
        const tags = changeMetadata(before.object.metadata ?? {}, params.metadata)
        const row = space.update('fee_refund', before.id, { object: { metadata: tags } })
        const fee = idOf(before.object.fee) ?? ''
        space.update('application_fee', fee, { object: { refunds: listNewest(space, fee) } })
        emit(space, { type: 'application_fee.refund.updated', object: row.object, before: before.object })
        return shown(row)
      },
    }),
  ],
}
