/** Invoices and the money on them: read, charge, record, refund, void, check again. */
import { isLocalDate, localDateAt, parseMoney, publicId, type Money } from '#kernel'
import { countInvoices, describeInvoice, findInvoice, listInvoices, noBooks, readOutstanding, voidInvoice, type Invoice } from '#billing'
import { authenticatePayment, cancelPayment, findOpenPayment, followPayment, isWorthFollowing, listNewestPayments, listPaymentsOfInvoice, mintPayLink, recordPayment, requestCharge } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { followRefund, listRefundsOfPayments, requestRefund } from '#refunds'
import { billingName, getRenter } from '#renters'
import { getLocation } from '#spaces'
import { StripeFault } from '#stripe'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { invoiceListSchema, invoiceSchema } from './invoice-schemas.ts'
import { latestAttemptOf, readInvoiceView, wire } from './invoice-view.ts'
import { apiRefusal, getFound, getValue } from './problems.ts'

const params = inOperator({ invoiceId: idOf('invoice') })
const query = withMode({})
const requestKey = z.uuid('The form has lost its key. Reload the page.')
const amountText = z.string().trim().min(1, 'Enter an amount.')

const listRoute = createRoute({
  method: 'get',
  path: '/invoices',
  'x-permission': 'invoice.view',
  request: { params: inOperator({}), query: withMode({ text: z.string().optional(), status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']).optional(), overdue: z.enum(['yes']).optional(), renter: idOf('renter').optional(), limit: z.coerce.number().int().min(1).max(100).optional(), after: z.string().optional() }) },
  responses: { 200: jsonAnswer(invoiceListSchema, 'One page of invoices, the latest due first.') },
})
const readRoute = createRoute({ method: 'get', path: '/invoices/{invoiceId}', 'x-permission': 'invoice.view', request: { params, query }, responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with its money and its story.') } })
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
  request: { params, query, body: jsonBody(z.strictObject({ requestKey, amount: amountText, method: z.enum(['cash', 'cheque', 'bank_transfer', 'other']), reference: z.string().trim().max(80, 'Use at most 80 characters.'), receivedOn: z.string().refine(isLocalDate, 'Enter the date as year, month, day.') })) },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with the payment on it.') },
})
const refundRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/refund',
  'x-permission': 'refund.create',
  request: { params, query, body: jsonBody(z.strictObject({ requestKey, paymentId: idOf('payment'), amount: amountText, reason: z.string().trim().min(1, 'Enter a reason.').max(500, 'Use at most 500 characters.') })) },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with the refund on its way.') },
})
const voidRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/void',
  'x-permission': 'invoice.void',
  request: { params, query, body: jsonBody(z.strictObject({ reason: z.string().trim().min(1, 'Enter a reason.').max(500, 'Use at most 500 characters.') })) },
  responses: { 200: jsonAnswer(invoiceSchema, 'The voided invoice.') },
})
const checkRoute = createRoute({ method: 'post', path: '/invoices/{invoiceId}/check-again', 'x-permission': 'invoice.view', request: { params, query }, responses: { 200: jsonAnswer(invoiceSchema, 'The invoice after asking Stripe.') } })
const authenticateRoute = createRoute({ method: 'post', path: '/invoices/{invoiceId}/authenticate', 'x-permission': 'payment.charge_saved', request: { params, query }, responses: { 200: jsonAnswer(z.strictObject({ url: z.string().optional() }), 'Where the renter confirms with their bank; absent when nobody needs to any more.') } })
const cancelRoute = createRoute({ method: 'post', path: '/invoices/{invoiceId}/cancel-payment', 'x-permission': 'payment.charge_saved', request: { params, query }, responses: { 200: jsonAnswer(invoiceSchema, 'The invoice without the waiting payment.') } })
const linkRoute = createRoute({ method: 'post', path: '/invoices/{invoiceId}/pay-link', 'x-permission': 'invoice.send', request: { params, query }, responses: { 200: jsonAnswer(z.strictObject({ url: z.string() }), 'A fresh link for the renter.') } })

export function invoiceRoutes(context: ApiContext) {
  const { database } = context
  const view = (scope: ScopedHandle['scope'], invoiceId: string) =>
    inScope(database, scope, async (rows) => {
      getFound(await findInvoice(rows, invoiceId), 'invoice')
      return readInvoiceView(rows, invoiceId)
    })
  return operatorApp()
    .openapi(listRoute, async (c) => c.json(await inScope(database, c.var.scope, (rows) => readInvoiceList(rows, c.req.valid('query'))), 200))
    .openapi(readRoute, async (c) => c.json(await view(c.var.scope, c.req.valid('param').invoiceId), 200))
    .openapi(chargeRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { requestKey: key, methodId } = c.req.valid('json')
      getValue(await inScope(database, c.var.scope, (rows) => requestCharge(rows, { invoiceId, requestKey: key, savedMethodId: methodId, actor: c.var.person.name })))
      return c.json(await view(c.var.scope, invoiceId), 200)
    })
    .openapi(recordRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { amount, requestKey: key, ...manual } = c.req.valid('json')
      await inScope(database, c.var.scope, async (rows) => {
        const invoice = getFound(await findInvoice(rows, invoiceId), 'invoice')
        const { amountMinor } = moneyTyped(amount, invoice)
        getValue(await recordPayment(rows, { ...manual, invoiceId, amountMinor, requestKey: key, actor: c.var.person.name }))
      })
      return c.json(await view(c.var.scope, invoiceId), 200)
    })
    .openapi(refundRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const { amount, requestKey: key, paymentId, reason } = c.req.valid('json')
      await inScope(database, c.var.scope, async (rows) => {
        const invoice = getFound(await findInvoice(rows, invoiceId), 'invoice')
        const own = await listPaymentsOfInvoice(rows, invoiceId)
        getFound(own.find(({ id }) => id === paymentId), 'payment')
        const { amountMinor } = moneyTyped(amount, invoice)
        getValue(await requestRefund(rows, { paymentId, amountMinor, reason, requestKey: key, actor: c.var.person.name }))
      })
      return c.json(await view(c.var.scope, invoiceId), 200)
    })
    .openapi(voidRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      await inScope(database, c.var.scope, async (rows) => {
        getFound(await findInvoice(rows, invoiceId), 'invoice')
        const inFlight = (await findOpenPayment(rows, invoiceId)) ? 1 : 0
        getValue(await voidInvoice({ rows, invoiceId, reason: c.req.valid('json').reason, actor: c.var.person.name, books: noBooks('not_connected'), inFlight }))
      })
      return c.json(await view(c.var.scope, invoiceId), 200)
    })
    .openapi(checkRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      await checkAgain(context, c.var.scope, invoiceId)
      return c.json(await view(c.var.scope, invoiceId), 200)
    })
    .openapi(authenticateRoute, async (c) => {
      const { url } = getValue(await authenticatePayment(context, c.var.scope, c.req.valid('param').invoiceId))
      return c.json(url === undefined ? {} : { url }, 200)
    })
    .openapi(cancelRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const open = getFound(await inScope(database, c.var.scope, (rows) => findOpenPayment(rows, invoiceId)), 'waiting payment')
      getValue(await cancelPayment(context, c.var.scope, { paymentId: open.id, actor: c.var.person.name }))
      return c.json(await view(c.var.scope, invoiceId), 200)
    })
    .openapi(linkRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const path = await inScope(database, c.var.scope, async (rows) => {
        getFound(await findInvoice(rows, invoiceId), 'invoice')
        return mintPayLink(rows, invoiceId)
      })
      return c.json({ url: `${context.publicUrl}${path}` }, 200)
    })
}

function moneyTyped(amount: string, { currency }: Invoice): Money {
  const typed = parseMoney(amount, currency)
  if (typed) return typed
  throw apiRefusal('input_refused', { cause: `Enter the amount in ${currency}, with no more decimals than the currency has.` })
}

type ListQuery = z.infer<typeof listRoute.request.query>

async function readInvoiceList(rows: ScopedHandle, wish: ListQuery): Promise<z.infer<typeof invoiceListSchema>> {
  const today = localDateAt(rows.clock.now(), (await getLocation(rows)).timeZone)
  const filter = { text: wish.text, renterId: wish.renter, statuses: wish.status && [wish.status], ...(wish.overdue && { overdueOn: today }) }
  const limit = wish.limit ?? 50
  const found = await listInvoices(rows, { ...filter, limit: limit + 1, after: readCursor(wish.after) })
  const page = found.slice(0, limit)
  const newest = await listNewestPayments(rows, page.map(({ id }) => id))
  const count = await countInvoices(rows, filter)
  const owed = await readOutstanding(rows, today)
  const last = found.length > limit ? page.at(-1) : undefined
  const rowsShown = []
  for (const invoice of page) {
    const payment = newest.get(invoice.id)
    const described = describeInvoice(invoice, { today, latestAttempt: latestAttemptOf(payment ? [payment] : []) })
    const money = (amountMinor: bigint) => wire({ amountMinor, currency: invoice.currency })
    rowsShown.push({
      id: publicId('invoice', invoice.id),
      number: invoice.number ?? 'Draft',
      kind: invoice.kind,
      renter: { id: publicId('renter', invoice.renterId), name: billingName(await getRenter(rows, invoice.renterId)) },
      issueOn: invoice.issueOn,
      dueOn: invoice.dueOn,
      total: money(invoice.totalMinor),
      balance: money(invoice.openMinor),
      label: { text: described.label, tone: described.tone, ...(described.detail !== undefined && { detail: described.detail }) },
      facts: [...described.facts],
    })
  }
  return {
    rows: rowsShown,
    ...(last && { next: `${last.dueOn}.${last.id}` }),
    count,
    isCountCapped: count >= 1000,
    figures: { outstanding: owed.map((one) => wire({ amountMinor: one.outstandingMinor, currency: one.currency })), overdue: owed.map((one) => wire({ amountMinor: one.overdueMinor, currency: one.currency })) },
  }
}

function readCursor(text: string | undefined) {
  const [dueOn, id] = text?.split('.') ?? []
  return dueOn && id && isLocalDate(dueOn) && /^[0-9a-f-]{36}$/.test(id) ? { dueOn, id } : undefined
}

/** A person asks: everything on this invoice that can still change is read again at Stripe. */
async function checkAgain(context: ApiContext, scope: ScopedHandle['scope'], invoiceId: string): Promise<void> {
  const { payments, refunds } = await inScope(context.database, scope, async (rows) => {
    getFound(await findInvoice(rows, invoiceId), 'invoice')
    const found = await listPaymentsOfInvoice(rows, invoiceId)
    return { payments: found, refunds: await listRefundsOfPayments(rows, found.map(({ id }) => id)) }
  })
  try {
    for (const payment of payments) if (payment.connectionId && isWorthFollowing(payment)) await followPayment(context, scope, payment.id)
    for (const refund of refunds) if (refund.state !== 'failed' && refund.state !== 'canceled') await followRefund(context, scope, refund.id)
  } catch (error) {
    if (error instanceof StripeFault) throw apiRefusal('busy', { cause: 'Stripe did not answer. Nothing was changed; Rentroll goes on asking by itself.', nextStep: 'Try again in a moment.' })
    throw error
  }
}
