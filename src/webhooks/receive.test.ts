import { expect, test, vi } from 'vitest'
import type { Scope } from '#kernel'
import { inScope, withoutScope } from '#platform'
import { findConnection, pasteWebhookSecret } from '#connections'
import { eachDatabase } from '#test/databases'
import { deliver, eventText, makeConnection, makeReceiver, signatureFor } from '#test/inbox'
import { soon } from '#test/soon'
import { findInboxEvent, listInboxEvents } from '#inbox'

eachDatabase('what is kept of a delivery', {}, (ground) => {
  const list = async (scope: Scope) => (await listInboxEvents(ground().database, scope)).events
  const only = async (scope: Scope) => {
    const events = await list(scope)
    expect(events).toHaveLength(1)
    return events[0] as (typeof events)[number]
  }

  test('STR-62: one row with the raw bytes, under the account of the connection', async () => {
    const connection = await makeConnection(ground())
    const body = eventText({ id: 'evt_kept', objectId: 'pi_kept', api_version: '2023-08-16' })

    expect(await deliver(ground(), connection, body)).toBe('kept')

    const event = await only(connection.scope)
    expect(event).toMatchObject({
      eventId: 'evt_kept',
      type: 'payment_intent.succeeded',
      objectKind: 'payment_intent',
      objectId: 'pi_kept',
      sourceAccount: connection.accountId,
      via: 'delivery',
      deliveries: 1,
    })
    expect((await findInboxEvent(ground().database, connection.scope, event.id))?.payload).toBe(body)
  })

  test('STR-113, TRU-124: a hundred copies at once make one row, each of them is acknowledged, one wakes the loop', async () => {
    const connection = await makeConnection(ground())
    const onKept = vi.fn<() => void>()
    const receiver = makeReceiver(ground(), onKept)
    const body = eventText({ objectId: 'pi_hundred' })
    const delivery = {
      endpointToken: connection.endpointToken,
      signature: signatureFor(ground(), { body, secret: connection.secret }),
      body: Buffer.from(body),
    }

    const receipts = await Promise.all(Array.from({ length: 100 }, () => receiver.receive(delivery)))

    expect(receipts).toEqual(Array.from({ length: 100 }, () => 'kept'))
    expect(await only(connection.scope)).toMatchObject({ deliveries: 100 })
    expect(onKept).toHaveBeenCalledTimes(1)
  })

  test('PERF-93: what is practised goes the whole road, and nothing of it stays', async ({ skip }) => {
    const { database, kind } = ground()
    if (kind === 'pglite') return skip('the embedded database has one connection, which others need meanwhile')
    const onKept = vi.fn<() => void>()
    const receiver = makeReceiver(ground(), onKept)
    const eventIds = Array.from({ length: 20 }, (_, place) => `evt_practised_${place}`)
    const signed = (id: string, secret: string) => {
      const body = eventText({ id, objectId: 'pi_practised', account: 'acct_of_nobody' })
      return { signature: signatureFor(ground(), { body, secret }), body: Buffer.from(body) }
    }
    const kept = () =>
      withoutScope(database, (rows) =>
        rows.selectFrom('app.inbox_events').select('id').where('event_id', 'in', eventIds).execute(),
      )
    let drawn = ''

    await receiver.practise(async ({ secret, receivers: [practised = receiver] }) => {
      drawn = secret
      const receipts = await Promise.all(eventIds.map((id) => practised.receive(signed(id, secret))))
      expect(new Set(receipts)).toEqual(new Set(['kept']))
      expect(await practised.receive(signed('evt_practised_0', `whsec_${drawn}`))).toBe('invalid_signature')
    })

    expect(await receiver.receive(signed('evt_practised_1', drawn))).toBe('invalid_signature')
    expect(await kept()).toEqual([])
    expect(onKept).not.toHaveBeenCalled()
    const connection = await makeConnection(ground())
    expect(await deliver(ground(), connection, { objectId: 'pi_real' })).toBe('kept')
    expect(await only(connection.scope)).toMatchObject({ objectId: 'pi_real' })
  })

  test('STR-69, STR-118: an event of the other mode is kept and ignored', async () => {
    const connection = await makeConnection(ground(), { mode: 'live' })
    expect(await deliver(ground(), connection, { objectId: 'pi_test' })).toBe('kept')

    expect(await only(connection.scope)).toMatchObject({
      state: 'ignored_mode',
      reason: 'It is a test event, sent to the endpoint of live mode.',
    })
  })

  test('STR-63, STR-118: metadata of another operator is quarantined, and nobody else sees it', async () => {
    const connection = await makeConnection(ground())
    const other = await makeConnection(ground())
    const object = { id: 'pi_odd', object: 'payment_intent', metadata: { rentroll_operator: other.scope.operatorId } }

    await deliver(ground(), connection, { objectId: 'pi_odd', data: { object } })

    expect(await only(connection.scope)).toMatchObject({ state: 'quarantined' })
    expect(await list(other.scope)).toEqual([])
    expect(ground().logLines.some((line) => line.includes('needs a person') && line.includes('quarantined'))).toBe(true)
  })

  test.each(['null', '[]', '7', '{}', '{"id":"evt_1"', '\uFEFF{}', '['.repeat(40) + ']'.repeat(40)])(
    'STR-55, STR-146: the signed body %s is kept as a dead letter, once',
    async (body) => {
      const connection = await makeConnection(ground())

      expect(await deliver(ground(), connection, body)).toBe('kept')
      expect(await deliver(ground(), connection, body)).toBe('kept')

      const event = await only(connection.scope)
      expect(event).toMatchObject({
        state: 'dead',
        type: 'unreadable',
        deliveries: 2,
        reason: expect.stringMatching(/^Unreadable/),
      })
      expect((await findInboxEvent(ground().database, connection.scope, event.id))?.payload).toContain(
        body.replace('\uFEFF', ''),
      )
    },
  )

  test('the owner of one secret cannot touch the events of an account that is not theirs', async () => {
    const owner = await makeConnection(ground())
    const stranger = await makeConnection(ground())
    const forged = { id: 'evt_contested', objectId: 'pi_contested', account: owner.accountId }

    await deliver(ground(), stranger, forged)
    await deliver(ground(), owner, { id: 'evt_contested', objectId: 'pi_contested' })

    expect(await only(stranger.scope)).toMatchObject({
      state: 'ignored_foreign',
      sourceAccount: `own:${stranger.connectionId}`,
    })
    expect(await only(owner.scope)).toMatchObject({
      sourceAccount: owner.accountId,
      objectId: 'pi_contested',
      deliveries: 1,
    })
  })

  test('two operators joined to one Stripe account each keep their own copy', async () => {
    const one = await makeConnection(ground())
    const two = await makeConnection(ground(), { accountId: one.accountId ?? null })
    for (const connection of [one, two, two])
      await deliver(ground(), connection, { id: 'evt_shared', objectId: 'pi_shared' })

    expect(await only(one.scope)).toMatchObject({ eventId: 'evt_shared', deliveries: 1 })
    expect(await only(two.scope)).toMatchObject({ eventId: 'evt_shared', deliveries: 2 })
  })

  test('a key that may not read its account still has its events kept', async () => {
    const connection = await makeConnection(ground(), { accountId: null })
    await deliver(ground(), connection, { objectId: 'pi_unknown' })

    expect(await only(connection.scope)).toMatchObject({ sourceAccount: `own:${connection.connectionId}` })
  })

  test('STR-52, STR-146: another endpoint’s secret is refused at an own address and accepted at the shared one', async () => {
    const connection = await makeConnection(ground(), { isShared: true })
    const other = await makeConnection(ground())
    const receiver = makeReceiver(ground())
    const body = eventText({ objectId: 'pi_shared_address' })
    const signature = signatureFor(ground(), { body, secret: connection.secret })
    const at = (address: { endpointToken?: string }) =>
      receiver.receive({ ...address, signature, body: Buffer.from(body) })

    expect(await at({ endpointToken: other.endpointToken })).toBe('invalid_signature')
    expect(await at({ endpointToken: 'made-up' })).toBe('invalid_signature')
    expect(await at({})).toBe('kept')

    expect(await list(other.scope)).toEqual([])
    expect(await only(connection.scope)).toMatchObject({ objectId: 'pi_shared_address' })
  })

  test('STR-58, STR-146: after a new secret the old one works for 24 hours and not a second longer', async () => {
    const connection = await makeConnection(ground())
    const fresh = { ...connection, secret: `${connection.secret}New` }
    await inScope(ground().database, connection.scope, (rows) =>
      pasteWebhookSecret(rows, ground().box, { webhookSecret: fresh.secret, actor: 'test' }),
    )
    const pastedAt = ground().clock.now().getTime()
    const turnTo = (milliseconds: number) =>
      ground().clock.advance(Math.max(0, pastedAt + milliseconds - ground().clock.now().getTime()))

    expect(await deliver(ground(), connection, { objectId: 'pi_old' })).toBe('kept')
    turnTo(24 * 3_600_000 - 30_000)
    expect(await deliver(ground(), connection, { objectId: 'pi_last' })).toBe('kept')
    turnTo(24 * 3_600_000)
    expect(await deliver(ground(), connection, { objectId: 'pi_late' })).toBe('invalid_signature')
    expect(await deliver(ground(), fresh, { objectId: 'pi_new' })).toBe('kept')
  })

  test('STR-47: the connection learns of its first verified delivery, and of refused ones', async () => {
    const connection = await makeConnection(ground())
    const look = () =>
      inScope(ground().database, connection.scope, (rows) => findConnection(rows, connection.connectionId))

    expect(
      await deliver(ground(), { ...connection, secret: 'whsec_not_the_right_one_at_all' }, { objectId: 'pi_1' }),
    ).toBe('invalid_signature')
    await soon(async () => expect((await look())?.webhookLastRefusedAt).toBeInstanceOf(Date))
    expect((await look())?.webhookFirstVerifiedAt).toBeNull()
    await deliver(ground(), connection, { objectId: 'pi_1' })

    expect((await look())?.webhookFirstVerifiedAt).toBeInstanceOf(Date)
  })

  test('ARC-25: the list pages by key, newest first, and filters by state', async () => {
    const connection = await makeConnection(ground())
    const { scope } = connection
    for (const number of [1, 2, 3, 4, 5])
      await deliver(ground(), connection, {
        objectId: `du_${number}`,
        objectKind: 'dispute',
        type: 'charge.dispute.created',
      })
    await deliver(ground(), connection, 'null')

    const read = (after?: string) =>
      listInboxEvents(ground().database, scope, { limit: 2, after, filter: { group: 'ignored' } })
    const first = await read()
    const second = await read(first.next)
    const third = await read(second.next)

    expect([first, second, third].map(({ events }) => events.map(({ objectId }) => objectId))).toEqual([
      ['du_5', 'du_4'],
      ['du_3', 'du_2'],
      ['du_1'],
    ])
    expect(third.next).toBeUndefined()
    expect(first.events[0]?.reason).toBe('Disputes are not processed here yet. Answer them in Stripe.')
  })
})
