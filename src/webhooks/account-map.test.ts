import { expect, test } from 'vitest'
import { readAccountPlaces } from '#connections'
import { parseEvent } from '#inbox'
import { eachDatabase } from '#test/databases'
import { eventText, makeConnection, routeAccount, type TestConnection } from '#test/inbox'
import { createAccountMap } from './account-map.ts'

eachDatabase('whose an account is', {}, (ground) => {
  const connected = async (changes: Parameters<typeof makeConnection>[1] = {}) => {
    const connection = await makeConnection(ground(), changes)
    await routeAccount(ground(), connection)
    return connection
  }
  const newsOf = ({ accountId, scope }: TestConnection) =>
    parseEvent(Buffer.from(eventText({ objectId: 'pi_1', account: accountId, livemode: scope.mode === 'live' })))
  const placeOf = ({ scope: { operatorId }, connectionId }: TestConnection) =>
    expect.objectContaining({ place: expect.objectContaining({ operatorId, connectionId }) })

  test('PERF-47: the first question is about all there are, so nobody asks for the second', async () => {
    const [one, other] = [await connected(), await connected({ mode: 'live' })]
    const map = createAccountMap(ground().database)
    expect([map.known(newsOf(one)), map.known(newsOf(other))]).toEqual([undefined, undefined])

    expect(await map.find(newsOf(one))).toEqual(placeOf(one))

    expect([map.known(newsOf(one)), map.known(newsOf(other))]).toEqual([placeOf(one), placeOf(other)])
  })

  test('PERF-47: who was connected since is found at once, and all are asked for anew', async () => {
    const first = await connected()
    const map = createAccountMap(ground().database)
    await map.find(newsOf(first))
    const [second, third] = [await connected(), await connected()]
    expect([map.known(newsOf(second)), map.known(newsOf(third))]).toEqual([undefined, undefined])

    expect(await map.find(newsOf(second))).toEqual(placeOf(second))
    expect(map.known(newsOf(third))).toBeUndefined()
    expect(await map.find(newsOf(third))).toEqual(placeOf(third))
  })

  test('PERF-47: that nobody has it is remembered, and nothing is asked where no account is named', async () => {
    const stranger = { ...(await makeConnection(ground())), accountId: 'acct_of_a_stranger' }
    const map = createAccountMap(ground().database)

    expect(await map.find(newsOf(stranger))).toEqual({ place: undefined, until: expect.any(Number) })
    expect(map.known(newsOf(stranger))).toMatchObject({ place: undefined })
    expect(map.known(undefined)).toEqual({ place: undefined })
  })

  test('STR-63, STR-69: of all accounts, two owners are nobody, and a mode knows nothing of the other', async () => {
    const one = await connected()
    const shared = await connected()
    await routeAccount(ground(), { ...(await makeConnection(ground())), accountId: shared.accountId })
    const places = await readAccountPlaces(ground().database, 1_000)

    expect(places?.of(one.accountId ?? '', 'test')).toMatchObject({ connectionId: one.connectionId })
    expect(places?.of(one.accountId ?? '', 'live')).toBeUndefined()
    expect(places?.of(shared.accountId ?? '', 'test')).toBe('several')
  })

  test('PERF-47: where there are more than fit in the memory, they are asked for one by one', async () => {
    await connected()
    await connected()
    expect(await readAccountPlaces(ground().database, 1)).toBeUndefined()

    const last = await connected()
    const map = createAccountMap(ground().database, { mostReadAhead: 1 })
    expect(await map.find(newsOf(last))).toEqual(placeOf(last))
    expect(map.known(newsOf(last))).toEqual(placeOf(last))
  })
})
