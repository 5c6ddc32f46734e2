import { expect, test } from 'vitest'
import { sql } from 'kysely'
import { openDatabase, withoutScope } from '#platform'
import { openTestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { createReceiver } from '#webhooks'
import { warmUp } from './warm-up.ts'

eachDatabase('the time before a process is ready', {}, (ground) => {
  /** Pages hold what was written and taken back as well; no row is ever there in this file. */
  const pages = async () => {
    const tables = ['inbox_events', 'inbox_bodies', 'inbox_objects'].map(
      (name) => `pg_total_relation_size('app.${name}')`,
    )
    const sizes = sql<{ size: string }>`select ${sql.raw(tables.join(' + '))} as size`
    const { rows } = await withoutScope(ground().database, (handle) => sizes.execute(handle))
    return rows[0]?.size
  }

  test('PERF-93: a process has gone its road before it is ready, and nothing of that is left to see', async () => {
    const api = await openTestApi(ground())
    const metrics = () => api.context.metrics.registry.getMetricsAsJSON()
    const deliveries = async () => (await metrics()).filter(({ name }) => name.startsWith('rentroll_webhook'))
    const [before, pagesBefore] = [await deliveries(), await pages()]
    ground().logLines.length = 0

    await warmUp(api.context)

    expect(await pages()).toBe(pagesBefore)
    expect(await deliveries()).toEqual(before)
    expect(ground().logLines).toEqual([])
    await api.stop()
  })

  test('PERF-93: what cannot warm up says so and goes on', async ({ skip }) => {
    if (ground().kind === 'pglite') return skip('the embedded database is not warmed up')
    const { clock, box, logs } = ground()
    const url = 'postgres://nobody@127.0.0.1:9/nothing'
    const database = await openDatabase({ clock, url })
    const receiver = createReceiver({ database, box, logs, onKept: () => undefined })
    const api = await openTestApi(ground())
    ground().logLines.length = 0

    await warmUp({ ...api.context, database, receiver })

    expect(ground().logLines.join('\n')).toContain('this process could not warm up')
    await Promise.all([database.close(), api.stop()])
  })
})
