/** Balance transactions: read only; they are written by money/books.ts with the charge or refund that causes them. */
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { objectId, isWithin, range, text } from '../protocol/parameters.ts'
import { currency } from '../money/amounts.ts'
import { getByParameter, getByPath } from '../parts/reference.ts'
import { refuse } from '../errors.ts'
import type { Space } from '../world/space.ts'

const permission = 'balance_transaction_source_read'

/** Only automatic payouts are made of transactions, and Stripe needs a while to say of which. Throws StripeRefusal. */
function checkReconciled(space: Space, payout: string): void {
  const { object } = getByParameter(space, 'payout', { id: payout, param: 'payout' })
  if (!object.automatic) {
    const message = 'Balance transaction history can only be filtered on automatic payouts, not manual.'
    throw refuse(message, { param: 'payout' })
  }
  if (object.reconciliation_status !== 'completed') {
    const message = `The balance transactions of payout ${payout} are not ready yet: its reconciliation is in progress.`
    throw refuse(message, { code: 'payout_reconciliation_not_ready', param: 'payout' })
  }
}

export const balanceTransactions: ObjectModule = {
  prefixes: { txn: 'balance_transaction' },
  expansions: { balance_transaction: { source: 'by_prefix' } },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/balance_transactions',
      permission,
      parameters: {
        ...pagination,
        created: range(),
        currency: currency(),
        payout: objectId(),
        source: objectId(),
        type: text(100),
      },
      run(call) {
        const { created, currency: wanted, payout, source, type } = call.params
        if (payout !== undefined) checkReconciled(call.space, payout)
        const bySource = source === undefined ? undefined : (['source', source] as const)
        return listPage(call, {
          kind: 'balance_transaction',
          url: '/v1/balance_transactions',
          by: payout === undefined ? bySource : ['hidden.batch', payout],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (source === undefined || object.source === source) &&
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
