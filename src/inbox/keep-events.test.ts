import { expect, test } from 'vitest'
import { newId, withoutScope, type Database } from '#platform'
import { eachDatabase } from '#test/databases'
import { makeConnection, newEventFor, type TestConnection } from '#test/inbox'
import type { NewEvent } from './arrival.ts'
import { dropOldBodies, keepEvents } from './keep-events.ts'
import { insertMany, insertOne } from './keep-store.ts'

eachDatabase('keeping news', {}, (ground) => {
  const eventFor = (connection: TestConnection, changes: Partial<NewEvent> = {}) =>
    newEventFor(ground(), connection, { body: Buffer.from('{"text": "Ōtautahi \\u0000"}'), ...changes })
  const stored = (database: Database, { scope }: TestConnection) =>
    withoutScope(database, (rows) =>
      rows
        .selectFrom('app.inbox_events as e')
        .innerJoin('app.inbox_bodies as b', 'b.id', 'e.id')
        .select([
          'e.event_id',
          'e.state',
          'e.reason',
          'e.type',
          'e.object_id',
          'e.deliveries',
          'e.via',
          'e.endpoint',
          'b.body',
        ])
        .where('e.operator_id', '=', scope.operatorId)
        .orderBy('e.event_id')
        .execute(),
    )
  const objects = (database: Database, { scope }: TestConnection) =>
    withoutScope(database, (rows) =>
      rows
        .selectFrom('app.inbox_objects')
        .select(['object_kind', 'object_id', 'mode', 'source_account', 'version'])
        .where('operator_id', '=', scope.operatorId)
        .orderBy('object_id')
        .execute(),
    )

  test('PERF-7, PERF-43: the statement for many writes exactly what the statement for one writes', async ({ skip }) => {
    skip(ground().kind === 'pglite', 'the embedded database takes events one by one')
    const { database } = ground()
    const [one, many] = [await makeConnection(ground()), await makeConnection(ground())]
    const draw = (connection: TestConnection) =>
      Array.from({ length: 300 }, (_unused, place) =>
        eventFor(connection, {
          eventId: `evt_${place}`,
          objectId: `pi_${place % 40}`,
          sourceAccount: connection.accountId ?? '',
          ...(place % 7 === 0 && { state: 'ignored_unhandled', reason: `It's nothing, "really" \\ \t.` }),
          body: Buffer.from(`{"place": ${place}, "text": "${'ü€😀\\n'.repeat(place)}"}`),
        }),
      )

    for (const event of draw(one)) await insertOne(database, event)
    await insertMany(
      database,
      draw(many).map((event) => ({ event, times: 1 })),
    )

    expect(await stored(database, many)).toEqual(await stored(database, one))
    const marks = (found: Awaited<ReturnType<typeof objects>>) => found.map(({ object_id, mode }) => [object_id, mode])
    expect(marks(await objects(database, many))).toEqual(marks(await objects(database, one)))
  })

  test('STR-62: the same event many times in one batch is one row that came so often, and one of them is new', async () => {
    const connection = await makeConnection(ground())
    const event = eventFor(connection)
    const copies = (length: number) => Array.from({ length }, () => ({ ...event, id: newId(ground().clock) }))

    const first = await keepEvents(ground().database, copies(5))
    const second = await keepEvents(ground().database, copies(2))

    expect(first.map((outcome) => 'isNew' in outcome && outcome.isNew)).toEqual([true, false, false, false, false])
    expect(second).toMatchObject([{ isNew: false, deliveries: 7 }, { isNew: false }])
    expect(await stored(ground().database, connection)).toMatchObject([{ event_id: event.eventId, deliveries: 7 }])
    expect(await objects(ground().database, connection)).toMatchObject([{ object_id: event.objectId, version: '1' }])
  })

  test('STR-62: in one batch, what is new, what came before and what somebody else has are told apart', async () => {
    const connection = await makeConnection(ground())
    const other = await makeConnection(ground(), { accountId: connection.accountId ?? null })
    const [before, theirs] = [eventFor(connection), eventFor(other, { sourceAccount: connection.accountId ?? '' })]
    await keepEvents(ground().database, [before, theirs])
    const contested = eventFor(connection, { eventId: theirs.eventId })

    const outcomes = await keepEvents(ground().database, [
      eventFor(connection),
      { ...before, id: newId(ground().clock) },
      contested,
      eventFor(connection),
    ])

    expect(outcomes).toEqual([
      { isNew: true, deliveries: 1 },
      { isNew: false, deliveries: 2 },
      { isNew: true, deliveries: 1 },
      { isNew: true, deliveries: 1 },
    ])
    expect(await stored(ground().database, connection)).toHaveLength(4)
    expect(await stored(ground().database, other)).toMatchObject([{ event_id: theirs.eventId, deliveries: 1 }])
  })

  test('PERF-45: one event the database cannot hold fails alone, wherever it stands', async () => {
    const connection = await makeConnection(ground())
    const events = Array.from({ length: 21 }, () => eventFor(connection))
    // A lone surrogate cannot be, but a NUL in a text column is refused by every PostgreSQL.
    const poison = eventFor(connection, { reason: 'no text may hold \u0000' })

    const outcomes = await keepEvents(ground().database, [...events.slice(0, 13), poison, ...events.slice(13)])

    expect(outcomes.map((outcome) => 'error' in outcome).indexOf(true)).toBe(13)
    expect(outcomes.filter((outcome) => 'error' in outcome)).toHaveLength(1)
    expect(await stored(ground().database, connection)).toHaveLength(21)
  })

  test('STR-74: a body is dropped after 90 days, and what became of the event stays', async () => {
    const connection = await makeConnection(ground())
    const { database, clock } = ground()
    const day = 24 * 60 * 60 * 1000
    const aged = (days: number) => {
      const now = () => new Date(clock.now().getTime() - days * day)
      return eventFor(connection, { eventId: `evt_${days}days`, id: newId({ ...clock, now }), receivedAt: now() })
    }
    await keepEvents(database, [aged(91), aged(89)])

    await dropOldBodies(database)

    expect((await stored(database, connection)).map(({ event_id: id }) => id)).toEqual(['evt_89days'])
    const known = await keepEvents(database, [aged(91)])
    expect(known).toMatchObject([{ isNew: false, deliveries: 2 }])
  })

  test('two operators joined to one account, in one batch, each keep their copy', async () => {
    const one = await makeConnection(ground())
    const two = await makeConnection(ground(), { accountId: one.accountId ?? null })
    const event = eventFor(one)

    const outcomes = await keepEvents(ground().database, [
      event,
      eventFor(two, { eventId: event.eventId, sourceAccount: event.sourceAccount }),
    ])

    expect(outcomes).toMatchObject([{ isNew: true }, { isNew: true }])
    expect(await stored(ground().database, one)).toHaveLength(1)
    expect(await stored(ground().database, two)).toHaveLength(1)
  })
})
