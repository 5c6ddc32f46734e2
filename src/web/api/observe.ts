/**
 * What is seen from outside and kept of requests (TRU-196, TRU-200, TRU-260): health, figures, an id and one line in the log for each
 * request, and the browsers' reports of a broken content policy. The line names the route's pattern, never the path, and no body,
 * query, address or name; no label names an operator.
 */
import { Secret, assertMigrated, newRequestId, withoutScope } from '#platform'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { z } from 'zod'
import type { ApiContext, OperatorEnv } from './context.ts'
import { apiRefusal } from './problems.ts'
import { readLimited } from './security.ts'
import { isLoopback } from './context.ts'

export type Metrics = {
  readonly registry: Registry
  /** @param route the pattern, never the path. */
  countRequest(request: {
    readonly method: string
    readonly route: string
    readonly status: number
    readonly seconds: number
  }): void
  /** @param reason why a delivery was refused or kept, one of few known words. */
  countWebhook(delivery: {
    readonly path: string
    readonly outcome: 'accepted' | 'refused'
    readonly reason: string
  }): void
  countPolicyReport(directive: string): void
  setStreams(open: number): void
}

/** @param registry one per process, which tells of the process itself too; without one nothing is shown anywhere. */
export function createMetrics(registry = new Registry()): Metrics {
  const registers = [registry]
  const labelNames = ['method', 'route', 'status'] as const
  const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
  const requests = new Histogram({
    name: 'rentroll_http_request_seconds',
    help: 'Time to answer, by route pattern.',
    labelNames,
    buckets,
    registers,
  })
  const webhooks = new Counter({
    name: 'rentroll_webhook_deliveries_total',
    help: 'Deliveries from Stripe.',
    labelNames: ['path', 'outcome', 'reason'],
    registers,
  })
  const reports = new Counter({
    name: 'rentroll_csp_reports_total',
    help: 'Reports of a broken content policy.',
    labelNames: ['directive'],
    registers,
  })
  const streams = new Gauge({ name: 'rentroll_streams_open', help: 'Open streams of live updates.', registers })
  // The library looks labels up by their text each time; these few are looked up once, without making a text of them.
  const known: Record<string, Record<string, Record<number, { observe(seconds: number): void }>>> = {}
  const counted: Record<string, Record<string, { inc(): void }>> = {}
  return {
    registry,
    countRequest({ method, route, status, seconds }) {
      const routes = (known[method] ??= {})
      const answers = (routes[route] ??= {})
      const series = (answers[status] ??= requests.labels({ method, route, status }))
      series.observe(seconds)
    },
    countWebhook(delivery) {
      const reasons = (counted[delivery.path] ??= {})
      const series = (reasons[delivery.reason] ??= webhooks.labels(delivery))
      series.inc()
    },
    countPolicyReport: (directive) => reports.inc({ directive }),
    setStreams: (open) => streams.set(open),
  }
}

/** One per process. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

export function observe({ clock, logs, metrics }: ApiContext): MiddlewareHandler<OperatorEnv> {
  return async (c, next) => {
    const requestId = newRequestId(clock)
    c.set('requestId', requestId)
    const startedAt = performance.now()
    await next()
    c.header('Request-Id', requestId)
    // Not the wall's time: in a sandbox it may have been turned, and a form asks for "today" by it (SBX-38).
    c.header('Date', clock.now().toUTCString())
    const seconds = (performance.now() - startedAt) / 1000
    const { method } = c.req
    const { status } = c.res
    const route = patternOf(c)
    metrics.countRequest({ method, route, status, seconds })
    const scope = c.var.scope as OperatorEnv['Variables']['scope'] | undefined
    const line = { requestId, method, route, status, milliseconds: Math.round(seconds * 1000), ...scope }
    if (status >= 500) logs.error(line, 'request')
    else logs.info(line, 'request')
  }
}

/** The pattern of the operation itself: the last one that is not a wildcard. Unknown addresses share one word. */
function patternOf(c: Context): string {
  return matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path ?? 'page or unknown'
}

const reports = z.array(z.object({ type: z.string(), body: z.object({ effectiveDirective: z.string() }) })).max(20)
const directives = new Set([
  'script-src',
  'script-src-elem',
  'style-src',
  'style-src-elem',
  'style-src-attr',
  'img-src',
  'connect-src',
  'frame-src',
  'form-action',
  'require-trusted-types-for',
])

/** Counted and logged by the directive alone: the rest of a report may hold a person's address. */
export function cspReportRoutes({ logs, metrics }: ApiContext) {
  return new Hono().post('/api/csp-reports', async (c) => {
    await readLimited(c)
    const sent: unknown = await c.req.json().catch(() => undefined)
    for (const { body } of reports.safeParse(sent).data ?? []) {
      const directive = directives.has(body.effectiveDirective) ? body.effectiveDirective : 'other'
      metrics.countPolicyReport(directive)
      logs.warn({ directive }, 'a page broke its content policy')
    }
    return c.body(null, 204)
  })
}

const answerWithinMs = 1000
type Check = 'ok' | 'failed'

/** Whether the process lives, whether it may be given work, and its figures. No answer holds a secret. */
export function healthRoutes(context: ApiContext) {
  return new Hono()
    .get('/livez', (c) => c.text('ok'))
    .get('/readyz', async (c) => {
      const health = await checkHealth(context)
      return c.json(health, health.isReady ? 200 : 503)
    })
    .get('/metrics', async (c) => {
      if (!isLoopback(c)) throw apiRefusal('not_found')
      return c.body(await context.metrics.registry.metrics(), 200, {
        'Content-Type': context.metrics.registry.contentType,
      })
    })
}

/** Whether this process may be given work, and what says so. */
export async function checkHealth(context: ApiContext) {
  const checks: Record<string, Check> = {
    ...(await checkDatabase(context)),
    masterKey: checkMasterKey(context),
    accepting: context.drain.isDraining() ? 'failed' : 'ok',
  }
  return { isReady: Object.values(checks).every((check) => check === 'ok'), checks }
}

/** Reached within a second, and at the schema this version was written for. */
async function checkDatabase({ database }: ApiContext): Promise<{ database: Check; migrations: Check }> {
  let migrations: Check = 'failed'
  const asked = withoutScope(database, async (rows) => {
    migrations = await assertMigrated(rows).then(
      () => 'ok' as const,
      () => 'failed' as const,
    )
  })
  const reached = asked.then(
    () => 'ok' as const,
    () => 'failed' as const,
  )
  return { database: await Promise.race([reached, lateAnswer()]), migrations }
}

function lateAnswer(): Promise<Check> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('failed'), answerWithinMs).unref()
  })
}

function checkMasterKey({ box }: ApiContext): Check {
  const place = { operatorId: '00000000-0000-7000-8000-000000000000', field: 'readiness', rowId: 'probe' }
  return box.open(box.seal(new Secret('probe'), place), place).reveal() === 'probe' ? 'ok' : 'failed'
}
