/** Balance transactions: read only; they are written by money/books.ts with the charge or refund that causes them. */
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { objectId, isWithin, range, text } from '../protocol/parameters.ts'
import { currency } from '../money/amounts.ts'
import { getByPath } from '../parts/reference.ts'

const permission = 'balance_transaction_source_read'

export const balanceTransactions: ObjectModule = {
  prefixes: { txn: 'balance_transaction' },
  expansions: { balance_transaction: { source: 'by_prefix' } },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/balance_transactions',
      permission,
      parameters: { ...pagination, created: range(), currency: currency(), source: objectId(), type: text(100) },
      unsupported: ['payout'],
      run(call) {
        const { created, currency: wanted, source, type } = call.params
        return listPage(call, {
          kind: 'balance_transaction',
          url: '/v1/balance_transactions',
          by: source === undefined ? undefined : ['source', source],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (wanted === undefined || object.currency === wanted) &&
            (type === undefined || object.type === type),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/balance_transactions/:id',
      permission,
      parameters: {},
      run: (call) => shown(getByPath(call, 'balance_transaction')),
    }),
  ],
}
