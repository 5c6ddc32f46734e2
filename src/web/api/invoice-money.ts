/** What can be done with the money of an invoice: charge, record, refund, void, ask Stripe again, the renter's confirmation. */
import { noteAudit } from '#audit'
import { isLocalDate, parseMoney, publicId, type Money, type Scope } from '#kernel'
import { findInvoice, lockInvoice, noBooks, voidInvoice, type Invoice } from '#billing'
import { mintPayLink } from '#notifications'
import {
  authenticatePayment,
  cancelPayment,
  findOpenPayment,
  followPayment,
  isWorthFollowing,
  listPaymentsOfInvoice,
  planFollowing,
  recordPayment,
  requestCharge,
} from '#payments'
import { inScope, type Database, type ScopedHandle } from '#platform'
import { followRefund, listRefundsOfPayments, requestRefund } from '#refunds'
import { findMethod } from '#renters'
import { StripeFault } from '#stripe'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { invoiceSchema } from './invoice-schemas.ts'
import { listClosedConnections, readInvoiceView } from './invoice-view.ts'
import { apiRefusal, getFound, getValue } from './problems.ts'

const params = inOperator({ invoiceId: idOf('invoice') })
const query = withMode({})
const requestKey = z.uuid('The form has lost its key. Reload the page.')
const amountText = z.string().trim().min(1, 'Enter an amount.')

const chargeRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/take-payment',
  'x-permission': 'payment.charge_saved',
  request: { params, query, body: jsonBody(z.strictObject({ requestKey, methodId: idOf('method').optional() })) },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with the payment on its way.') },
})
const recordRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/record-payment',
  'x-permission': 'payment.record',
  request: {
    params,
    query,
    body: jsonBody(
      z.strictObject({
        requestKey,
        amount: amountText,
        method: z.enum(['cash', 'cheque', 'bank_transfer', 'other']),
        reference: z.string().trim().max(80, 'Use at most 80 characters.'),
        receivedOn: z.string().refine(isLocalDate, 'Enter the date as year, month, day.'),
      }),
    ),
  },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with the payment on it.') },
})
const refundRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/refund',
  'x-permission': 'refund.create',
  request: {
    params,
    query,
    body: jsonBody(
      z.strictObject({
        requestKey,
        paymentId: idOf('payment'),
        amount: amountText,
        reason: z.string().trim().min(1, 'Enter a reason.').max(500, 'Use at most 500 characters.'),
        /** While the balance does not suffice: `wait` here, which is the default, or let Stripe have it all the same. */
        whenShort: z.enum(['wait', 'send']).optional(),
      }),
    ),
  },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with the refund on its way.') },
})
const voidRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/void',
  'x-permission': 'invoice.void',
  request: {
    params,
    query,
    body: jsonBody(
      z.strictObject({ reason: z.string().trim().min(1, 'Enter a reason.').max(500, 'Use at most 500 characters.') }),
    ),
  },
  responses: { 200: jsonAnswer(invoiceSchema, 'The voided invoice.') },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/check-again',
  'x-permission': 'invoice.view',
  request: { params, query },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice after asking Stripe.') },
})
const authenticateRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/authenticate',
  'x-permission': 'payment.charge_saved',
  request: { params, query },
  responses: {
    200: jsonAnswer(
      z.strictObject({ url: z.string().optional() }),
      'Where the renter confirms with their bank; absent when nobody needs to any more.',
    ),
  },
})
const cancelRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/cancel-payment',
  'x-permission': 'payment.charge_saved',
  request: { params, query },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice without the waiting payment.') },
})
const linkRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/pay-link',
  'x-permission': 'invoice.send',
  request: { params, query },
  responses: { 200: jsonAnswer(z.strictObject({ url: z.string() }), 'A fresh link for the renter.') },
})

export function invoiceMoneyRoutes(context: ApiContext) {
  const { database } = context
  return operatorApp()
    .openapi(chargeRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { requestKey: key, methodId } = c.req.valid('json')
      await inScope(database, c.var.scope, async (rows) => {
        getFound(await findInvoice(rows, invoiceId), 'invoice')
        if (methodId !== undefined) getFound(await findMethod(rows, methodId), 'saved card')
        const wish = { invoiceId, requestKey: key, savedMethodId: methodId, actor: c.var.person.name }
        getValue(await requestCharge(rows, wish))
      })
      return c.json(await readView(database, c.var.scope, invoiceId), 200)
    })
    .openapi(recordRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { amount, requestKey: key, ...manual } = c.req.valid('json')
      await inScope(database, c.var.scope, async (rows) => {
        const invoice = getFound(await findInvoice(rows, invoiceId), 'invoice')
        const { amountMinor } = moneyTyped(amount, invoice)
        getValue(
          await recordPayment(rows, { ...manual, invoiceId, amountMinor, requestKey: key, actor: c.var.person.name }),
        )
      })
      return c.json(await readView(database, c.var.scope, invoiceId), 200)
    })
    .openapi(refundRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { amount, requestKey: key, paymentId, reason, whenShort = 'wait' } = c.req.valid('json')
      await inScope(database, c.var.scope, async (rows) => {
        const invoice = getFound(await findInvoice(rows, invoiceId), 'invoice')
        const own = await listPaymentsOfInvoice(rows, invoiceId)
        getFound(
          own.find(({ id }) => id === paymentId),
          'payment',
        )
        const { amountMinor } = moneyTyped(amount, invoice)
        const wish = { paymentId, amountMinor, reason, requestKey: key, actor: c.var.person.name, whenShort }
        getValue(await requestRefund(rows, wish))
      })
      return c.json(await readView(database, c.var.scope, invoiceId), 200)
    })
    .openapi(voidRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { reason } = c.req.valid('json')
      await inScope(database, c.var.scope, (rows) =>
        voidUnderLock(rows, { invoiceId, reason, actor: c.var.person.name }),
      )
      return c.json(await readView(database, c.var.scope, invoiceId), 200)
    })
}

/** Under the lock no charge can begin between the count and the void. */
async function voidUnderLock(rows: ScopedHandle, wish: { invoiceId: string; reason: string; actor: string }) {
  getFound(await findInvoice(rows, wish.invoiceId), 'invoice')
  await lockInvoice(rows, wish.invoiceId)
  const inFlight = (await findOpenPayment(rows, wish.invoiceId)) ? 1 : 0
  getValue(await voidInvoice({ rows, ...wish, books: noBooks('not_connected'), inFlight }))
}

/** What concerns a payment that is on its way: asking Stripe, the renter's confirmation, giving it up, the renter's own page. */
export function waitingPaymentRoutes(context: ApiContext) {
  const { database } = context
  return operatorApp()
    .openapi(checkRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      await checkAgain(context, c.var.scope, invoiceId)
      return c.json(await readView(database, c.var.scope, invoiceId), 200)
    })
    .openapi(authenticateRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      await inScope(database, c.var.scope, async (rows) => getFound(await findInvoice(rows, invoiceId), 'invoice'))
      const { url } = getValue(await authenticatePayment(context, c.var.scope, invoiceId))
      return c.json(url === undefined ? {} : { url }, 200)
    })
    .openapi(cancelRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const open = await inScope(database, c.var.scope, async (rows) => {
        getFound(await findInvoice(rows, invoiceId), 'invoice')
        return findOpenPayment(rows, invoiceId)
      })
      if (!open)
        throw apiRefusal('not_found', {
          cause: 'No payment of this invoice waits for the renter.',
          nextStep: 'Open the invoice to see where it stands.',
        })
      getValue(await cancelPayment(context, c.var.scope, { paymentId: open.id, actor: c.var.person.name }))
      return c.json(await readView(database, c.var.scope, invoiceId), 200)
    })
    .openapi(linkRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const path = await inScope(database, c.var.scope, async (rows) => {
        getFound(await findInvoice(rows, invoiceId), 'invoice')
        noteAudit(rows, {
          action: 'invoice.pay_link_made',
          object: { kind: 'invoice', id: publicId('invoice', invoiceId) },
        })
        return mintPayLink(rows, invoiceId)
      })
      return c.json({ url: `${context.publicUrl}${path}` }, 200)
    })
}

function readView(database: Database, scope: Scope, invoiceId: string) {
  return inScope(database, scope, async (rows) => {
    getFound(await findInvoice(rows, invoiceId), 'invoice')
    return readInvoiceView(rows, invoiceId)
  })
}

function moneyTyped(amount: string, { currency }: Invoice): Money {
  const typed = parseMoney(amount, currency)
  if (typed) return typed
  const cause = `Enter the amount in ${currency}, with no more decimals than the currency has.`
  throw apiRefusal('input_refused', { cause, field: '/amount' })
}

/** A person asks: everything on this invoice that can still change is read again at Stripe, by a job where it does not answer now. */
async function checkAgain(context: ApiContext, scope: Scope, invoiceId: string): Promise<void> {
  const { payments, refunds } = await inScope(context.database, scope, async (rows) => {
    getFound(await findInvoice(rows, invoiceId), 'invoice')
    const found = await listPaymentsOfInvoice(rows, invoiceId)
    const closed = await listClosedConnections(rows, found)
    const open = found.filter(({ connectionId }) => connectionId && !closed.has(connectionId))
    if (open.length === 0 && closed.size > 0) throw apiRefusal('account_disconnected')
    const ids = open.map(({ id }) => id)
    return { payments: open, refunds: await listRefundsOfPayments(rows, ids) }
  })
  try {
    for (const payment of payments) if (isWorthFollowing(payment)) await followPayment(context, scope, payment.id)
    for (const refund of refunds)
      if (refund.state !== 'failed' && refund.state !== 'canceled') await followRefund(context, scope, refund.id)
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    await inScope(context.database, scope, async (rows) => {
      for (const payment of payments) if (isWorthFollowing(payment)) await planFollowing(rows, payment.id)
    })
    throw apiRefusal('busy', {
      cause: 'Stripe did not answer. Nothing was changed; Rentroll goes on asking by itself.',
      nextStep: 'Try again in a moment.',
    })
  }
}
