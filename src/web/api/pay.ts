/**
 * Where renters meet Stripe's pages. By link, without signing in (TRU-100 to TRU-102): one invoice, what it needs from the renter, and
 * nothing else; reading changes nothing, asking Stripe again and confirming are posts. At the desk: saving a card on the hosted page, and
 * choosing the default among saved ones.
 */
import { localDateAt, publicId } from '#kernel'
import { describeInvoice, findInvoice, type Invoice } from '#billing'
import { findPayLink } from '#notifications'
import { getCompany } from '#operators'
import { authenticatePayment, findOpenPayment, followPayment, listPaymentsOfInvoice, type Payment } from '#payments'
import { inScope } from '#platform'
import { findMethod, findSetup, followSetup, makeDefault, startSetup } from '#renters'
import { getLocation } from '#spaces'
import { StripeFault } from '#stripe'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  moneySchema,
  operatorApp,
  publicApp,
  withMode,
  type ApiContext,
} from './context.ts'
import { labelSchema, latestAttemptOf, wire } from './invoice-schemas.ts'
import { labelView } from './invoice-view.ts'
import { apiRefusal, getFound, getValue } from './problems.ts'

const payAnswer = z.strictObject({
  operator: z.string(),
  invoiceNumber: z.string(),
  total: moneySchema,
  balance: moneySchema,
  dueOn: z.string(),
  label: labelSchema,
  state: z.enum(['owed', 'action_required', 'processing', 'paid', 'void']),
  isTest: z.boolean(),
})
const params = z.strictObject({ token: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })
const readRoute = createRoute({
  method: 'get',
  path: '/pay/{token}',
  'x-permission': 'public',
  request: { params },
  responses: { 200: jsonAnswer(payAnswer, 'The invoice the link belongs to.') },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/pay/{token}/check',
  'x-permission': 'public',
  request: { params },
  responses: { 200: jsonAnswer(payAnswer, 'The same after asking Stripe.') },
})
const authenticateRoute = createRoute({
  method: 'post',
  path: '/pay/{token}/authenticate',
  'x-permission': 'public',
  request: { params },
  responses: {
    200: jsonAnswer(
      z.strictObject({ url: z.string().optional() }),
      'Where to confirm with the bank; absent when nobody needs to any more.',
    ),
  },
})

export function payRoutes(context: ApiContext) {
  const { database } = context
  const open = async (token: string) => {
    const link = await findPayLink(database, token)
    if (link) return link
    throw apiRefusal('not_found', {
      cause: 'This link no longer works.',
      nextStep: 'Ask the company that sent it for a new one.',
    })
  }
  return publicApp()
    .openapi(readRoute, async (c) => c.json(await readPayPage(context, await open(c.req.valid('param').token)), 200))
    .openapi(checkRoute, async (c) => {
      const link = await open(c.req.valid('param').token)
      const waiting = await inScope(database, link.scope, (rows) => findOpenPayment(rows, link.invoiceId))
      try {
        if (waiting) await followPayment(context, link.scope, waiting.id)
      } catch (error) {
        // Stripe is away: the page shows what is known, and the schedule goes on asking.
        if (!(error instanceof StripeFault)) throw error
      }
      return c.json(await readPayPage(context, link), 200)
    })
    .openapi(authenticateRoute, async (c) => {
      const link = await open(c.req.valid('param').token)
      const { url } = getValue(await authenticatePayment(context, link.scope, link.invoiceId))
      return c.json(url === undefined ? {} : { url }, 200)
    })
}

type Link = NonNullable<Awaited<ReturnType<typeof findPayLink>>>

async function readPayPage({ database }: ApiContext, { scope, invoiceId }: Link): Promise<z.infer<typeof payAnswer>> {
  return inScope(database, scope, async (rows) => {
    const invoice = getFound(await findInvoice(rows, invoiceId), 'invoice')
    const company = await getCompany(rows)
    const payments = await listPaymentsOfInvoice(rows, invoiceId)
    const running = await findOpenPayment(rows, invoiceId)
    const { timeZone } = await getLocation(rows)
    const described = describeInvoice(invoice, {
      today: localDateAt(rows.clock.now(), timeZone),
      latestAttempt: latestAttemptOf(payments),
    })
    const money = (amountMinor: bigint) => wire({ amountMinor, currency: invoice.currency })
    return {
      operator: company.name,
      invoiceNumber: invoice.number ?? '',
      total: money(invoice.totalMinor),
      balance: money(invoice.openMinor),
      dueOn: invoice.dueOn,
      label: labelView(described),
      state: payState(invoice, running),
      isTest: scope.mode === 'test',
    }
  })
}

function payState(invoice: Invoice, running: Payment | undefined): z.infer<typeof payAnswer>['state'] {
  if (invoice.status === 'void') return 'void'
  if (invoice.openMinor <= 0n) return 'paid'
  if (!running) return 'owed'
  return running.state === 'requires_action' ? 'action_required' : 'processing'
}

const setupAnswer = z.strictObject({
  id: z.string(),
  state: z.string(),
  failure: z.string().optional(),
  renterId: z.string(),
})

const startSetupRoute = createRoute({
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
const readSetupRoute = createRoute({
  method: 'get',
  path: '/setups/{setupId}',
  'x-permission': 'renter.view',
  request: { params: inOperator({ setupId: idOf('setup') }), query: withMode({}) },
  responses: { 200: jsonAnswer(setupAnswer, 'Where the saving of a card stands.') },
})
const checkSetupRoute = createRoute({
  method: 'post',
  path: '/setups/{setupId}/check',
  'x-permission': 'renter.view',
  request: { params: inOperator({ setupId: idOf('setup') }), query: withMode({}) },
  responses: {
    200: jsonAnswer(setupAnswer, 'The same after asking Stripe; what a page does on return from the hosted page.'),
  },
})
const defaultMethodRoute = createRoute({
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
    .openapi(startSetupRoute, async (c) => {
      const { requestKey, returnTo } = c.req.valid('json')
      const wish = { renterId: c.req.valid('param').renterId, setupId: requestKey, returnTo, actor: c.var.person.name }
      return c.json(getValue(await startSetup(context, c.var.scope, wish)), 200)
    })
    .openapi(readSetupRoute, async (c) => c.json(await read(c.var.scope, c.req.valid('param').setupId), 200))
    .openapi(checkSetupRoute, async (c) => {
      const { setupId } = c.req.valid('param')
      try {
        await followSetup(context, c.var.scope, setupId)
      } catch (error) {
        // Stripe is away: the page shows what is known, and the schedule goes on asking.
        if (!(error instanceof StripeFault)) throw error
      }
      return c.json(await read(c.var.scope, setupId), 200)
    })
    .openapi(defaultMethodRoute, async (c) => {
      const { methodId } = c.req.valid('param')
      await inScope(database, c.var.scope, async (rows) => {
        getFound(await findMethod(rows, methodId), 'method')
        getValue(await makeDefault(rows, methodId))
      })
      return c.body(null, 204)
    })
}
