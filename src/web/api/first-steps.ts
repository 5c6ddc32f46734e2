/**
 * The first steps of a new operator (UI-140): how far it has come, what the presets propose, and the rules of billing it chose. What a step
 * is for is looked up where it lives, so a step is never done because somebody said so.
 */
import { findChargingConnection } from '#connections'
import { listAgreementVersions, listLeases } from '#leases'
import { inScope, type ScopedHandle } from '#platform'
import { findBillingRules, listCategories, listSpaces, presets, saveBillingRules } from '#spaces'
import { dismissOnboarding, findOnboarding, markStep, stepNumbers, type StepNumber } from '#welcome'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { getValue } from './problems.ts'

const request = { params: inOperator({}), query: withMode({}) }
const rulesFields = {
  preset: z.enum(['storage', 'coworking'], 'Choose what you rent out.'),
  /** 31 is the last day of each month; null counts from the first day of the lease. */
  anchorDay: z.number().nullable(),
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
      title: z.string(),
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

const saveRulesRoute = createRoute({
  method: 'put',
  path: '/settings/billing-rules',
  'x-permission': 'settings.billing',
  request: { ...request, body: jsonBody(z.strictObject(rulesFields)) },
  responses: { 200: jsonAnswer(z.strictObject(rulesFields), 'The rules new leases are checked out with.') },
})

/** The first steps of a new operator (UI-140), and the rules of billing one of them asks for. */
export function firstStepRoutes({ database }: ApiContext) {
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
    .openapi(saveRulesRoute, async (c) => {
      const wish = { ...c.req.valid('json'), actor: c.var.person.name }
      const saved = await inScope(database, c.var.scope, async (rows) => getValue(await saveBillingRules(rows, wish)))
      return c.json(saved, 200)
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
