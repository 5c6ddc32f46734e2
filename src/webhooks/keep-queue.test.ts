import { expect, test } from 'vitest'
import type { Database } from '#platform'
import { eachDatabase } from '#test/databases'
import { makeConnection, newEventFor } from '#test/inbox'
import { createKeepQueue } from './keep-queue.ts'

/** The same database, and how many events each statement carried that was sent to it. */
function listening(database: Database) {
  const sizes: number[] = []
  const { pool } = database
  if (!pool) return { database, sizes }
  const listened = new Proxy(pool, {
    get: (real, name: 'query') => (statement: { name: string; text: string; values: unknown[] }) => {
      sizes.push(statement.name === 'inbox keep one' ? 1 : String(statement.values[0]).split(',').length)
      return real[name](statement)
    },
  })
  return { database: { ...database, pool: listened }, sizes }
}

eachDatabase('the line of what is to be kept', {}, (ground) => {
  test('PERF-42: of many that come at one moment the first sixteen are written at once, then all that wait', async ({
    skip,
  }) => {
    const { database, sizes } = listening(ground().database)
    if (ground().kind === 'pglite') return skip('the embedded database takes events one by one')
    const connection = await makeConnection(ground())
    const queue = createKeepQueue(database)
    const keep = () => queue.keep(newEventFor(ground(), connection))

    expect(await Promise.all(Array.from({ length: 40 }, keep))).toEqual(Array.from({ length: 40 }, () => true))
    expect(sizes).toEqual([16, 24])

    await Promise.all([keep(), keep(), keep()])
    await keep()
    expect(sizes).toEqual([16, 24, 3, 1])
  })
})
