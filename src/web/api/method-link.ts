/**
 * The page a renter opens from the mail that asks for a new payment method (STR-25): whose link it is, whether a method is there already,
 * and the way to Stripe's hosted page. Nothing else of the renter is told.
 */
import { findMethodLink } from '#notifications'
import { getCompany } from '#operators'
import { inScope } from '#platform'
import { getRenter, readPaymentReadiness, startSetup } from '#renters'
import { openPath } from '#web/paths'
import { createRoute, z } from '@hono/zod-openapi'
import { jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { apiRefusal, getValue } from './problems.ts'

const params = z.strictObject({ token: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })
const readRoute = createRoute({
  method: 'get',
  path: '/method-links/{token}',
  'x-permission': 'public',
  request: { params },
  responses: {
    200: jsonAnswer(
      z.strictObject({
        operator: z.string(),
        renter: z.string(),
        /** `closed`: the company takes no payments at present. */
        state: z.enum(['wanted', 'saved', 'closed']),
        isTest: z.boolean(),
      }),
      'Whether a payment method is still wanted.',
    ),
  },
})
const setupRoute = createRoute({
  method: 'post',
  path: '/method-links/{token}/setup',
  'x-permission': 'public',
  request: {
    params,
    body: jsonBody(z.strictObject({ requestKey: z.uuid('The form has lost its key. Reload the page.') })),
  },
  responses: { 200: jsonAnswer(z.strictObject({ url: z.string() }), 'The address of the hosted page.') },
})

const states = { ready: 'saved', no_method: 'wanted', not_connected: 'closed' } as const

export function methodLinkRoutes(context: ApiContext) {
  const { database } = context
  const open = async (token: string) => {
    const link = await findMethodLink(database, token)
    if (link) return link
    throw apiRefusal('not_found', {
      cause: 'This link no longer works.',
      nextStep: 'Ask the company that sent it for a new one.',
    })
  }
  return publicApp()
    .openapi(readRoute, async (c) => {
      const { scope, renterId } = await open(c.req.valid('param').token)
      const answer = await inScope(database, scope, async (rows) => ({
        operator: (await getCompany(rows)).name,
        renter: (await getRenter(rows, renterId)).name,
        state: states[await readPaymentReadiness(rows, renterId)],
        isTest: scope.mode === 'test',
      }))
      return c.json(answer, 200)
    })
    .openapi(setupRoute, async (c) => {
      const { token } = c.req.valid('param')
      const { scope, renterId } = await open(token)
      const { requestKey: setupId } = c.req.valid('json')
      const wish = { renterId, setupId, returnTo: openPath('payMethod', { token }), actor: 'renter' }
      return c.json({ url: getValue(await startSetup(context, scope, wish)).url }, 200)
    })
}
