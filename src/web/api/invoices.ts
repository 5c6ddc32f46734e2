/** Invoices as lists and documents; what can be done with their money stands in `invoice-money.ts`. */
import { isLocalDate, isUuid, localDateAt, publicId } from '#kernel'
import { countInvoices, describeInvoice, findInvoice, listInvoices, readOutstanding, type Invoice } from '#billing'
import { listNewestPayments, type Payment } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { billingName, getRenter } from '#renters'
import { getLocation } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, operatorApp, withMode, type ApiContext } from './context.ts'
import { invoiceListSchema, invoiceSchema } from './invoice-schemas.ts'
import { labelView, latestAttemptOf, readInvoiceView, wire } from './invoice-view.ts'
import { getFound } from './problems.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/invoices',
  'x-permission': 'invoice.view',
  request: {
    params: inOperator({}),
    query: withMode({
      text: z.string().optional(),
      status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']).optional(),
      overdue: z.enum(['yes']).optional(),
      renter: idOf('renter').optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
      after: z.string().optional(),
    }),
  },
  responses: { 200: jsonAnswer(invoiceListSchema, 'One page of invoices, the latest due first.') },
})
const readRoute = createRoute({
  method: 'get',
  path: '/invoices/{invoiceId}',
  'x-permission': 'invoice.view',
  request: { params: inOperator({ invoiceId: idOf('invoice') }), query: withMode({}) },
  responses: { 200: jsonAnswer(invoiceSchema, 'The invoice with its money and its story.') },
})
export function invoiceRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const wish = c.req.valid('query')
      return c.json(await inScope(database, c.var.scope, (rows) => readInvoiceList(rows, wish)), 200)
    })
    .openapi(readRoute, async (c) => {
      const { invoiceId } = c.req.valid('param')
      const view = await inScope(database, c.var.scope, async (rows) => {
        getFound(await findInvoice(rows, invoiceId), 'invoice')
        return readInvoiceView(rows, invoiceId)
      })
      return c.json(view, 200)
    })
}

type ListQuery = z.infer<typeof listRoute.request.query>

async function readInvoiceList(rows: ScopedHandle, wish: ListQuery): Promise<z.infer<typeof invoiceListSchema>> {
  const today = localDateAt(rows.clock.now(), (await getLocation(rows)).timeZone)
  const filter = {
    text: wish.text,
    renterId: wish.renter,
    statuses: wish.status && [wish.status],
    ...(wish.overdue && { overdueOn: today }),
  }
  const limit = wish.limit ?? 50
  const found = await listInvoices(rows, { ...filter, limit: limit + 1, after: readCursor(wish.after) })
  const page = found.slice(0, limit)
  const newest = await listNewestPayments(
    rows,
    page.map(({ id }) => id),
  )
  const count = await countInvoices(rows, filter)
  const owed = await readOutstanding(rows, today)
  const last = found.length > limit ? page.at(-1) : undefined
  const shown = await Promise.all(
    page.map((invoice) => rowView(rows, { invoice, today, payment: newest.get(invoice.id) })),
  )
  return {
    rows: shown,
    ...(last && { next: `${last.dueOn}.${last.id}` }),
    count,
    isCountCapped: count >= 1000,
    figures: {
      outstanding: owed.map((one) => wire({ amountMinor: one.outstandingMinor, currency: one.currency })),
      overdue: owed.map((one) => wire({ amountMinor: one.overdueMinor, currency: one.currency })),
    },
  }
}

async function rowView(
  rows: ScopedHandle,
  { invoice, today, payment }: { invoice: Invoice; today: string; payment: Payment | undefined },
): Promise<z.infer<typeof invoiceListSchema>['rows'][number]> {
  const described = describeInvoice(invoice, { today, latestAttempt: latestAttemptOf(payment ? [payment] : []) })
  const money = (amountMinor: bigint) => wire({ amountMinor, currency: invoice.currency })
  return {
    id: publicId('invoice', invoice.id),
    number: invoice.number ?? 'Draft',
    kind: invoice.kind,
    renter: { id: publicId('renter', invoice.renterId), name: billingName(await getRenter(rows, invoice.renterId)) },
    issueOn: invoice.issueOn,
    dueOn: invoice.dueOn,
    total: money(invoice.totalMinor),
    balance: money(invoice.openMinor),
    label: labelView(described),
    facts: [...described.facts],
  }
}

function readCursor(text: string | undefined) {
  const [dueOn, id] = text?.split('.') ?? []
  return dueOn && id && isLocalDate(dueOn) && isUuid(id) ? { dueOn, id } : undefined
}
