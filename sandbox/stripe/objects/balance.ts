/** `GET /v1/balance`: available and pending, per currency. */
import { describeBalance, matureFunds } from '../money/books.ts'
import { payWaitingRefunds } from '../money/refunds.ts'
import { operation, plain } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'

export const balance: ObjectModule = {
  timers: {
    'funds.arrived': (space, currency) => payWaitingRefunds(space, currency),
    'funds.available': (space, availableOn) => {
      for (const currency of matureFunds(space, Number(availableOn))) payWaitingRefunds(space, currency)
    },
  },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/balance',
      permission: 'balance_read',
      parameters: {},
      run: (call) => plain(describeBalance(call.space)),
    }),
  ],
}
