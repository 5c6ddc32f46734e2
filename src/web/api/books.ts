/** The trial balance, what the invariants say, and the figures of the first screen. */
import { localDateAt } from '#kernel'
import { listInvoices, readOutstanding } from '#billing'
import { findChargingConnection } from '#connections'
import { listAgreementVersions, listLeases } from '#leases'
import { accounts, listAccountBalances, listBreaches, sumPosted } from '#ledger'
import { inScope, type ScopedHandle } from '#platform'
import { listSpaces, getLocation } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, moneySchema, operatorApp, withMode, type ApiContext } from './context.ts'
import { wire } from './invoice-view.ts'

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
