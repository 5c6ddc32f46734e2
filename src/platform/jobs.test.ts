import { expect, test } from 'vitest'
import { eachDatabase } from '#test/databases'
import { eventually } from '#test/product'
import { inScope } from './database.ts'
import type { JobHandler } from './jobs.ts'
import { newId } from './random.ts'

eachDatabase('background work', { jobs: [{ name: 'test.many' }] }, (ground) => {
  test('STK-55: what waits is worked off without a pause between one job and the next', async () => {
    const { database, jobs } = ground()
    const { scope } = await ground().makeOperator()
    const ids = Array.from({ length: 120 }, () => newId(database.clock))
    await inScope(database, scope, async (rows) => {
      for (const id of ids) await rows.enqueue({ name: 'test.many', id })
    })
    const done: string[] = []
    const noteDone: JobHandler = async ({ id }) => void done.push(id)

    // The ground declares jobs of its own, which want handlers, too.
    await jobs.work(new Proxy({}, { get: () => noteDone }))

    // At one job a poll this would take a minute.
    await eventually(
      () => Promise.resolve(done),
      ({ length }) => length === ids.length,
    )
    expect(done.toSorted()).toEqual(ids.toSorted())
  })
})
