/** Settings → Payments → Payouts: when Stripe pays out and to which banks (UI-147, UI-148). Read from Stripe at each request. */
import type { AccountId, Mode, PayoutId } from '#kernel'
import { readPayouts, savePayoutSchedule, type PayoutsView } from '#payouts'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, jsonBody, moneySchema, operatorApp, withMode, type ApiContext } from './context.ts'
import { wire } from './invoice-schemas.ts'
import { getValue } from './problems.ts'

const scheduleSchema = z.strictObject({
  interval: z.string().max(20),
  weeklyDays: z.array(z.string().max(20)).max(10),
  monthlyDays: z.array(z.number()).max(40),
})
const answer = z.strictObject({
  accountId: z.string().optional(),
  accountName: z.string(),
  kind: z.enum(['own_keys', 'connect']),
  askedAt: z.string(),
  status: z.string(),
  schedule: scheduleSchema,
  words: z.string(),
  isKnownSchedule: z.boolean(),
  nextOn: z.string().optional(),
  delayDays: z.number().int(),
  isHoldChosen: z.boolean(),
  measuredHold: z.strictObject({ days: z.number().int(), count: z.number().int() }).optional(),
  debitsNegativeBalances: z.boolean(),
  statementDescriptor: z.string().optional(),
  minimumBalances: z.array(moneySchema),
  suggestion: z.strictObject({ schedule: scheduleSchema, words: z.string(), reason: z.string() }).optional(),
  banks: z
    .array(
      z.strictObject({
        id: z.string(),
        bankName: z.string(),
        country: z.string(),
        currency: z.string(),
        last4: z.string(),
        isDefault: z.boolean(),
        status: z.string(),
      }),
    )
    .optional(),
  withoutBank: z.array(z.string()),
  stripeUrl: z.string(),
})
export type PayoutsAnswer = z.infer<typeof answer>

const readRoute = createRoute({
  method: 'get',
  path: '/payouts/settings',
  'x-permission': 'payout.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(answer, 'What Stripe reports now.') },
})
const saveRoute = createRoute({
  method: 'put',
  path: '/payouts/schedule',
  'x-permission': 'payout.schedule',
  request: {
    params: inOperator({}),
    query: withMode({}),
    body: jsonBody(
      scheduleSchema.extend({
        /** Absent leaves the hold as it is; null is Stripe's own minimum. */
        holdDays: z.number().nullable().optional(),
        isManualConfirmed: z.boolean().optional(),
      }),
    ),
  },
  responses: { 200: jsonAnswer(answer, 'What Stripe reports after the change.') },
})

export function payoutRoutes(context: ApiContext) {
  return operatorApp()
    .openapi(readRoute, async (c) => c.json(viewOf(context, getValue(await readPayouts(context, c.var.scope))), 200))
    .openapi(saveRoute, async (c) => {
      const { isManualConfirmed = false, ...choice } = c.req.valid('json')
      const wish = { ...choice, isManualConfirmed }
      const saved = await savePayoutSchedule(context, c.var.scope, { wish, requestedBy: c.var.person.id })
      return c.json(viewOf(context, getValue(saved)), 200)
    })
}

type AtStripe = { readonly mode: Mode; readonly accountId: AccountId | null }

/** Where the account's owner sees and changes schedule and banks; with the sandbox its own page. */
export function bankPageOf({ sandboxOrigin }: ApiContext, { mode, accountId }: AtStripe): string {
  if (sandboxOrigin !== undefined && accountId !== null) return `${sandboxOrigin}/dashboard/${accountId}`
  return `https://dashboard.stripe.com/${mode === 'test' ? 'test/' : ''}settings/payouts`
}

/** The payout itself in Stripe; the sandbox has one page for all of them. */
export function payoutPageOf(context: ApiContext, place: AtStripe, stripePayoutId: PayoutId): string {
  if (context.sandboxOrigin !== undefined && place.accountId !== null) return bankPageOf(context, place)
  return `https://dashboard.stripe.com/${place.mode === 'test' ? 'test/' : ''}payouts/${stripePayoutId}`
}

function viewOf(context: ApiContext, view: PayoutsView): PayoutsAnswer {
  const { connection, settings, suggestion } = view
  const { accountId, kind, accountName } = connection
  return {
    ...(accountId !== null && { accountId }),
    accountName,
    kind,
    askedAt: view.askedAt.toISOString(),
    status: settings.status,
    schedule: listed(settings.schedule),
    words: view.words,
    isKnownSchedule: view.schedule !== undefined,
    ...(view.nextOn !== undefined && { nextOn: view.nextOn }),
    delayDays: settings.delayDays,
    isHoldChosen: settings.isDelayChosen,
    ...(view.hold && { measuredHold: view.hold }),
    debitsNegativeBalances: settings.debitsNegativeBalances,
    ...(settings.statementDescriptor !== undefined && { statementDescriptor: settings.statementDescriptor }),
    minimumBalances: settings.minimumBalances.map(wire),
    ...(suggestion && {
      suggestion: { schedule: listed(suggestion), words: suggestion.words, reason: suggestion.reason },
    }),
    ...(view.banks && { banks: [...view.banks] }),
    withoutBank: [...view.withoutBank],
    stripeUrl: bankPageOf(context, connection),
  }
}

function listed({ interval, weeklyDays, monthlyDays }: PayoutsView['settings']['schedule']) {
  return { interval, weeklyDays: [...weeklyDays], monthlyDays: [...monthlyDays] }
}
