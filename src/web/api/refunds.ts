/**
 * Billing → Refunds, the newest first (UI-94). Before a refund is pressed: what it can be paid from (UI-172). While it waits: what may still be decided about it (STR-109). The balance is
 * asked at Stripe at each request; what it cannot tell is absent.
 */
import { isUuid, localDateAt, publicId } from '#kernel'
import { findInvoice } from '#billing'
import { getConnection, isHeld, isJoined } from '#connections'
import { listPaymentsOfInvoice } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import {
  changeWaiting,
  listRefunds,
  listRefundsOfPayments,
  readFunds,
  refundDecisions,
  refundStates,
  retryAsNew,
} from '#refunds'
import { getLocation } from '#spaces'
import { StripeFault } from '#stripe'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  moneySchema,
  operatorApp,
  withMode,
  type ApiContext,
} from './context.ts'
import { invoiceSchema, wire } from './invoice-schemas.ts'
import { readInvoiceView } from './invoice-view.ts'
import { getFound, getValue } from './problems.ts'
import { readRefundRows, refundRowSchema } from './refund-view.ts'

const fundsSchema = z.strictObject({
  /** Absent where Stripe did not answer, or the key may not read the balance. */
  available: moneySchema.optional(),
  /** What is available in all from each day on, the soonest first. */
  arrivals: z.array(z.strictObject({ on: z.string(), available: moneySchema })),
})

const listAnswer = z.strictObject({ rows: z.array(refundRowSchema), next: z.string().optional() })
const listRoute = createRoute({
  method: 'get',
  path: '/refunds',
  'x-permission': 'invoice.view',
  request: {
    params: inOperator({}),
    query: withMode({
      state: z.enum(refundStates).optional(),
      after: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
    }),
  },
  responses: { 200: jsonAnswer(listAnswer, 'One page of refunds, the newest first.') },
})
const fundsRoute = createRoute({
  method: 'get',
  path: '/invoices/{invoiceId}/payments/{paymentId}/refund-funds',
  'x-permission': 'refund.create',
  request: { params: inOperator({ invoiceId: idOf('invoice'), paymentId: idOf('payment') }), query: withMode({}) },
  responses: { 200: jsonAnswer(fundsSchema, 'What a refund of this payment can be paid from, now and later.') },
})
const decideRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/refunds/{refundId}',
  'x-permission': 'refund.create',
  request: {
    params: inOperator({ invoiceId: idOf('invoice'), refundId: idOf('refund') }),
    query: withMode({}),
    body: jsonBody(z.strictObject({ decision: z.enum(refundDecisions) })),
  },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with the refund as it was decided.') },
})

const retryRoute = createRoute({
  method: 'post',
  path: '/invoices/{invoiceId}/refunds/{refundId}/retry',
  'x-permission': 'refund.create',
  request: {
    params: inOperator({ invoiceId: idOf('invoice'), refundId: idOf('refund') }),
    query: withMode({}),
  },
  responses: {
    200: jsonAnswer(
      z.strictObject({ refundId: z.string() }),
      'A new refund of the same amount for one that failed; asked twice, there is one.',
    ),
  },
})

export function refundRoutes(context: ApiContext) {
  const { database } = context
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const { state, after, limit = 50 } = c.req.valid('query')
      const { scope, person } = c.var
      const answer = await inScope(database, scope, async (rows) => {
        const cursor = after !== undefined && isUuid(after) ? after : undefined
        const found = await listRefunds(rows, { state, after: cursor, limit: limit + 1 })
        const page = found.slice(0, limit)
        const last = found.length > limit ? page.at(-1) : undefined
        return { rows: [...(await readRefundRows(rows, page, person.role))], ...(last && { next: last.id }) }
      })
      return c.json(answer, 200)
    })
    .openapi(retryRoute, async (c) => {
      const { invoiceId, refundId } = c.req.valid('param')
      const { scope, person } = c.var
      const outcome = await inScope(database, scope, async (rows) => {
        await findRefundOf(rows, { invoiceId, refundId })
        return getValue(await retryAsNew(rows, { refundId, actor: person.name }))
      })
      return c.json({ refundId: publicId('refund', outcome.refundId) }, 200)
    })
    .openapi(fundsRoute, async (c) => {
      const { invoiceId, paymentId } = c.req.valid('param')
      const found = await inScope(database, c.var.scope, async (rows) => {
        const payment = await findPaymentOf(rows, { invoiceId, paymentId })
        const connection = payment.connectionId && (await getConnection(rows, payment.connectionId))
        return { payment, connection, timeZone: (await getLocation(rows)).timeZone }
      })
      const { payment, connection, timeZone } = found
      if (!connection || isHeld(connection) || !isJoined(connection)) return c.json({ arrivals: [] }, 200)
      const { currency, amountMinor: wantedMinor } = payment
      const funds = await readFunds(context, { connection, currency, wantedMinor }).catch(unlessFault)
      if (!funds) return c.json({ arrivals: [] }, 200)
      const money = (amountMinor: bigint) => wire({ amountMinor, currency })
      const arrivals = funds.arrivals.map(({ at, availableMinor }) => ({
        on: localDateAt(at, timeZone),
        available: money(availableMinor),
      }))
      return c.json({ available: money(funds.availableMinor), arrivals }, 200)
    })
    .openapi(decideRoute, async (c) => {
      const { invoiceId, refundId } = c.req.valid('param')
      const { decision } = c.req.valid('json')
      const view = await inScope(database, c.var.scope, async (rows) => {
        await findRefundOf(rows, { invoiceId, refundId })
        getValue(await changeWaiting(rows, { refundId, decision, actor: c.var.person.name }))
        return readInvoiceView(rows, invoiceId)
      })
      return c.json(view, 200)
    })
}

/** A person looks at a dialog; that Stripe does not answer must not keep them from refunding. */
function unlessFault(error: unknown): undefined {
  if (!(error instanceof StripeFault)) throw error
}

async function findPaymentOf(rows: ScopedHandle, about: { invoiceId: string; paymentId: string }) {
  getFound(await findInvoice(rows, about.invoiceId), 'invoice')
  const own = await listPaymentsOfInvoice(rows, about.invoiceId)
  return getFound(
    own.find(({ id }) => id === about.paymentId),
    'payment',
  )
}

async function findRefundOf(rows: ScopedHandle, about: { invoiceId: string; refundId: string }) {
  getFound(await findInvoice(rows, about.invoiceId), 'invoice')
  const payments = await listPaymentsOfInvoice(rows, about.invoiceId)
  const own = await listRefundsOfPayments(
    rows,
    payments.map(({ id }) => id),
  )
  return getFound(
    own.find(({ id }) => id === about.refundId),
    'refund',
  )
}
