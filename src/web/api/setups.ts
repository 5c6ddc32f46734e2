/** Saving a card on the hosted page, and choosing the default among saved ones. */
import { publicId } from '#kernel'
import { inScope } from '#platform'
import { findMethod, findSetup, followSetup, makeDefault, startSetup } from '#renters'
import { StripeFault } from '#stripe'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { getFound, getValue } from './problems.ts'

const setupAnswer = z.strictObject({
  id: z.string(),
  state: z.string(),
  failure: z.string().optional(),
  renterId: z.string(),
})

const startRoute = createRoute({
  method: 'post',
  path: '/renters/{renterId}/setup',
  'x-permission': 'payment_method.manage',
  request: {
    params: inOperator({ renterId: idOf('renter') }),
    query: withMode({}),
    body: jsonBody(
      z.strictObject({
        requestKey: z.uuid('The form has lost its key. Reload the page.'),
        // A path on our own origin: an address elsewhere would make the hosted page an open redirect (TRU-24).
        returnTo: z
          .string()
          .max(500, 'Use at most 500 characters.')
          .regex(/^\/(?!\/)[A-Za-z0-9/_?=&.-]*$/, 'Name a page of this console.'),
      }),
    ),
  },
  responses: { 200: jsonAnswer(z.strictObject({ url: z.string() }), 'The address of the hosted page.') },
})
const readRoute = createRoute({
  method: 'get',
  path: '/setups/{setupId}',
  'x-permission': 'renter.view',
  request: { params: inOperator({ setupId: idOf('setup') }), query: withMode({}) },
  responses: { 200: jsonAnswer(setupAnswer, 'Where the saving of a card stands.') },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/setups/{setupId}/check',
  'x-permission': 'renter.view',
  request: { params: inOperator({ setupId: idOf('setup') }), query: withMode({}) },
  responses: {
    200: jsonAnswer(setupAnswer, 'The same after asking Stripe; what a page does on return from the hosted page.'),
  },
})
const defaultRoute = createRoute({
  method: 'post',
  path: '/methods/{methodId}/default',
  'x-permission': 'payment_method.manage',
  request: { params: inOperator({ methodId: idOf('method') }), query: withMode({}) },
  responses: { 204: { description: 'This method is charged from now on.' } },
})

export function setupRoutes(context: ApiContext) {
  const { database } = context
  const read = (scope: { operatorId: string; mode: 'test' | 'live' }, setupId: string) =>
    inScope(database, scope, async (rows) => {
      const setup = getFound(await findSetup(rows, setupId), 'setup')
      return {
        id: publicId('setup', setup.id),
        state: setup.state,
        renterId: publicId('renter', setup.renterId),
        ...(setup.failure && { failure: setup.failure }),
      }
    })
  return operatorApp()
    .openapi(startRoute, async (c) => {
      const { requestKey, returnTo } = c.req.valid('json')
      const wish = { renterId: c.req.valid('param').renterId, setupId: requestKey, returnTo, actor: c.var.person.name }
      return c.json(getValue(await startSetup(context, c.var.scope, wish)), 200)
    })
    .openapi(readRoute, async (c) => c.json(await read(c.var.scope, c.req.valid('param').setupId), 200))
    .openapi(checkRoute, async (c) => {
      const { setupId } = c.req.valid('param')
      try {
        await followSetup(context, c.var.scope, setupId)
      } catch (error) {
        // Stripe is away: the page shows what is known, and the schedule goes on asking.
        if (!(error instanceof StripeFault)) throw error
      }
      return c.json(await read(c.var.scope, setupId), 200)
    })
    .openapi(defaultRoute, async (c) => {
      const { methodId } = c.req.valid('param')
      await inScope(database, c.var.scope, async (rows) => {
        getFound(await findMethod(rows, methodId), 'method')
        getValue(await makeDefault(rows, methodId))
      })
      return c.body(null, 204)
    })
}
