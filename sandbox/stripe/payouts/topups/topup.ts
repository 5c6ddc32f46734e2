/** Top-ups: the operations. */
import { refuse } from '../../errors.ts'
import { currency } from '../../money/amounts.ts'
import { emit } from '../../objects/event.ts'
import { getByPath } from '../../parts/reference.ts'
import { listPage, pagination } from '../../protocol/lists.ts'
import { operation, shown } from '../../protocol/operation.ts'
import type { ObjectModule } from '../../protocol/operation.ts'
import {
  changeMetadata,
  clearable,
  integer,
  isWithin,
  metadata,
  oneOf,
  range,
  required,
  text,
} from '../../protocol/parameters.ts'
import { createTopup, topupTimers } from './topups.ts'

const path = '/v1/topups'

export const topups: ObjectModule = {
  prefixes: { tu: 'topup' },
  expansions: { topup: { balance_transaction: 'balance_transaction' } },
  timers: topupTimers,
  operations: [
    operation({
      method: 'POST',
      path,
      permission: 'topup_write',
      parameters: {
        amount: required(integer({ min: 1, max: 99_999_999_999 })),
        currency: required(currency()),
        description: text(),
        metadata: metadata(),
        statement_descriptor: text(15),
        transfer_group: text(),
      },
      unsupported: ['payment_method', 'payment_method_options', 'source'],
      run({ space, params }) {
        return shown(
          createTopup(space, {
            amount: params.amount,
            currency: params.currency,
            description: params.description,
            metadata: changeMetadata({}, params.metadata),
            statementDescriptor: params.statement_descriptor,
            transferGroup: params.transfer_group,
          }),
        )
      },
    }),
    operation({
      method: 'GET',
      path,
      permission: 'topup_read',
      parameters: {
        ...pagination,
        amount: range(),
        created: range(),
        status: oneOf('canceled', 'failed', 'pending', 'succeeded'),
      },
      run(call) {
        const { amount, created, status } = call.params
        return listPage(call, {
          kind: 'topup',
          url: path,
          where: ({ object }) =>
            isWithin(object.amount, amount) &&
            isWithin(object.created, created) &&
            (status === undefined || object.status === status),
        })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'topup_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'topup')),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id`,
      permission: 'topup_write',
      parameters: { description: clearable(text()), metadata: metadata() },
      run(call) {
        const { object, id } = getByPath(call, 'topup')
        const { description, metadata: tags } = call.params
        return shown(
          call.space.update('topup', id, {
            object: {
              metadata: changeMetadata(object.metadata, tags),
              ...(description !== undefined && { description }),
            },
          }),
        )
      },
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/cancel`,
      permission: 'topup_write',
      parameters: {},
      run(call) {
        const { id, object } = getByPath(call, 'topup')
        if (object.status !== 'pending')
          throw refuse(`Only pending top-ups can be canceled; ${id} has a status of ${object.status}.`)
        const row = call.space.update('topup', id, { object: { status: 'canceled' } })
        emit(call.space, { type: 'topup.canceled', object: row.object })
        return shown(row)
      },
    }),
  ],
}
