/**
 * The HTTP side: parses with zod, opens the scope, calls one deed and maps its outcome. Owns the gate in front of every operation, the
 * shape of problems, headers and limits, live updates, health, and the delivery of the built screens. A route holds no rule. Here are all
 * operations in one application, in the order a request meets them; a new route file is imported and mounted with one line, and its type
 * then reaches the screens by itself.
 */
import { OpenAPIHono } from '@hono/zod-openapi'
import { auditRoutes } from './audit.ts'
import { noteAddress } from './client-address.ts'
import type { ApiContext, OperatorEnv } from './context.ts'
import { bookingOpeningRoutes, bookingPageRoutes } from './booking-page.ts'
import { connectPages, onboardingLinkRoutes, resumeCodeRoutes } from './connect-links.ts'
import { connectMailRoutes, connectRoutes } from './connect.ts'
import { connectionRoutes } from './connections.ts'
import { diagnosisRoutes } from './diagnosis.ts'
import { drainingRoutes } from './draining.ts'
import { firstStepRoutes } from './first-steps.ts'
import { installationRoutes } from './installation.ts'
import { webhookEndpointRoutes } from './webhook-endpoints.ts'
import { webhookEventRoutes, webhookRoadRoutes } from './webhook-events.ts'
import { spaceRoutes } from './spaces.ts'
import { renterRoutes } from './renters.ts'
import { leaseRoutes } from './leases.ts'
import { checkOutRoutes } from './check-out.ts'
import { meRoutes, signInRoutes, signUpRoutes } from './identity.ts'
import { invoiceMoneyRoutes, waitingPaymentRoutes } from './invoice-money.ts'
import { bookRoutes, invoiceRoutes } from './invoices.ts'
import { cspReportRoutes, healthRoutes, observe } from './observe.ts'
import { pageRoutes } from './server.ts'
import { methodLinkRoutes } from './method-link.ts'
import { payRoutes, setupRoutes } from './pay.ts'
import { payoutListRoutes } from './payout-list.ts'
import { payoutRoutes } from './payouts.ts'
import { apiRefusal, problemAnswer, problemHandler } from './problems.ts'
import { limitVisits } from './rate-limit.ts'
import { refundRoutes } from './refunds.ts'
import { rehearsalRoutes } from './rehearsal.ts'
import { checkAddress, checkBody, limitConcurrency, refuseCrossSite, secureHeaders } from './security.ts'
import { gate, readAccessTable, type AccessTable } from './context.ts'
import { agreementRoutes, settingsRoutes } from './settings.ts'
import { streamRoutes } from './stream.ts'
import type { Answering } from './server.ts'
import { stepUpRoutes } from './step-up.ts'
import { stripeWebhookListener } from './stripe-webhook.ts'

/** Everything this process answers. @throws as `createApi`. */
export function createAnswering(context: ApiContext): Answering {
  const api = createApi(context)
  return { fetch: (request, bindings) => api.fetch(request, bindings), raw: stripeWebhookListener(context) }
}

/** @throws when an operation does not say by `x-permission` who may use it. */
export function createApi(context: ApiContext) {
  const app = new OpenAPIHono<OperatorEnv>()
  app.onError(problemHandler(context.logs))
  app.notFound((c) => problemAnswer(c, apiRefusal('not_found').refusal))
  let table: AccessTable = new Map()
  app.use('*', noteAddress(context), observe(context), secureHeaders(context))
  const visits = limitVisits(context)
  for (const path of ['/book/*', '/api/v1/book/*']) app.use(path, visits)
  app.use('/api/v1/*', limitConcurrency(), refuseCrossSite(context), checkAddress, checkBody)
  app.use(
    '/api/v1/*',
    gate(context, () => table),
  )
  const operations = mountOperations(app, context)
  table = readAccessTable(operations)
  operations.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Rentroll', version: '1' } })
  operations.route('/', cspReportRoutes(context))
  operations.route('/', healthRoutes(context))
  operations.route('/', connectPages(context))
  operations.route('/', pageRoutes(context))
  return operations
}

/** Each line adds one file of operations. Under `/w/:slug` stand those of one operator. */
function mountOperations(app: OpenAPIHono<OperatorEnv>, context: ApiContext) {
  return app
    .route('/api/v1', signUpRoutes(context))
    .route('/api/v1', signInRoutes(context))
    .route('/api/v1', meRoutes(context))
    .route('/api/v1', stepUpRoutes(context))
    .route('/api/v1', streamRoutes(context))
    .route('/api/v1', payRoutes(context))
    .route('/api/v1', methodLinkRoutes(context))
    .route('/api/v1', onboardingLinkRoutes(context))
    .route('/api/v1', bookingPageRoutes(context))
    .route('/api/v1', resumeCodeRoutes(context))
    .route('/api/v1', installationRoutes(context))
    .route('/api/v1/w/:slug', settingsRoutes(context))
    .route('/api/v1/w/:slug', firstStepRoutes(context))
    .route('/api/v1/w/:slug', spaceRoutes(context))
    .route('/api/v1/w/:slug', renterRoutes(context))
    .route('/api/v1/w/:slug', agreementRoutes(context))
    .route('/api/v1/w/:slug', leaseRoutes(context))
    .route('/api/v1/w/:slug', checkOutRoutes(context))
    .route('/api/v1/w/:slug', invoiceRoutes(context))
    .route('/api/v1/w/:slug', invoiceMoneyRoutes(context))
    .route('/api/v1/w/:slug', waitingPaymentRoutes(context))
    .route('/api/v1/w/:slug', refundRoutes(context))
    .route('/api/v1/w/:slug', setupRoutes(context))
    .route('/api/v1/w/:slug', connectionRoutes(context))
    .route('/api/v1/w/:slug', connectRoutes(context))
    .route('/api/v1/w/:slug', drainingRoutes(context))
    .route('/api/v1/w/:slug', rehearsalRoutes(context))
    .route('/api/v1/w/:slug', bookingOpeningRoutes(context))
    .route('/api/v1/w/:slug', connectMailRoutes(context))
    .route('/api/v1/w/:slug', payoutRoutes(context))
    .route('/api/v1/w/:slug', payoutListRoutes(context))
    .route('/api/v1/w/:slug', webhookEndpointRoutes(context))
    .route('/api/v1/w/:slug', webhookRoadRoutes(context))
    .route('/api/v1/w/:slug', webhookEventRoutes(context))
    .route('/api/v1/w/:slug', diagnosisRoutes(context))
    .route('/api/v1/w/:slug', bookRoutes(context))
    .route('/api/v1/w/:slug', auditRoutes(context))
}

/** What the screens' client is typed by. */
export type Api = ReturnType<typeof mountOperations>

export type { ApiContext } from './context.ts'
export { createMetrics, createRegistry } from './observe.ts'
export { createDrain, startServer, type Answering, type WebServer } from './server.ts'
export type { RawListener } from './server.ts'
export { stripeWebhookListener, webhookPath } from './stripe-webhook.ts'
