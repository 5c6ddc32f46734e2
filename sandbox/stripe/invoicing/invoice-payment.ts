/** Invoice payments: which PaymentIntent pays which invoice. Read only; they are made with the invoice. */
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { group, isWithin, objectId, oneOf, range, required } from '../protocol/parameters.ts'

export const invoicePayments: ObjectModule = {
  prefixes: { inpay: 'invoice_payment' },
  expansions: { invoice_payment: { invoice: 'invoice', 'payment.payment_intent': 'payment_intent' } },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/invoice_payments',
      permission: 'invoice_read',
      parameters: {
        ...pagination,
        created: range(),
        invoice: objectId(),
        payment: group({ payment_intent: objectId(), type: required(oneOf('payment_intent')) }, ['payment_record']),
        status: oneOf('canceled', 'open', 'paid'),
      },
      run(call) {
        const { created, invoice, payment, status } = call.params
        if (invoice !== undefined) getByParameter(call.space, 'invoice', { id: invoice, param: 'invoice' })
        return listPage(call, {
          kind: 'invoice_payment',
          url: '/v1/invoice_payments',
          by: invoice === undefined ? undefined : ['invoice', invoice],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (status === undefined || object.status === status) &&
            (payment?.payment_intent === undefined || idOf(object.payment.payment_intent) === payment.payment_intent),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/invoice_payments/:id',
      permission: 'invoice_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'invoice_payment')),
    }),
  ],
}
