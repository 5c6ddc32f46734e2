/** Early fraud warnings: the operations. They are made by the cards' network only. */
import { getByPath } from '../parts/reference.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { byPayment, listByPayment } from './disputes.ts'

const url = '/v1/radar/early_fraud_warnings'
const permission = 'early_fraud_warning_read'

export const earlyFraudWarnings: ObjectModule = {
  prefixes: { issfr: 'radar.early_fraud_warning' },
  expansions: { 'radar.early_fraud_warning': { charge: 'charge', payment_intent: 'payment_intent' } },
  operations: [
    operation({
      method: 'GET',
      path: url,
      permission,
      parameters: byPayment,
      run: (call) => listByPayment(call, { kind: 'radar.early_fraud_warning', url }),
    }),
    operation({
      method: 'GET',
      path: `${url}/:id`,
      permission,
      parameters: {},
      run: (call) => shown(getByPath(call, 'radar.early_fraud_warning')),
    }),
  ],
}
