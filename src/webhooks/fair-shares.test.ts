import { expect, test } from 'vitest'
import { withoutScope } from '#platform'
import { eachDatabase } from '#test/databases'
import { deliver, makeConnection, makeGate, reactionsOf } from '#test/inbox'
import { inboxLoops } from '#test/inbox-loop'
import { soon } from '#test/soon'
import { claimObjects } from './store.ts'

eachDatabase('shares of the inbox loop', {}, (ground) => {
  const { start, expectSoon, deliverMany, claimWish } = inboxLoops(ground)

  test('PERF-51 PERF-53: a turn takes together what one operator has waiting, up to its share, and then goes on to the next', async () => {
    const [before, crowd, guest] = [
      await makeConnection(ground()),
      await makeConnection(ground()),
      await makeConnection(ground()),
    ]
    for (const objectId of ['pi_a', 'pi_b', 'pi_c']) await deliver(ground(), crowd, { objectId })
    await deliver(ground(), guest, { objectId: 'pi_d' })
    const turn = async (most: number) => {
      const wish = { ...claimWish(), after: before.scope.operatorId, most, mostPerOperator: 2 }
      const claims = await withoutScope(ground().database, (rows) => claimObjects(rows, wish))
      return claims.map(({ objectId }) => objectId).toSorted()
    }

    expect(await turn(1)).toEqual(['pi_a'])
    expect(await turn(3)).toEqual(['pi_b', 'pi_c', 'pi_d'])
    expect(await turn(3)).toEqual([])
  })

  test('TRU-191: one operator’s backlog does not hold up another’s event', async () => {
    const crowd = await makeConnection(ground())
    const guest = await makeConnection(ground())
    await deliverMany(crowd, 50, 'pi_crowd')
    const gate = makeGate()
    let crowdReads = 0
    const { wake } = start(
      reactionsOf(async (id) => {
        if (!id.startsWith('pi_crowd')) return id
        crowdReads += 1
        await gate.opened
        return id
      }),
    )
    // Its share while it is alone: 24 of the 64 places stay free for whoever comes.
    await soon(() => expect(crowdReads).toBe(40))

    // What ends while time stands has waited for none of it.
    ground().clock.standAt(ground().clock.now())
    await deliver(ground(), guest, { objectId: 'pi_guest' })
    wake()
    await expectSoon(guest.scope, ['done'])
    expect(crowdReads).toBe(40)
    ground().clock.flow()
    gate.open()

    await expectSoon(
      crowd.scope,
      Array.from({ length: 50 }, () => 'done'),
    )
    expect(crowdReads).toBe(50)
  })

  test('TRU-191: operators with backlogs share the places, and none has fewer than eight', async () => {
    const gate = makeGate()
    const reads = new Map<string, number>()
    const crowds = await Promise.all(Array.from({ length: 4 }, () => makeConnection(ground())))
    for (const [place, crowd] of crowds.entries()) await deliverMany(crowd, 20, `pi_crowd${place}of`)
    start(
      reactionsOf(async (id) => {
        const crowd = id.split('of')[0]!
        reads.set(crowd, (reads.get(crowd) ?? 0) + 1)
        await gate.opened
        return id
      }),
    )

    // A turn may go a little beyond a share, never to the last place.
    const isShared = () => reads.size === 4 && [...reads.values()].every((count) => count >= 8)
    await soon(() => expect(isShared()).toBe(true))
    const begun = [...reads.values()].reduce((sum, count) => sum + count, 0)
    expect(begun).toBeLessThan(64)
    gate.open()

    for (const crowd of crowds)
      await expectSoon(
        crowd.scope,
        Array.from({ length: 20 }, () => 'done'),
      )
  })
})
