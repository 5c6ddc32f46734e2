/** The table of everything the API can do: one line per Stripe object, each in a file of its own. */
import { connectModules } from './connect/index.ts'
import { debitModules } from './debits/index.ts'
import { disputeModules } from './disputes/index.ts'
import { invoicingModules } from './invoicing/index.ts'
import { balanceTransactions } from './objects/balance-transaction.ts'
import { balance } from './objects/balance.ts'
import { charges } from './objects/charge.ts'
import { checkoutSessions } from './objects/checkout-session.ts'
import { customers } from './objects/customer.ts'
import { events } from './objects/event.ts'
import { paymentIntents } from './objects/payment-intent.ts'
import { paymentMethods } from './objects/payment-method.ts'
import { refunds } from './objects/refund.ts'
import { setupIntents } from './objects/setup-intent.ts'
import { webhookEndpoints } from './objects/webhook-endpoint.ts'
import { payoutModules } from './payouts/index.ts'
import { v2Modules } from './v2/index.ts'
import type { ObjectModule } from './protocol/operation.ts'
import { searches } from './search/index.ts'

export const modules: readonly ObjectModule[] = [
  balance,
  balanceTransactions,
  charges,
  checkoutSessions,
  customers,
  events,
  paymentIntents,
  paymentMethods,
  refunds,
  searches,
  setupIntents,
  webhookEndpoints,
  ...connectModules,
  ...debitModules,
  ...disputeModules,
  ...invoicingModules,
  ...payoutModules,
  ...v2Modules,
]
