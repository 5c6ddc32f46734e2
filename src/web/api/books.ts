/** The trial balance, what the invariants say, the figures of the first screen, and the first steps of a new operator. */
import { localDateAt } from '#kernel'
import { listInvoices, readOutstanding } from '#billing'
import { findChargingConnection } from '#connections'
import { listAgreementVersions, listLeases } from '#leases'
import { accounts, listAccountBalances, listBreaches, sumPosted } from '#ledger'
import { inScope, type ScopedHandle } from '#platform'
import { findBillingRules, getLocation, listCategories, listSpaces, presets } from '#spaces'
import { dismissOnboarding, findOnboarding, markStep, stepNumbers, type StepNumber } from '#welcome'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, jsonBody, moneySchema, operatorApp, withMode, type ApiContext } from './context.ts'
import { wire } from './invoice-view.ts'
import { getValue } from './problems.ts'
import { rulesFields } from './settings.ts'

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

const presetCategory = z.strictObject({
  code: z.string(),
  name: z.string(),
  priceBasis: z.enum(['daily_rate', 'period_price']),
  dailyRate: z.string().optional(),
  periodPrices: z.record(z.string(), z.string()).optional(),
  deposit: z.string(),
})
const onboardingAnswer = z.strictObject({
  isBegun: z.boolean(),
  isDismissed: z.boolean(),
  /** The first step without a mark; absent when every step has one. */
  next: z.number().optional(),
  steps: z.array(
    z.strictObject({
      number: z.number(),
      state: z.enum(['open', 'done', 'skipped']),
      canSkip: z.boolean(),
      /** Whether what the step is for exists, whoever made it. */
      isThere: z.boolean(),
    }),
  ),
  /** A first invoice can be written and charged. */
  canCheckOut: z.boolean(),
  hasLease: z.boolean(),
  rules: z.strictObject(rulesFields).optional(),
  presets: z.array(
    z.strictObject({
      id: rulesFields.preset,
      label: z.string(),
      about: z.string(),
      anchorDay: z.number().nullable(),
      categories: z.array(presetCategory),
    }),
  ),
})

const readOnboardingRoute = createRoute({
  method: 'get',
  path: '/onboarding',
  'x-permission': 'settings.billing',
  request,
  responses: { 200: jsonAnswer(onboardingAnswer, 'How far the first steps are, and what the presets propose.') },
})

const markStepRoute = createRoute({
  method: 'post',
  path: '/onboarding/steps/{step}',
  'x-permission': 'settings.billing',
  request: {
    params: inOperator({ step: z.coerce.number().pipe(z.literal([...stepNumbers])) }),
    query: withMode({}),
    body: jsonBody(z.strictObject({ mark: z.enum(['done', 'skipped']) })),
  },
  responses: { 200: jsonAnswer(onboardingAnswer, 'The first steps after the mark.') },
})

const dismissRoute = createRoute({
  method: 'post',
  path: '/onboarding/dismiss',
  'x-permission': 'settings.billing',
  request,
  responses: { 200: jsonAnswer(onboardingAnswer, 'The first steps; their checklist is put away.') },
})

export function onboardingRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(readOnboardingRoute, async (c) => c.json(await inScope(database, c.var.scope, onboardingView), 200))
    .openapi(markStepRoute, async (c) => {
      const { mark } = c.req.valid('json')
      const { step } = c.req.valid('param')
      const view = await inScope(database, c.var.scope, async (rows) => {
        const isThere = (await findWhatIsThere(rows)).has(step)
        getValue(await markStep(rows, { step, mark, isThere }))
        return onboardingView(rows)
      })
      return c.json(view, 200)
    })
    .openapi(dismissRoute, async (c) => {
      const view = await inScope(database, c.var.scope, async (rows) => {
        await dismissOnboarding(rows)
        return onboardingView(rows)
      })
      return c.json(view, 200)
    })
}

/** The steps whose thing exists. Business, place and the last step are there once somebody has looked at them. */
async function findWhatIsThere(rows: ScopedHandle): Promise<ReadonlySet<StepNumber>> {
  const isThere: Record<StepNumber, boolean> = {
    1: true,
    2: true,
    3: (await listCategories(rows)).length > 0,
    4: (await listSpaces(rows)).length > 0,
    5: (await findBillingRules(rows)) !== undefined,
    6: (await listAgreementVersions(rows)).length > 0,
    7: (await findChargingConnection(rows)) !== undefined,
    8: true,
  }
  return new Set(stepNumbers.filter((step) => isThere[step]))
}

async function onboardingView(rows: ScopedHandle): Promise<z.infer<typeof onboardingAnswer>> {
  const there = await findWhatIsThere(rows)
  const found = await findOnboarding(rows)
  const rules = await findBillingRules(rows)
  return {
    isBegun: found.isBegun,
    isDismissed: found.isDismissed,
    ...(found.next !== undefined && { next: found.next }),
    steps: found.steps.map((step) => ({ ...step, isThere: there.has(step.number) })),
    canCheckOut: [4, 6].every((step) => there.has(step as StepNumber)),
    hasLease: (await listLeases(rows, { limit: 1 })).length > 0,
    ...(rules && { rules }),
    presets: presets.map(({ rules: { anchorDay }, categories, ...preset }) => ({
      ...preset,
      anchorDay,
      categories: categories.map(({ taxRateId: _none, ...category }) => category),
    })),
  }
}
