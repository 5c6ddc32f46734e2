/**
 * Administration → Integrations: how the operator is joined to Stripe in the mode of the request. Keys go in and never come out; every
 * answer is the connection as it stands afterwards.
 */
import type { Mode, Scope } from '#kernel'
import {
  connectionGroundOf,
  createEndpoint,
  endpointCheckOf,
  findOwnKeysConnection,
  hasSharedRoute,
  listEndpointSecrets,
  pasteWebhookSecret,
  refuseConnection,
  repairEndpoint,
  saveCredentials,
  testConnection,
  testRows,
  testTitles,
  type ConnectionGround,
} from '#connections'
import { recordTest } from '#diagnosis'
import { listRentersTiedTo, startDraining } from '#draining'
import { judgePasting } from '#endpoints'
import { inScope } from '#platform'
import { createRoute, z } from '@hono/zod-openapi'
import { connectionAnswer, connectionView, type ConnectionAnswer } from './connection-view.ts'
import { inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { getValue, RefusalAnswer } from './problems.ts'

const pasted = z.string().max(500, 'This is longer than any key. Copy it again with the copy button.')

const request = { params: inOperator({}), query: withMode({}) }

const readRoute = createRoute({
  method: 'get',
  path: '/connections/stripe',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(connectionAnswer, 'The connection of this mode; state `none` when there is none.') },
})

const savedAnswer = z.strictObject({
  connection: connectionAnswer,
  /** Each question Stripe was asked, in order. */
  steps: z.array(
    z.strictObject({ operation: z.string(), durationMs: z.number().int(), requestId: z.string().optional() }),
  ),
  /** When a webhook secret was pasted beside older ones: both work until then. */
  othersUntil: z.string().optional(),
})

const saveRoute = createRoute({
  method: 'put',
  path: '/connections/stripe',
  'x-permission': 'connection.keys',
  request: {
    ...request,
    body: jsonBody(
      z.strictObject({
        publishableKey: pasted,
        secretKey: pasted.optional(),
        accountId: pasted.optional(),
        webhookSecret: pasted.optional(),
      }),
    ),
  },
  responses: { 200: jsonAnswer(savedAnswer, 'Verified with Stripe and saved. A refusal has changed nothing.') },
})

const reportAnswer = z.strictObject({
  title: z.enum(testTitles),
  testedAt: z.string(),
  rows: z.array(
    z.strictObject({
      row: z.enum(testRows),
      state: z.enum(['pass', 'warn', 'fail', 'not_checked']),
      text: z.string(),
      durationMs: z.number().int().optional(),
      requestId: z.string().optional(),
      remedy: z.enum(['replace_key', 'open_stripe', 'create_endpoint', 'repair_endpoint', 'paste_secret']).optional(),
    }),
  ),
})

const testRoute = createRoute({
  method: 'post',
  path: '/connections/stripe/test',
  'x-permission': 'connection.test',
  request,
  responses: { 200: jsonAnswer(reportAnswer, 'What Stripe answered; nothing was changed there or here.') },
})

const createEndpointRoute = createRoute({
  method: 'post',
  path: '/connections/stripe/endpoint',
  'x-permission': 'connection.webhook',
  request: {
    ...request,
    body: jsonBody(z.strictObject({ isFresh: z.boolean().default(false) })),
  },
  responses: { 200: jsonAnswer(connectionAnswer, 'The endpoint exists at Stripe and its secret is stored.') },
})

const repairEndpointRoute = createRoute({
  method: 'post',
  path: '/connections/stripe/endpoint/repair',
  'x-permission': 'connection.webhook',
  request,
  responses: { 200: jsonAnswer(connectionAnswer, 'Missing events were added and the endpoint is switched on.') },
})

const checkEndpointRoute = createRoute({
  method: 'post',
  path: '/connections/stripe/endpoint/check',
  'x-permission': 'connection.test',
  request,
  responses: { 200: jsonAnswer(connectionAnswer, 'The endpoint as Stripe has it now.') },
})

const pasteSecretRoute = createRoute({
  method: 'put',
  path: '/connections/stripe/webhook-secret',
  'x-permission': 'connection.webhook',
  request: { ...request, body: jsonBody(z.strictObject({ webhookSecret: pasted })) },
  responses: {
    200: jsonAnswer(
      z.strictObject({ connection: connectionAnswer, othersUntil: z.string().optional() }),
      'The secret is valid now; older ones for 24 hours more.',
    ),
  },
})

const disconnectRoute = createRoute({
  method: 'post',
  path: '/connections/stripe/disconnect',
  'x-permission': 'connection.disconnect',
  request: {
    ...request,
    body: jsonBody(z.strictObject({ word: z.literal('disconnect', 'Type the word disconnect.') })),
  },
  responses: {
    200: jsonAnswer(
      connectionAnswer,
      'No new charges. With nothing under way the secrets are wiped; else they go when it has ended.',
    ),
  },
})

export function connectionRoutes(context: ApiContext) {
  const ground = connectionGroundOf(context)
  const { database, box } = ground
  return operatorApp()
    .openapi(readRoute, async (c) => c.json(await readConnection(ground, c.var.scope), 200))
    .openapi(saveRoute, async (c) => {
      const { secretKey = '', accountId = '', webhookSecret = '', publishableKey } = c.req.valid('json')
      const { scope, person } = c.var
      const input = { publishableKey, secretKey, accountId, webhookSecret }
      const countAutopayRenters = () => countRentersPayingThrough(ground, scope)
      const saved = getValue(await saveCredentials(ground, { scope, actor: person.name, input, countAutopayRenters }))
      const steps = saved.calls.map(({ operation, durationMs, requestId }) => ({
        operation,
        durationMs,
        ...(requestId && { requestId }),
      }))
      return c.json({ connection: await readConnection(ground, scope), steps, ...until(saved.othersUntil) }, 200)
    })
    .openapi(testRoute, async (c) => {
      const report = getValue(await testConnection(ground, c.var.scope))
      await recordTest(ground, c.var.scope, report)
      return c.json(
        { ...report, testedAt: report.testedAt.toISOString(), rows: report.rows.map((row) => ({ ...row })) },
        200,
      )
    })
    .openapi(createEndpointRoute, async (c) => {
      const { scope, person } = c.var
      getValue(await createEndpoint(ground, { scope, actor: person.name, isFresh: c.req.valid('json').isFresh }))
      return c.json(await readConnection(ground, scope), 200)
    })
    .openapi(repairEndpointRoute, async (c) => {
      getValue(await repairEndpoint(ground, c.var.scope))
      return c.json(await readConnection(ground, c.var.scope), 200)
    })
    .openapi(checkEndpointRoute, async (c) => {
      getValue(await endpointCheckOf(ground, c.var.scope))
      return c.json(await readConnection(ground, c.var.scope), 200)
    })
    .openapi(disconnectRoute, async (c) => {
      const { scope, person } = c.var
      const found = await inScope(database, scope, findOwnKeysConnection)
      if (!found) throw new RefusalAnswer(refuseConnection('no_connection').refusal)
      await startDraining({ ...context, ...ground }, scope, { connectionId: found.id, actor: person.name })
      return c.json(await readConnection(ground, scope), 200)
    })
    .openapi(pasteSecretRoute, async (c) => {
      const { scope, person } = c.var
      const { webhookSecret } = c.req.valid('json')
      const { othersUntil } = getValue(
        await inScope(database, scope, async (rows) => {
          const refusal = await judgePasting(rows)
          return refusal ?? pasteWebhookSecret(rows, box, { webhookSecret, actor: person.name })
        }),
      )
      return c.json({ connection: await readConnection(ground, scope), ...until(othersUntil) }, 200)
    })
}

async function readConnection(ground: ConnectionGround, scope: Scope): Promise<ConnectionAnswer> {
  const mode: Mode = scope.mode
  const seen = await inScope(ground.database, scope, async (rows) => {
    const connection = await findOwnKeysConnection(rows)
    if (!connection) return { connection, secrets: [], isOnShared: false }
    const secrets = await listEndpointSecrets(rows, connection.id)
    return { connection, secrets, isOnShared: await hasSharedRoute(rows, connection.id) }
  })
  return connectionView(ground, { mode, ...seen })
}

/** Renters with a live lease whose methods are saved at the present account alone: they would need a new one (STR-25). */
function countRentersPayingThrough(ground: ConnectionGround, scope: Scope): Promise<number> {
  return inScope(ground.database, scope, async (rows) => {
    const connection = await findOwnKeysConnection(rows)
    return connection ? (await listRentersTiedTo(rows, connection.id)).length : 0
  })
}

function until(at: Date | undefined): { othersUntil?: string } {
  return at === undefined ? {} : { othersUntil: at.toISOString() }
}
