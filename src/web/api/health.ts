/** Whether the process lives, whether it may be given work, and its figures (TRU-196, TRU-200). No answer holds a secret. */
import { Secret, assertMigrated, withoutScope } from '#platform'
import { Hono } from 'hono'
import type { ApiContext } from './context.ts'
import { isLoopback } from './session.ts'
import { apiRefusal } from './problems.ts'

const answerWithinMs = 1000
type Check = 'ok' | 'failed'

export function healthRoutes(context: ApiContext) {
  return new Hono()
    .get('/livez', (c) => c.text('ok'))
    .get('/readyz', async (c) => {
      const checks = {
        ...(await checkDatabase(context)),
        masterKey: checkMasterKey(context),
        accepting: context.drain.isDraining() ? 'failed' : 'ok',
      }
      const isReady = Object.values(checks).every((check) => check === 'ok')
      return c.json({ isReady, checks }, isReady ? 200 : 503)
    })
    .get('/metrics', async (c) => {
      if (!isLoopback(c)) throw apiRefusal('not_found')
      return c.body(await context.metrics.registry.metrics(), 200, {
        'Content-Type': context.metrics.registry.contentType,
      })
    })
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
