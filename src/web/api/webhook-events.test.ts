import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeArrival, keepEvents, parseEvent, type NewEvent } from '#inbox'
import { parseId, type Scope } from '#kernel'
import { newId } from '#platform'
import { openTestApi, type SignedUp, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { eventText } from '#test/inbox'

eachDatabase('the inbox as staff see it', {}, (ground) => {
  let api: TestApi
  let owner: SignedUp
  let scope: Scope
  beforeAll(async () => {
    api = await openTestApi(ground())
    owner = await api.signUp()
    scope = await scopeOf(owner)
  })
  afterAll(() => api.stop())

  const scopeOf = async ({ slug }: SignedUp): Promise<Scope> => {
    const found = await ground()
      .database.handle.selectFrom('app.operators')
      .select('id')
      .where('slug', '=', slug)
      .executeTakeFirstOrThrow()
    return { operatorId: found.id, mode: 'test' }
  }

  /** As the receiver keeps it, without its signature. */
  const keep = async (wish: { objectId: string; type?: string; text?: string; to?: Scope } & Partial<NewEvent>) => {
    const {
      objectId,
      type = 'payment_intent.succeeded',
      text = eventText({ objectId, type }),
      to = scope,
      ...more
    } = wish
    const { database, clock } = ground()
    const connectionId = newId(clock)
    const event = parseEvent(Buffer.from(text))
    const kept: NewEvent = {
      ...judgeArrival(event, { ...to, connectionId, accountId: 'acct_seen' }),
      id: newId(clock),
      sourceAccount: 'acct_seen',
      operatorId: to.operatorId,
      mode: to.mode,
      connectionId,
      endpoint: 'own',
      eventId: event?.eventId ?? `evt_unreadable_${newId(clock).replaceAll('-', '')}`,
      type: event?.type ?? 'unreadable',
      apiVersion: '',
      via: 'delivery',
      receivedAt: clock.now(),
      body: Buffer.from(text),
      ...more,
    }
    await keepEvents(database, [kept])
    return `ibx_${kept.id.replaceAll('-', '')}`
  }
  const address = (path: string, { slug } = owner) =>
    `/api/v1/w/${slug}/webhooks${path}${path.includes('?') ? '&' : '?'}mode=test`
  const get = async (path: string) => (await owner.visitor.call(address(path))).body
  const ids = async (query: string) => (await get(`/events?${query}`)).rows.map(({ objectId }: any) => objectId)

  test('UI-153 the list is found by state, type, object, event, endpoint, way and day, the newest first, with its count', async () => {
    await keep({ objectId: 'pi_listed' })
    await keep({
      objectId: 'cus_listed',
      type: 'customer.created',
      text: eventText({ objectId: 'cus_listed', objectKind: 'customer', type: 'customer.created' }),
    })
    const polled = await keep({ objectId: 'pi_polled', via: 'poll', endpoint: 'platform' })
    const { eventId } = await get(`/events/${polled}`)

    expect(await ids('limit=3')).toEqual(['pi_polled', 'cus_listed', 'pi_listed'])
    expect(await ids('state=ignored')).toEqual(['cus_listed'])
    expect(await ids('state=waiting&limit=1')).toEqual(['pi_polled'])
    expect(await ids('type=customer.created')).toEqual(['cus_listed'])
    expect(await ids('object=pi_listed')).toEqual(['pi_listed'])
    expect(await ids(`object=${eventId}`)).toEqual(['pi_polled'])
    expect(await ids('via=poll')).toEqual(['pi_polled'])
    expect(await ids('endpoint=platform')).toEqual(['pi_polled'])
    expect(await ids('endpoint=con_00000000000000000000000000000001')).toEqual([])
    // The operator lives in Sydney, where the day begins ten or eleven hours earlier.
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Australia/Sydney' }).format(ground().clock.now())
    expect(await ids(`from=${day}&to=${day}`)).toHaveLength(3)
    expect(await ids('to=2020-01-01')).toEqual([])
    expect((await get('/events?limit=2')).count).toBe(3)
    expect((await owner.visitor.call(address('/events?state=lost'))).status).toBe(422)
    expect((await owner.visitor.call(address('/events?from=2026-13-01'))).status).toBe(422)
  })

  test('UI-154 dead letters are counted by reason and sent through the road again, one reason at a time', async () => {
    const first = await keep({ objectId: 'pi_poison', state: 'dead', reason: 'A poison event.' })
    await keep({ objectId: 'pi_poison2', state: 'dead', reason: 'A poison event.' })
    const other = await keep({ objectId: 'pi_gone', state: 'dead', reason: 'Stripe does not know it.' })
    expect(await get('/health')).toMatchObject({
      dead: 3,
      deadReasons: [
        { reason: 'A poison event.', count: 2 },
        { reason: 'Stripe does not know it.', count: 1 },
      ],
    })

    const replayed = await owner.visitor.post(address('/events/replay-dead'), { reason: 'A poison event.' })

    expect(replayed.body).toEqual({ replayed: 2, hasMore: false })
    expect(await get(`/events/${first}`)).toMatchObject({ state: 'received', via: 'replay', attempts: 0 })
    expect(await get(`/events/${other}`)).toMatchObject({ state: 'dead' })
    expect(await get('/health')).toMatchObject({ dead: 1 })
    expect((await owner.visitor.post(address('/events/replay-dead'), {})).body).toEqual({ replayed: 1, hasMore: false })
  })

  test('UI-154 a dead letter is dismissed with a note, counts no longer, and a replay takes the note back', async () => {
    const id = await keep({ objectId: 'pi_dismissed', state: 'dead', reason: 'Nobody knows.' })
    const fine = await keep({ objectId: 'pi_fine' })

    expect((await owner.visitor.post(address(`/events/${id}/dismiss`), { note: '  ' })).status).toBe(422)
    const dismissed = await owner.visitor.post(address(`/events/${id}/dismiss`), { note: 'Sent by a test' })
    const refused = await owner.visitor.post(address(`/events/${fine}/dismiss`), { note: 'Why not' })

    expect(dismissed.body).toMatchObject({
      state: 'dismissed',
      stateLabel: 'Dismissed',
      dismissed: { note: 'Sent by a test', by: 'Ada Quill' },
    })
    expect(refused).toMatchObject({ status: 409, body: { code: 'inbox_event_not_dead' } })
    expect(await get('/health')).toMatchObject({ dead: 0, deadReasons: [] })
    expect([await ids('state=dead'), await ids('state=dismissed')]).toEqual([[], ['pi_dismissed']])
    const replayed = await owner.visitor.post(address(`/events/${id}/replay`))
    expect(replayed.body).toMatchObject({ state: 'received' })
    expect(replayed.body.dismissed).toBeUndefined()
    const log = await owner.visitor.call(`/api/v1/w/${owner.slug}/audit?mode=test&kind=event`)
    const actions = log.body.rows.slice(0, 2).map(({ action }: { action: string }) => action)
    expect(actions).toEqual(['event.replayed', 'event.dismissed'])
  })

  test('UI-155 the health counts the hours, what waits and since when', async () => {
    const health = await get('/health')

    expect(health.hours).toHaveLength(24)
    expect(health.hours.reduce((sum: number, { events }: any) => sum + events, 0)).toBe((await get('/events')).count)
    expect(health).toMatchObject({ retrying: 0, parked: 0, quarantined: 0, now: expect.any(String) })
    expect(health.waiting).toBeGreaterThan(0)
    expect(Date.parse(health.oldestWaitingAt)).toBeLessThanOrEqual(Date.parse(health.now))
  })

  test('UI-153 what is too old to be kept as it was sent says so, and cannot be replayed', async () => {
    const id = await keep({ objectId: 'pi_old' })
    const { payload } = await get(`/events/${id}`)
    await sql`delete from app.inbox_bodies where id = ${parseId('inboxEvent', id)}`.execute(ground().database.handle)

    const later = await get(`/events/${id}`)

    expect(payload).toContain('pi_old')
    expect(later).toMatchObject({ objectId: 'pi_old' })
    expect(later.payload).toBeUndefined()
    expect((await owner.visitor.post(address(`/events/${id}/replay`))).status).toBe(404)
  })

  test('UI-153 Stripe is asked only where there is an account to ask', async () => {
    const id = await keep({ objectId: 'pi_asked' })

    const asked = await owner.visitor.call(address(`/events/${id}/at-stripe`))

    expect(asked).toMatchObject({ status: 409, body: { code: 'inbox_object_not_askable' } })
  })

  test('TRU-50 of another operator’s events nothing is seen and nothing is done', async () => {
    const other = await api.signUp()
    const id = await keep({ objectId: 'pi_mine', state: 'dead', reason: 'Mine.' })
    const asOther = (path: string) => address(path, other)

    const answers = [
      await other.visitor.call(asOther(`/events/${id}`)),
      await other.visitor.call(asOther(`/events/${id}/at-stripe`)),
      await other.visitor.post(asOther(`/events/${id}/replay`)),
      await other.visitor.post(asOther(`/events/${id}/dismiss`), { note: 'Not mine' }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await other.visitor.call(asOther('/events'))).body).toMatchObject({ rows: [], count: 0 })
    expect((await other.visitor.call(asOther('/health'))).body).toMatchObject({ dead: 0, deadReasons: [] })
    expect((await other.visitor.post(asOther('/events/replay-dead'), {})).body.replayed).toBe(0)
    expect(await get(`/events/${id}`)).toMatchObject({ state: 'dead' })
  })
})
