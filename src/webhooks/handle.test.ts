import { afterEach, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { recordFact } from '#platform'
import { StripeFault } from '#stripe'
import { eachDatabase } from '#test/databases'
import { countEffects, deliver, effectOnce, makeConnection, reactionsOf } from '#test/inbox'
import { soon } from '#test/soon'
import { findInboxEvent, listInboxEvents, replayEvent, type Reactions } from '#inbox'
import { startInbox, type Inbox } from './start-inbox.ts'

const hour = 3_600_000

eachDatabase('what an event can come to', {}, (ground) => {
  let inbox: Inbox | undefined

  afterEach(async () => {
    await inbox?.stop()
    inbox = undefined
  })

  const start = (reactions: Reactions) => {
    const { database, logs } = ground()
    inbox = startInbox({ database, logs, reactions, isOnlyProcess: false })
    return inbox
  }

  const list = async (scope: Scope) => (await listInboxEvents(ground().database, scope)).events
  const about = async (scope: Scope, objectId: string) => {
    const event = (await list(scope)).find((one) => one.objectId === objectId)
    if (!event) throw new Error(`there is no event about ${objectId}`)
    return event
  }
  const expectSoon = (scope: Scope, objectId: string, expected: object) =>
    soon(async () => expect(await about(scope, objectId)).toMatchObject(expected))

  test('STR-66: when the effect fails nothing of it stays, and the event is tried again; no secret stands in the reason', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    start(
      reactionsOf(undefined, async (rows, _connectionId, observed) => {
        await recordFact(rows, { name: 'payment.settled', ids: { payment: observed } })
        throw new Error('the books do not balance; the key was sk_test_51abcdefghijkl')
      }),
    )
    await deliver(ground(), connection, { objectId: 'pi_half' })

    await expectSoon(scope, 'pi_half', {
      state: 'retry',
      attempts: 1,
      reason: 'It could not be processed (the books do not balance; the key was sk_test_••••).',
    })
    expect(await countEffects(ground(), scope, 'pi_half')).toBe(0)
  })

  test('STR-67, STR-63: foreign objects are ignored, contradicting ones quarantined, each with its reason', async () => {
    const connection = await makeConnection(ground())
    start(
      reactionsOf(undefined, async (_rows, _connectionId, observed) =>
        observed === 're_odd' ? { quarantine: 'It names another workspace.' } : 'foreign',
      ),
    )
    await deliver(ground(), connection, { objectId: 'pi_foreign' })
    await deliver(ground(), connection, { objectId: 're_odd', objectKind: 'refund', type: 'refund.created' })

    await expectSoon(connection.scope, 'pi_foreign', {
      state: 'ignored_foreign',
      reason: 'It is about something that was not made by Rentroll.',
      stateWords: 'Ignored: it is about something not made by Rentroll',
    })
    await expectSoon(connection.scope, 're_odd', { state: 'quarantined', reason: 'It names another workspace.' })
    expect(await countEffects(ground(), connection.scope, 're_odd')).toBe(0)
  })

  test('STR-68, STR-117: news of something we do not have yet is parked and applied when it is here', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    let isHere = false
    start(
      reactionsOf(undefined, async (rows, connectionId, observed) =>
        isHere ? effectOnce(rows, connectionId, observed) : { park: 'The payment is not here yet.' },
      ),
    )
    await deliver(ground(), connection, { objectId: 'pi_early' })
    await expectSoon(scope, 'pi_early', { state: 'parked', attempts: 0, reason: 'The payment is not here yet.' })
    const { nextAttemptAt, receivedAt } = await about(scope, 'pi_early')
    expect(nextAttemptAt.getTime() - receivedAt.getTime()).toBe(15_000)

    isHere = true
    ground().clock.advance(15_000)

    await expectSoon(scope, 'pi_early', { state: 'done', attempts: 1, reason: '' })
    expect(await countEffects(ground(), scope, 'pi_early')).toBe(1)
  })

  test('STR-68: what stays parked for 72 hours is given up', async () => {
    const connection = await makeConnection(ground())
    await deliver(ground(), connection, { objectId: 'pi_never' })
    ground().clock.advance(72 * hour)

    start(reactionsOf(undefined, async () => ({ park: 'The payment is not here yet.' })))

    const reason = 'The payment is not here yet. It was waited for during 72 hours.'
    await expectSoon(connection.scope, 'pi_never', { state: 'dead', reason })
    expect(ground().logLines.some((line) => line.includes('needs a person') && line.includes('pi_never'))).toBe(true)
  })

  test('STR-70: silence of Stripe uses up no attempt, and the event is applied when Stripe answers again', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    let isSilent = true
    await deliver(ground(), connection, { objectId: 'pi_silent' })
    const { wake } = start(
      reactionsOf(async (id) => {
        if (!isSilent) return id
        throw new StripeFault({
          kind: 'network',
          operation: 'payment_intents.retrieve',
          isWrite: false,
          message: 'none',
        })
      }),
    )
    for (let visit = 1; visit <= 10; visit += 1) {
      await soon(async () => {
        const { nextAttemptAt } = await about(scope, 'pi_silent')
        expect(nextAttemptAt.getTime()).toBeGreaterThan(ground().clock.now().getTime())
      })
      expect(await about(scope, 'pi_silent')).toMatchObject({
        state: 'retry',
        attempts: 0,
        reason: 'Stripe could not be reached.',
      })
      ground().clock.advance(11 * 60_000)
      wake()
    }

    isSilent = false
    ground().clock.advance(11 * 60_000)
    wake()

    await expectSoon(scope, 'pi_silent', { state: 'done', attempts: 1 })
  })

  test('TRU-192: a poison event waits alone, eight times, then is given up; others wait for nothing', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    const { wake } = start(
      reactionsOf(async (id) => {
        if (id === 'pi_poison') throw new Error('cannot be read')
        return id
      }),
    )
    // What ends while time stands has waited for none of it.
    ground().clock.standAt(ground().clock.now())
    await deliver(ground(), connection, { objectId: 'pi_poison' })
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await deliver(ground(), connection, { objectId: `pi_clean${attempt}` })
      wake()
      await expectSoon(scope, `pi_clean${attempt}`, { state: 'done' })
      await expectSoon(scope, 'pi_poison', { state: attempt === 8 ? 'dead' : 'retry', attempts: attempt })
      ground().clock.advance(6 * hour)
    }
    ground().clock.flow()

    expect((await about(scope, 'pi_poison')).reason).toBe(
      'It could not be processed (cannot be read). It was tried 8 times.',
    )
  })

  test('an object Stripe does not know is tried again and says so', async () => {
    const connection = await makeConnection(ground())
    start(reactionsOf(async () => undefined))
    await deliver(ground(), connection, {
      objectId: 'seti_gone',
      objectKind: 'setup_intent',
      type: 'setup_intent.succeeded',
    })

    const reason = 'Stripe does not know the setup intent seti_gone in this account.'
    await expectSoon(connection.scope, 'seti_gone', { state: 'retry', reason })
    expect((await about(connection.scope, 'seti_gone')).finishedAt).toBeUndefined()
  })

  test('STR-70: Replay runs a dead event again, by the same road and with one effect, for its own operator alone', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    const { database } = ground()
    let isBroken = true
    const { wake } = start(
      reactionsOf(async (id) => {
        if (isBroken) throw new Error('cannot be read')
        return id
      }),
    )
    await deliver(ground(), connection, { objectId: 'pi_again' })
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      wake()
      await expectSoon(scope, 'pi_again', { state: attempt === 8 ? 'dead' : 'retry', attempts: attempt })
      ground().clock.advance(6 * hour)
    }
    const { id } = await about(scope, 'pi_again')

    isBroken = false
    for (let press = 1; press <= 2; press += 1) {
      expect(await replayEvent(database, scope, id)).toEqual({ ok: true, value: 'received' })
      wake()
      await expectSoon(scope, 'pi_again', { state: 'done', via: 'replay', attempts: 1 })
    }

    expect(await countEffects(ground(), scope, 'pi_again')).toBe(1)
    const stranger = (await makeConnection(ground())).scope
    expect(await replayEvent(database, stranger, id)).toBeUndefined()
    expect(await findInboxEvent(database, stranger, id)).toBeUndefined()
    expect(await findInboxEvent(database, { ...scope, mode: 'live' }, id)).toBeUndefined()
    expect(await findInboxEvent(database, scope, id)).toMatchObject({ payload: expect.stringContaining('"pi_again"') })
  })
})
