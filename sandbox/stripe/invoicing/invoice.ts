/** Stripe's own invoices: the operations. Drafts are told in drafts.ts, what follows them in collection.ts. */
import { refuse } from '../errors.ts'
import { resolveMethod } from '../parts/new-method.ts'
import { getByPath, idOf } from '../parts/reference.ts'
import { listPage, pageOfParts, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { flag, isWithin, objectId, oneOf, range } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import {
  collectionTimers,
  finalizeInvoice,
  markUncollectible,
  payInvoice,
  payOutOfBand,
  sendInvoice,
  voidInvoice,
} from './collection.ts'
import { deleteDraft } from './drafts.ts'
import { createInvoice, getPayersMethod, updateInvoice } from './invoice-changes.ts'
import { creatingInvoice, unbuiltOfInvoices, updatingInvoice } from './invoice-parameters.ts'
import { findIntent, paymentListeners } from './invoice-payments.ts'

function pay(call: Call<Values<typeof paying>>): Row<'invoice'> {
  const { space, params } = call
  const invoice = getByPath(call, 'invoice')
  const { payment_method: named, paid_out_of_band: isOutOfBand } = params
  if (isOutOfBand === true && named !== undefined) {
    throw refuse('You may only specify one of these parameters: paid_out_of_band, payment_method.', {
      param: 'payment_method',
    })
  }
  if (isOutOfBand === true) return payOutOfBand(space, invoice)
  const customer = idOf(invoice.object.customer) ?? ''
  const method =
    named === undefined
      ? undefined
      : getPayersMethod(space, customer, { id: resolveMethod(space, named).id, param: 'payment_method' })
  return payInvoice(space, invoice, { method, isOffSession: params.off_session ?? true })
}

const paying = { off_session: flag(), paid_out_of_band: flag(), payment_method: objectId() }

/** The payments as `expand[]=payments` shows them. */
function listPayments(space: Space, invoice: string): object {
  const data = [...space.newestFirst('invoice_payment', { by: ['invoice', invoice] })].map((row) => row.object)
  return { object: 'list', data, has_more: false, url: '/v1/invoice_payments' }
}

function revealSecret(space: Space, invoice: string): object | null {
  const secret = findIntent(space, invoice)?.object.client_secret
  return secret === undefined ? null : { client_secret: secret, type: 'payment_intent' }
}

const permission = 'invoice_write'

/** An operation that takes an invoice one step on. */
function step(
  name: string,
  work: (space: Space, invoice: Row<'invoice'>) => Row<'invoice'>,
): ObjectModule['operations'] {
  return [
    operation({
      method: 'POST',
      path: `/v1/invoices/:id/${name}`,
      permission,
      parameters: {},
      run: (call) => shown(work(call.space, getByPath(call, 'invoice'))),
    }),
  ]
}

export const invoices: ObjectModule = {
  prefixes: { in: 'invoice' },
  expansions: {
    invoice: {
      confirmation_secret: revealSecret,
      customer: 'customer',
      default_payment_method: 'payment_method',
      payments: listPayments,
    },
  },
  timers: collectionTimers,
  listeners: paymentListeners,
  operations: [
    operation({
      method: 'POST',
      path: '/v1/invoices',
      permission,
      parameters: creatingInvoice,
      unsupported: [...unbuiltOfInvoices, 'customer_account', 'from_invoice', 'subscription'],
      run: (call) => shown(createInvoice(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/invoices',
      permission: 'invoice_read',
      parameters: {
        ...pagination,
        collection_method: oneOf('charge_automatically', 'send_invoice'),
        created: range(),
        customer: objectId(),
        due_date: range(),
        status: oneOf('draft', 'open', 'paid', 'uncollectible', 'void'),
      },
      unsupported: ['customer_account', 'subscription'],
      run(call) {
        const { collection_method: collection, created, customer, due_date: due, status } = call.params
        return listPage(call, {
          kind: 'invoice',
          url: '/v1/invoices',
          by: customer === undefined ? undefined : ['customer', customer],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (collection === undefined || object.collection_method === collection) &&
            (due === undefined || (object.due_date !== null && isWithin(object.due_date, due))) &&
            (status === undefined || object.status === status),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/invoices/:id',
      permission: 'invoice_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'invoice')),
    }),
    operation({
      method: 'POST',
      path: '/v1/invoices/:id',
      permission,
      parameters: updatingInvoice,
      unsupported: unbuiltOfInvoices,
      run: (call) => shown(updateInvoice(call)),
    }),
    operation({
      method: 'DELETE',
      path: '/v1/invoices/:id',
      permission,
      parameters: {},
      run(call) {
        const draft = getByPath(call, 'invoice')
        deleteDraft(call.space, draft)
        return plain({ id: draft.id, object: 'invoice', deleted: true })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/invoices/:id/lines',
      permission: 'invoice_read',
      parameters: pagination,
      run(call) {
        const { id: invoice, hidden } = getByPath(call, 'invoice')
        return plain(pageOfParts(hidden.lines, call.params, { word: 'line', url: `/v1/invoices/${invoice}/lines` }))
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/invoices/:id/finalize',
      permission,
      parameters: { auto_advance: flag() },
      run: (call) => shown(finalizeInvoice(call.space, getByPath(call, 'invoice'), call.params.auto_advance)),
    }),
    operation({
      method: 'POST',
      path: '/v1/invoices/:id/pay',
      permission,
      parameters: paying,
      unsupported: ['forgive', 'mandate', 'source'],
      run: (call) => shown(pay(call)),
    }),
    ...step('send', sendInvoice),
    ...step('void', voidInvoice),
    ...step('mark_uncollectible', markUncollectible),
  ],
}
