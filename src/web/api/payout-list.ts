/**
 * Bank → Payouts: what was paid out and what failed, as kept here from Stripe's news (UI-99, UI-176). Looking needs no call to Stripe; Check
 * again asks it, and Retry sends the money of a failed payout once more where that is ours to do (STR-107).
 */
import { isLocalDate, isUuid, type Scope, type Uuid } from '#kernel'
import { checkPayout, listPayoutCurrencies, listPayouts, payoutStates, readPayoutGap, requestRetry } from '#payouts'
import { inScope, type ScopedHandle } from '#platform'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, operatorApp, withMode, type ApiContext } from './context.ts'
import { payoutRowSchema, payoutSchema, readPayoutView, rowView } from './payout-view.ts'
import { getFound, getValue } from './problems.ts'

const listAnswer = z.strictObject({
  rows: z.array(payoutRowSchema),
  next: z.string().optional(),
  /** In which there ever was one. */
  currencies: z.array(z.string()),
  /** Why Stripe's payouts cannot be read, when they cannot. */
  problem: z.string().optional(),
})

const listRoute = createRoute({
  method: 'get',
  path: '/payouts',
  'x-permission': 'payout.view',
  request: {
    params: inOperator({}),
    query: withMode({
      state: z.enum(payoutStates).optional(),
      currency: z.string().max(3).optional(),
      after: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
    }),
  },
  responses: { 200: jsonAnswer(listAnswer, 'One page of payouts, the latest arrival first.') },
})
const request = { params: inOperator({ payoutId: idOf('payout') }), query: withMode({}) }
const readRoute = createRoute({
  method: 'get',
  path: '/payouts/{payoutId}',
  'x-permission': 'payout.view',
  request,
  responses: { 200: jsonAnswer(payoutSchema, 'The payout with its story.') },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/payouts/{payoutId}/check',
  'x-permission': 'payout.view',
  request,
  responses: { 200: jsonAnswer(payoutSchema, 'The payout as Stripe has it now. Nothing was changed there.') },
})
const retryRoute = createRoute({
  method: 'post',
  path: '/payouts/{payoutId}/retry',
  'x-permission': 'payout.schedule',
  request,
  responses: { 200: jsonAnswer(payoutSchema, 'Its money is on the way again; pressed twice, it is sent once.') },
})

export function payoutListRoutes(context: ApiContext) {
  const { database } = context
  const read = async (scope: Scope, id: Uuid) =>
    getFound(await inScope(database, scope, (rows) => readPayoutView(context, rows, id)), 'payout')
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const wish = c.req.valid('query')
      return c.json(await inScope(database, c.var.scope, (rows) => readList(rows, wish)), 200)
    })
    .openapi(readRoute, async (c) => c.json(await read(c.var.scope, c.req.valid('param').payoutId), 200))
    .openapi(checkRoute, async (c) => {
      const { payoutId } = c.req.valid('param')
      getFound(getValue(await checkPayout(context, c.var.scope, payoutId)), 'payout')
      return c.json(await read(c.var.scope, payoutId), 200)
    })
    .openapi(retryRoute, async (c) => {
      const { payoutId } = c.req.valid('param')
      const wish = { payoutId, requestedBy: c.var.person.id }
      getFound(getValue(await requestRetry(context, c.var.scope, wish)), 'payout')
      return c.json(await read(c.var.scope, payoutId), 200)
    })
}

type ListWish = z.infer<typeof listRoute.request.query>

async function readList(rows: ScopedHandle, wish: ListWish): Promise<z.infer<typeof listAnswer>> {
  const { state, currency, limit = 50 } = wish
  const found = await listPayouts(rows, { state, currency, limit: limit + 1, after: readCursor(wish.after) })
  const page = found.slice(0, limit)
  const last = found.length > limit ? page.at(-1) : undefined
  const problem = await readPayoutGap(rows)
  return {
    rows: page.map(rowView),
    ...(last && { next: `${last.arrivalOn}.${last.id}` }),
    currencies: [...(await listPayoutCurrencies(rows))],
    ...(problem && { problem }),
  }
}

function readCursor(text: string | undefined) {
  const [arrivalOn, id] = text?.split('.') ?? []
  return arrivalOn && id && isLocalDate(arrivalOn) && isUuid(id) ? { arrivalOn, id } : undefined
}
