/**
 * Trying the road before real money takes it: the test payment (UI-130), and what is still missing before going live (UI-133). What a line
 * of that list is about is looked up where it lives, so nothing is done because somebody said so.
 */
import { findChargingConnection, type Connection } from '#connections'
import { listInboxEvents } from '#inbox'
import { publicId, type Scope } from '#kernel'
import { findCurrentAgreement } from '#leases'
import { listTaxRates } from '#operators'
import { hasTakenPayment } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { judgeTestPayment, readTestPayment, startTestPayment, testAmount, type TestPayment } from '#rehearsal'
import { getLocation, todayAt } from '#spaces'
import { findOnboarding } from '#welcome'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, jsonBody, moneySchema, operatorApp, withMode, type ApiContext } from './context.ts'
import { wire } from './invoice-schemas.ts'
import { getValue } from './problems.ts'
import { instants } from './webhook-endpoints.ts'

const request = { params: inOperator({}), query: withMode({}) }

const testPaymentAnswer = z.strictObject({
  can: z.strictObject({ allowed: z.boolean(), reason: z.string().optional() }),
  amount: moneySchema,
  /** The newest one; absent before the first. */
  latest: z
    .strictObject({
      invoiceId: z.string(),
      invoiceNumber: z.string(),
      state: z.enum(['running', 'paid', 'failed']),
      isOver: z.boolean(),
      steps: z.array(
        z.strictObject({ name: z.enum(['created', 'charged', 'delivered', 'paid']), at: z.string().optional() }),
      ),
      cause: z.string().optional(),
    })
    .optional(),
})

const readinessAnswer = z.strictObject({
  steps: z.array(
    z.strictObject({ name: z.enum(['test_payment', 'webhook', 'agreement', 'tax']), isDone: z.boolean() }),
  ),
  /** By which kind of connection new money goes in this mode; absent when by none. */
  connection: z.enum(['own_keys', 'connect']).optional(),
})

const readRoute = createRoute({
  method: 'get',
  path: '/connections/test-payment',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(testPaymentAnswer, 'The newest test payment, and whether another can be made.') },
})
const startRoute = createRoute({
  method: 'post',
  path: '/connections/test-payment',
  'x-permission': 'connection.test',
  request: {
    ...request,
    body: jsonBody(z.strictObject({ requestKey: z.uuid('The button has lost its key. Reload the page.') })),
  },
  responses: { 200: jsonAnswer(testPaymentAnswer, 'The test payment, which goes on by itself.') },
})
const readinessRoute = createRoute({
  method: 'get',
  path: '/connections/readiness',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(readinessAnswer, 'What is done before going live, and what is not.') },
})

export function rehearsalRoutes(context: ApiContext) {
  return operatorApp()
    .openapi(readRoute, async (c) => c.json(await testPaymentView(context, c.var.scope), 200))
    .openapi(startRoute, async (c) => {
      const wish = { ...c.req.valid('json'), actor: c.var.person.name }
      getValue(await startTestPayment(context, c.var.scope, wish))
      return c.json(await testPaymentView(context, c.var.scope), 200)
    })
    .openapi(readinessRoute, async (c) => c.json(await readReadiness(context, c.var.scope), 200))
}

async function testPaymentView({ database }: ApiContext, scope: Scope): Promise<z.infer<typeof testPaymentAnswer>> {
  const { connection, location } = await inScope(database, scope, async (rows) => ({
    connection: await findChargingConnection(rows),
    location: await getLocation(rows),
  }))
  const latest = await readTestPayment(database, {
    scope,
    findArrival: async ({ type, objectId }) => {
      const { events } = await listInboxEvents(database, scope, { filter: { type, objectId, via: 'delivery' } })
      return events.at(-1)?.receivedAt
    },
  })
  return {
    can: { ...judgeTestPayment(scope.mode, connection) },
    amount: wire(testAmount(location.currency)),
    ...(latest && { latest: latestView(latest) }),
  }
}

function latestView({ invoice, state, isOver, steps, cause }: TestPayment) {
  return {
    invoiceId: publicId('invoice', invoice.id),
    invoiceNumber: invoice.number ?? '',
    state,
    isOver,
    steps: steps.map(({ name, at }) => ({ name, ...instants({ at }) })),
    ...(cause !== undefined && { cause }),
  }
}

async function readReadiness({ database }: ApiContext, scope: Scope): Promise<z.infer<typeof readinessAnswer>> {
  const { connection, ...found } = await inScope(database, scope, async (rows) => ({
    connection: await findChargingConnection(rows),
    testPayment: await hasTakenPayment(rows),
    agreement: (await findCurrentAgreement(rows, todayAt(await getLocation(rows), rows.clock))) !== undefined,
    tax: await isTaxDecided(rows),
  }))
  return {
    steps: [
      { name: 'test_payment', isDone: found.testPayment },
      { name: 'webhook', isDone: connection !== undefined && (await hasDelivered(database, scope, connection)) },
      { name: 'agreement', isDone: found.agreement },
      { name: 'tax', isDone: found.tax },
    ],
    ...(connection && { connection: connection.kind }),
  }
}

/** A rate is there, or whoever came by that first step left it without one: then prices are final. */
async function isTaxDecided(rows: ScopedHandle): Promise<boolean> {
  if ((await listTaxRates(rows)).length > 0) return true
  const { steps } = await findOnboarding(rows)
  return steps.some(({ number, state }) => number === 5 && state === 'done')
}

/** What is kept as delivered was verified; a connected account's news come by an endpoint that is not its own. */
async function hasDelivered(
  database: ApiContext['database'],
  scope: Scope,
  { id, webhookFirstVerifiedAt }: Connection,
): Promise<boolean> {
  if (webhookFirstVerifiedAt !== null) return true
  const { events } = await listInboxEvents(database, scope, { filter: { via: 'delivery' }, limit: 100 })
  return events.some(({ connectionId }) => connectionId === id)
}
