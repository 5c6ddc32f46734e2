/**
 * Invoices as lists and documents; what can be done with their money stands in `invoice-money.ts`. And what they come to: the trial balance,
 * what the invariants say, and the figures of the first screen.
 */
import { isLocalDate, isUuid, localDateAt, publicId } from '#kernel'
import { countInvoices, describeInvoice, findInvoice, listInvoices, readOutstanding, type Invoice } from '#billing'
import { findChargingConnection } from '#connections'
import { listAgreementVersions, listLeases } from '#leases'
import { accounts, listAccountBalances, listBreaches, sumPosted } from '#ledger'
import { listNewestPayments, type Payment } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { billingName, getRenter } from '#renters'
import { listSpaces, getLocation } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, moneySchema, operatorApp, withMode, type ApiContext } from './context.ts'
import { invoiceListSchema, invoiceSchema, latestAttemptOf, wire } from './invoice-schemas.ts'
import { labelView, readInvoiceView } from './invoice-view.ts'
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

const booksAnswer = z.strictObject({
  accounts: z.array(
    z.strictObject({
      code: z.string(),
      account: z.string(),
      currency: z.string(),
      debit: moneySchema.optional(),
      credit: moneySchema.optional(),
    }),
  ),
  totals: z.array(z.strictObject({ currency: z.string(), debit: moneySchema, credit: moneySchema })),
  isBalanced: z.boolean(),
  breaches: z.array(
    z.strictObject({
      invariant: z.string(),
      subject: z.string(),
      expected: z.string(),
      actual: z.string(),
      detail: z.string(),
    }),
  ),
})
const dashboardAnswer = z.strictObject({
  figures: z.strictObject({
    outstanding: z.array(moneySchema),
    overdue: z.array(moneySchema),
    collectedThisMonth: z.array(moneySchema),
  }),
  overdueInvoices: z.number(),
  steps: z.array(
    z.strictObject({ id: z.enum(['stripe', 'webhook', 'agreement', 'space', 'check_out']), isDone: z.boolean() }),
  ),
})
const request = { params: inOperator({}), query: withMode({}) }
const booksRoute = createRoute({
  method: 'get',
  path: '/books',
  'x-permission': 'report.view',
  request,
  responses: { 200: jsonAnswer(booksAnswer, 'Every account with its balance, and every broken invariant.') },
})
const dashboardRoute = createRoute({
  method: 'get',
  path: '/dashboard',
  'x-permission': 'dashboard.view',
  request,
  responses: { 200: jsonAnswer(dashboardAnswer, 'What is owed and collected, and the first steps.') },
})

export function bookRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(booksRoute, async (c) => c.json(await inScope(database, c.var.scope, readBooks), 200))
    .openapi(dashboardRoute, async (c) => c.json(await inScope(database, c.var.scope, readDashboard), 200))
}

async function readBooks(rows: ScopedHandle): Promise<z.infer<typeof booksAnswer>> {
  const balances = (await listAccountBalances(rows)).filter(({ balanceMinor }) => balanceMinor !== 0n)
  const breaches = await listBreaches(rows)
  const currencies = [...new Set(balances.map(({ currency }) => currency))]
  const sum = (currency: string, sign: 1n | -1n) =>
    balances
      .filter((one) => one.currency === currency && one.balanceMinor * sign > 0n)
      .reduce((total, one) => total + one.balanceMinor * sign, 0n)
  const totals = currencies.map((currency) => ({
    currency,
    debitMinor: sum(currency, 1n),
    creditMinor: sum(currency, -1n),
  }))
  return {
    accounts: balances.map(({ account, currency, balanceMinor }) => ({
      code: accounts[account].code,
      account,
      currency,
      ...(balanceMinor > 0n
        ? { debit: wire({ amountMinor: balanceMinor, currency }) }
        : { credit: wire({ amountMinor: -balanceMinor, currency }) }),
    })),
    totals: totals.map(({ currency, debitMinor, creditMinor }) => ({
      currency,
      debit: wire({ amountMinor: debitMinor, currency }),
      credit: wire({ amountMinor: creditMinor, currency }),
    })),
    isBalanced: breaches.length === 0 && totals.every(({ debitMinor, creditMinor }) => debitMinor === creditMinor),
    breaches: [...breaches],
  }
}

async function readDashboard(rows: ScopedHandle): Promise<z.infer<typeof dashboardAnswer>> {
  const today = localDateAt(rows.clock.now(), (await getLocation(rows)).timeZone)
  const owed = await readOutstanding(rows, today)
  const connection = await findChargingConnection(rows)
  const collected = await sumPosted(rows, {
    rules: ['P6', 'P10'],
    accounts: ['charges_unsettled', 'manual_receipts'],
    since: `${today.slice(0, 7)}-01`,
  })
  const overdue = await listInvoices(rows, { overdueOn: today, limit: 100 })
  return {
    figures: {
      outstanding: owed.map((one) => wire({ amountMinor: one.outstandingMinor, currency: one.currency })),
      overdue: owed.map((one) => wire({ amountMinor: one.overdueMinor, currency: one.currency })),
      collectedThisMonth: collected.map(wire),
    },
    overdueInvoices: overdue.length,
    steps: [
      { id: 'stripe' as const, isDone: connection !== undefined },
      { id: 'webhook' as const, isDone: connection?.webhookFirstVerifiedAt !== undefined },
      { id: 'agreement' as const, isDone: (await listAgreementVersions(rows)).length > 0 },
      { id: 'space' as const, isDone: (await listSpaces(rows)).length > 0 },
      { id: 'check_out' as const, isDone: (await listLeases(rows, { limit: 1 })).length > 0 },
    ],
  }
}
