import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Secret, newId, newToken, withoutScope } from '#platform'
import { eachDatabase } from '#test/databases'
import { soon } from '#test/soon'
import { createKeyRing, secretsReader } from './key-ring.ts'

const hourMs = 3_600_000

eachDatabase('the ring of an address', {}, (ground) => {
  // The age of a ring is told by the process's own watch, which stands here until it is turned.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  const ringOf = () =>
    createKeyRing(ground().clock, secretsReader({ database: ground().database, box: ground().box, installation: {} }))

  /** An endpoint of the installation whose secret holds for a day. */
  const addEnding = async () => {
    const { database, box, clock } = ground()
    const id = newId(clock)
    const name = `endpoint ${id}`
    const place = { operatorId: 'installation', field: 'installation_secrets.sealed', rowId: name }
    const now = clock.now()
    await withoutScope(database, async (rows) => {
      await rows
        .insertInto('app.installation_endpoints')
        .values({
          id,
          mode: 'test',
          kind: 'connect',
          url: 'http://127.0.0.1:1/api/stripe/webhook',
          not_after: new Date(now.getTime() + 24 * hourMs),
          created_at: now,
        })
        .execute()
      await rows
        .insertInto('app.installation_secrets')
        .values({ name, sealed: box.seal(new Secret(`whsec_${newToken()}`), place) })
        .execute()
    })
  }

  test('STR-59: a secret of the installation is out on the second, however lately the ring was read', async () => {
    await addEnding()
    const ring = ringOf()

    ground().clock.advance(24 * hourMs - 1_000)
    expect((await ring.at(undefined)).owners).toHaveLength(1)
    expect(ring.known(undefined)?.owners).toHaveLength(1)

    ground().clock.advance(1_000)
    expect(ring.known(undefined)).toBeUndefined()
    expect((await ring.at(undefined)).owners).toHaveLength(0)
  })

  test('STR-57: while a ring is older than half a second it is still used and read anew, and after a second it is not', async () => {
    const ring = ringOf()
    const before = await ring.at(undefined)
    vi.advanceTimersByTime(600)
    expect(ring.known(undefined)).toBe(before)
    await soon(() => expect(ring.known(undefined)).not.toBe(before))

    const later = await ring.at(undefined)
    vi.advanceTimersByTime(1_000)
    expect(ring.known(undefined)).toBeUndefined()
    expect(await ring.at(undefined)).not.toBe(later)
  })

  test('STR-52: an address nobody has is a ring of keys nobody has, and what no token of ours looks like is never read', async () => {
    const ring = ringOf()
    expect((await ring.at(newToken())).owners).toEqual([])
    expect(ring.known('short')).toBeUndefined()
    expect((await ring.at('short')).owners).toEqual([])
    expect(ring.known('short')).toBeUndefined()
  })
})
