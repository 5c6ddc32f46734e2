import { expect, test } from 'vitest'
import { withoutScope } from '#platform'
import { eachDatabase } from '#test/databases'
import { countEffects, deliver, makeConnection, makeGate, reactionsOf } from '#test/inbox'
import { inboxLoops } from '#test/inbox-loop'
import { soon } from '#test/soon'
import { readClaim } from './handle.ts'
import { createSettler } from './settle-claims.ts'
import { listInboxEvents, replayEvent } from '#inbox'
import { claimObjects } from './store.ts'

eachDatabase('the inbox loop', {}, (ground) => {
  const { start, states, expectSoon, claimWish, claimEverything } = inboxLoops(ground)

  test('STR-65: all news of an object received before the re-read are closed by that one re-read', async () => {
    const connection = await makeConnection(ground())
    const reads: string[] = []
    for (const type of ['payment_intent.payment_failed', 'payment_intent.processing', 'payment_intent.succeeded'])
      await deliver(ground(), connection, { objectId: 'pi_one', type })

    start(
      reactionsOf(async (id) => {
        reads.push(id)
        return id
      }),
    )

    await expectSoon(connection.scope, ['done', 'done', 'done'])
    expect(reads).toEqual(['pi_one'])
    expect(await countEffects(ground(), connection.scope, 'pi_one')).toBe(1)
  })

  test('STR-65, STR-115: news that come while an object is read wait, and are read again; other objects do not wait', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    const gate = makeGate()
    const underWay = new Set<string>()
    const reads: string[] = []
    start(
      reactionsOf(async (id) => {
        expect(underWay.has(id)).toBe(false)
        underWay.add(id)
        reads.push(id)
        if (reads.length === 1) await gate.opened
        underWay.delete(id)
        return id
      }),
    )
    await deliver(ground(), connection, { objectId: 'pi_busy' })
    await soon(() => expect(reads).toEqual(['pi_busy']))

    await deliver(ground(), connection, { objectId: 'pi_busy', type: 'payment_intent.processing' })
    await deliver(ground(), connection, { objectId: 'pi_other' })
    await expectSoon(scope, ['done', 'processing', 'received'])
    gate.open()

    await expectSoon(scope, ['done', 'done', 'done'])
    expect(reads).toEqual(['pi_busy', 'pi_other', 'pi_busy'])
    expect(await countEffects(ground(), scope, 'pi_busy')).toBe(1)
  })

  test('STR-64: in whatever order news come and whatever they say, the end is what Stripe says now', async () => {
    const connection = await makeConnection(ground())
    const types = ['succeeded', 'processing', 'payment_failed', 'requires_action'].map(
      (name) => `payment_intent.${name}`,
    )
    const orders = types.map((_type, turn) => [...types.slice(turn), ...types.slice(0, turn)])
    const { wake } = start(reactionsOf())

    for (const [turn, order] of orders.entries())
      for (const type of order) {
        await deliver(ground(), connection, { objectId: `pi_order${turn}`, type })
        wake()
      }

    await expectSoon(
      connection.scope,
      Array.from({ length: 16 }, () => 'done'),
    )
    const effects = orders.map((_order, turn) => countEffects(ground(), connection.scope, `pi_order${turn}`))
    expect(await Promise.all(effects)).toEqual([1, 1, 1, 1])
  })

  test('STR-119: what a dead process held is taken over when its lease ends, ten seconds later at most', async () => {
    const connection = await makeConnection(ground())
    await deliver(ground(), connection, { objectId: 'pi_held' })
    await claimEverything()
    const { wake } = start(reactionsOf())

    await deliver(ground(), connection, { objectId: 'pi_free' })
    await expectSoon(connection.scope, ['done', 'processing'])
    ground().clock.advance(10_000)
    wake()

    await expectSoon(connection.scope, ['done', 'done'])
    expect(await countEffects(ground(), connection.scope, 'pi_held')).toBe(1)
  })

  test('a process that is alone ends all leases when it starts', async () => {
    const connection = await makeConnection(ground())
    await deliver(ground(), connection, { objectId: 'pi_left' })
    await claimEverything()

    start(reactionsOf(), { isOnlyProcess: true })

    await expectSoon(connection.scope, ['done'])
    expect(await countEffects(ground(), connection.scope, 'pi_left')).toBe(1)
  })

  test('STR-119: an owner that was taken over meanwhile writes nothing', async () => {
    const connection = await makeConnection(ground())
    const { database, clock, logs } = ground()
    await deliver(ground(), connection, { objectId: 'pi_slow' })
    const mine = (await claimEverything()).find(({ objectId }) => objectId === 'pi_slow')
    if (!mine) throw new Error('the object was not claimed')
    const gate = makeGate()
    const reactions = reactionsOf(async (id) => {
      await gate.opened
      return id
    })
    const parts = { database, logs, reactions }
    const working = readClaim(parts, mine).then((decided) => createSettler(parts).settle(decided))
    clock.advance(11_000)
    await claimEverything()
    gate.open()
    await working

    expect(await countEffects(ground(), connection.scope, 'pi_slow')).toBe(0)
    expect(await states(connection.scope)).toEqual(['processing'])
    expect(ground().logLines.some((line) => line.includes('taken over') && line.includes('pi_slow'))).toBe(true)
  })

  test('STR-119: a lease is renewed while Stripe is slow, so nobody takes over work that is alive', async () => {
    const connection = await makeConnection(ground())
    await deliver(ground(), connection, { objectId: 'pi_patient' })
    const gate = makeGate()
    let reads = 0
    start(
      reactionsOf(async (id) => {
        if (id === 'pi_patient') reads += 1
        await gate.opened
        return id
      }),
    )
    await soon(() => expect(reads).toBe(1))
    const leaseEnd = async () => {
      const query = ground().database.handle.selectFrom('app.inbox_objects').select('claimed_until')
      return (await query.where('object_id', '=', 'pi_patient').executeTakeFirstOrThrow()).claimed_until.getTime()
    }
    const first = await leaseEnd()
    ground().clock.advance(4_000)

    await soon(async () => expect(await leaseEnd()).toBeGreaterThan(first + 4_000))
    ground().clock.advance(4_000)
    expect((await claimEverything()).filter(({ objectId }) => objectId === 'pi_patient')).toEqual([])
    gate.open()

    await expectSoon(connection.scope, ['done'])
    expect(reads).toBe(1)
  })

  test('STR-65: while one worker is claiming an object, newer news of it are not claimed by another', async ({
    skip,
  }) => {
    skip(ground().kind === 'pglite', 'the embedded database runs one transaction at a time')
    const connection = await makeConnection(ground())
    const { database } = ground()
    await deliver(ground(), connection, { objectId: 'pi_raced' })
    const [claimed, gate] = [makeGate(), makeGate()]
    const first = withoutScope(database, async (rows) => {
      const claims = await claimObjects(rows, claimWish())
      claimed.open()
      await gate.opened
      return claims
    })
    await claimed.opened
    const delivered = deliver(ground(), connection, { objectId: 'pi_raced', type: 'payment_intent.processing' })

    const second = await claimEverything()
    gate.open()

    expect(second.filter(({ objectId }) => objectId === 'pi_raced')).toEqual([])
    expect(await delivered).toBe('kept')
    expect((await first).filter(({ objectId }) => objectId === 'pi_raced')).toHaveLength(1)
  })

  test('an event that is being processed cannot be replayed, and says why', async () => {
    const connection = await makeConnection(ground())
    await deliver(ground(), connection, { objectId: 'pi_working' })
    await claimEverything()
    const { events } = await listInboxEvents(ground().database, connection.scope)

    const outcome = await replayEvent(ground().database, connection.scope, events[0]?.id ?? '')

    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'inbox_event_in_work', problem: { status: 409 } } })
    expect(await states(connection.scope)).toEqual(['processing'])
  })

  test('stop claims nothing more, and hands back what does not end in time', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    await deliver(ground(), connection, { objectId: 'pi_stuck' })
    const gate = makeGate()
    let reads = 0
    const stuck = reactionsOf(async (id) => {
      if (id === 'pi_stuck') reads += 1
      await gate.opened
      return `stuck ${id}`
    })
    const inbox = start(stuck, { finishWithinMs: 50 })
    await soon(() => expect(reads).toBe(1))

    await inbox.stop()
    await deliver(ground(), connection, { objectId: 'pi_late' })
    inbox.wake()
    gate.open()
    start(reactionsOf())

    await expectSoon(scope, ['done', 'done'])
    const effects = ['stuck pi_stuck', 'pi_stuck', 'pi_late'].map((id) => countEffects(ground(), scope, id))
    expect(await Promise.all(effects)).toEqual([0, 1, 1])
    expect(reads).toBe(1)
  })
})
