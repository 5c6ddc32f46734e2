import { expect, test } from 'vitest'
import {
  adoptParkedEvents,
  dismissOwnerlessLetter,
  listInboxEvents,
  listOwnerlessLetters,
  replayOwnerless,
} from '#inbox'
import { newToken, withoutScope } from '#platform'
import { eachDatabase } from '#test/databases'
import { eventText, makeConnection, routeAccount, signatureFor, type TestConnection } from '#test/inbox'
import { createReceiver } from './receive.ts'

eachDatabase('news by the endpoints of the installation', {}, (ground) => {
  const installation = { platform: `whsec_${newToken()}`, connect: `whsec_${newToken()}` }
  const receive = (body: string, secret: string) => {
    const { database, box, logs } = ground()
    const receiver = createReceiver({ database, box, logs, installation, onKept: () => {} })
    return receiver.receive({ signature: signatureFor(ground(), { body, secret }), body: Buffer.from(body) })
  }
  const rowOf = (eventId: string) =>
    withoutScope(ground().database, (rows) =>
      rows.selectFrom('app.inbox_events').selectAll().where('event_id', '=', eventId).executeTakeFirst(),
    )
  const connect = (connection: TestConnection) => routeAccount(ground(), connection)
  const list = async ({ scope }: TestConnection) => (await listInboxEvents(ground().database, scope)).events

  test('STR-43, STR-62: a secret of the environment lets news in, and their account says whose they are', async () => {
    const connection = await makeConnection(ground())
    await connect(connection)
    const event = (name: string) => eventText({ id: name, objectId: `pi_${name}`, account: connection.accountId })

    expect(await receive(event('evt_byconnect'), installation.connect)).toBe('kept')
    expect(await receive(event('evt_byplatform'), installation.platform)).toBe('kept')
    expect(await receive(event('evt_byforger'), `whsec_${newToken()}`)).toBe('invalid_signature')

    expect((await list(connection)).map(({ eventId, state }) => [eventId, state]).toSorted()).toEqual([
      ['evt_byconnect', 'received'],
      ['evt_byplatform', 'received'],
    ])
    expect(await rowOf('evt_byconnect')).toMatchObject({
      endpoint: 'connect',
      source_account: connection.accountId,
      connection_id: connection.connectionId,
    })
  })

  test('STR-68: news of an account nobody connected wait for it, and are its own as soon as it is there', async () => {
    const connection = await makeConnection(ground())
    const body = eventText({ id: 'evt_early', objectId: 'pi_early', account: connection.accountId })
    expect(await receive(body, installation.connect)).toBe('kept')
    expect(await rowOf('evt_early')).toMatchObject({
      state: 'parked',
      operator_id: null,
      reason: `Nobody here has connected the account ${connection.accountId} yet.`,
    })
    expect(await list(connection)).toEqual([])

    await adoptParkedEvents(ground().database)
    expect(await rowOf('evt_early')).toMatchObject({ state: 'parked' })
    await connect(connection)
    expect(await adoptParkedEvents(ground().database)).toBe(1)

    expect(await list(connection)).toMatchObject([{ eventId: 'evt_early', state: 'received', objectId: 'pi_early' }])
    expect(await adoptParkedEvents(ground().database)).toBe(0)
  })

  test('STR-68: after 24 hours without an owner they are dead letters', async () => {
    const body = eventText({ id: 'evt_orphan', objectId: 'pi_orphan', account: 'acct_nobodyatall' })
    await receive(body, installation.connect)

    ground().clock.advance(24 * 3_600_000 - 60_000)
    await adoptParkedEvents(ground().database)
    expect(await rowOf('evt_orphan')).toMatchObject({ state: 'parked' })
    ground().clock.advance(120_000)
    await adoptParkedEvents(ground().database)

    expect(await rowOf('evt_orphan')).toMatchObject({
      state: 'dead',
      reason: 'Nobody here has connected the account acct_nobodyatall yet. It was waited for during 24 hours.',
    })
  })

  test('TRU-90: a dead letter of nobody is listed, sent again to whoever connected its account since, or dismissed with a note', async () => {
    const connection = await makeConnection(ground())
    const { database, clock } = ground()
    for (const [id, account] of [
      ['evt_late', connection.accountId],
      ['evt_never', 'acct_neverconnected'],
    ])
      await receive(eventText({ id: id!, objectId: `pi_${id}`, account }), installation.connect)
    clock.advance(25 * 3_600_000)
    await adoptParkedEvents(database)
    const letterOf = async (eventId: string) =>
      (await listOwnerlessLetters(database)).letters.find((letter) => letter.eventId === eventId)
    const [late, never] = [await letterOf('evt_late'), await letterOf('evt_never')]
    expect(never).toMatchObject({ state: 'dead', sourceAccount: 'acct_neverconnected' })
    expect(JSON.stringify(never)).not.toContain('pi_evt_never')

    await connect(connection)
    expect(await replayOwnerless(database, late!.id)).toEqual({ ok: true, value: 'received' })
    expect(await list(connection)).toMatchObject([{ eventId: 'evt_late', state: 'received' }])
    expect(await replayOwnerless(database, late!.id)).toBeUndefined()

    expect(await replayOwnerless(database, never!.id)).toEqual({ ok: true, value: 'parked' })
    expect(await rowOf('evt_never')).toMatchObject({ state: 'parked', operator_id: null })
    clock.advance(25 * 3_600_000)
    await adoptParkedEvents(database)
    const about = { id: never!.id, note: 'Not ours', actor: 'Kim' }
    expect(await dismissOwnerlessLetter(database, about)).toMatchObject({ ok: true })
    expect(await letterOf('evt_never')).toBeUndefined()
    expect(await dismissOwnerlessLetter(database, about)).toBeUndefined()
  })

  test('STR-69: the mode is the event’s own; the other mode of the same account is nobody yet', async () => {
    const connection = await makeConnection(ground(), { mode: 'live' })
    await connect(connection)
    const event = (id: string, livemode: boolean) =>
      eventText({ id, objectId: 'pi_mode', account: connection.accountId, livemode })

    await receive(event('evt_live', true), installation.connect)
    await receive(event('evt_test', false), installation.connect)

    expect((await list(connection)).map(({ eventId }) => eventId)).toEqual(['evt_live'])
    expect(await rowOf('evt_test')).toMatchObject({ state: 'parked', mode: 'test', operator_id: null })
  })

  test('STR-63: an account two workspaces are joined to decides nothing', async () => {
    const one = await makeConnection(ground())
    const two = await makeConnection(ground(), { accountId: one.accountId ?? null })
    await connect(one)
    await connect(two)
    const body = eventText({ id: 'evt_whose', objectId: 'pi_whose', account: one.accountId })

    expect(await receive(body, installation.connect)).toBe('kept')

    expect(await rowOf('evt_whose')).toMatchObject({ state: 'quarantined', operator_id: null })
    expect([await list(one), await list(two)]).toEqual([[], []])
  })

  test('what names no account is about the installation, and an unreadable body is a dead letter', async () => {
    await receive(eventText({ id: 'evt_ours', objectId: 'ba_1', type: 'balance.available' }), installation.platform)
    await receive('[]', installation.platform)

    expect(await rowOf('evt_ours')).toMatchObject({ state: 'ignored_unhandled', source_account: 'platform' })
    const dead = await withoutScope(ground().database, (rows) =>
      rows.selectFrom('app.inbox_events').select('state').where('source_account', '=', 'platform').execute(),
    )
    expect(dead.map(({ state }) => state).toSorted()).toEqual(['dead', 'ignored_unhandled'])
  })
})
