import { expect, test } from 'vitest'
import { addDays, type LocalDate } from '#kernel'
import { inScope, listFacts } from '#platform'
import { createSpaces } from '#spaces'
import { breachesOf, eachDatabase, type TestGround } from '#test/databases'
import { checkOut, getInvoice, leaseHandlersOf, makeRental, receive, todayOf, valueOf, type Rental } from '#test/rental'
import { confirmLease } from './confirm-lease.ts'
import { recoverLeases } from './jobs.ts'
import { beginsAt } from './lease.ts'
import { listSpacesWithState } from './space-standing.ts'
import { findLease } from './store.ts'

const hours = (count: number) => count * 3_600_000

test('BIL-13: a first day begins at midnight of the place, an hour later where the clock leaps over it', () => {
  const begin = (startOn: LocalDate, timeZone: string) => beginsAt({ startOn }, { timeZone }).toISOString()
  expect([
    begin('2026-07-01', 'Australia/Sydney'),
    begin('2026-01-15', 'Australia/Sydney'),
    begin('2026-07-01', 'America/New_York'),
    begin('2026-03-29', 'Asia/Beirut'),
  ]).toEqual([
    '2026-06-30T14:00:00.000Z',
    '2026-01-14T13:00:00.000Z',
    '2026-07-01T04:00:00.000Z',
    '2026-03-28T22:00:00.000Z',
  ])
})

eachDatabase('the clock of leases', {}, (ground) => {
  const run = (name: 'leases.release-hold' | 'leases.begin', rental: Rental, id: string) =>
    leaseHandlersOf(ground())[name]({ ...rental.scope, id })
  const see = (rental: Rental, about: { leaseId: string; invoiceId: string }) =>
    inScope(ground().database, rental.scope, async (rows) => ({
      lease: (await findLease(rows, about.leaseId))!.state,
      invoice: (await getInvoice(rows, about.invoiceId)).status,
      space: (await listSpacesWithState(rows))[0]!.standing.state,
      facts: (await listFacts(rows, { lease: about.leaseId })).map(({ name }) => name),
    }))
  const expectBooks = async (rental: Rental) => expect(await breachesOf(ground().database, rental.scope)).toEqual([])
  /** When the queue will run the job of this lease, by the application's clock. */
  const plannedAt = (testGround: TestGround, name: string, leaseId: string) =>
    testGround.database.handle
      .selectFrom('pgboss.job')
      .select('start_after')
      .where('name', '=', name)
      .where('state', '=', 'created')
      .where('singleton_key', 'like', `%${leaseId}`)
      .execute()
      .then((jobs) => jobs.map((job) => new Date(job['start_after'].getTime() + testGround.clock.offsetMs())))

  test('BIL-17: a first payment that never came: after a day the invoice is void, the lease abandoned, the space free', async () => {
    const rental = await makeRental(ground())
    const ids = valueOf(await checkOut(ground(), rental))
    const [planned] = await plannedAt(ground(), 'leases.release-hold', ids.leaseId)
    const untilHeld = planned!.getTime() - ground().clock.now().getTime()
    expect(Math.abs(untilHeld - hours(24))).toBeLessThan(60_000)

    await run('leases.release-hold', rental, ids.leaseId)
    expect(await see(rental, ids)).toMatchObject({ lease: 'awaiting_payment', invoice: 'open', space: 'held' })
    ground().clock.advance(hours(24) + 60_000)
    await run('leases.release-hold', rental, ids.leaseId)
    await run('leases.release-hold', rental, ids.leaseId)

    expect(await see(rental, ids)).toEqual({
      lease: 'abandoned',
      invoice: 'void',
      space: 'available',
      facts: ['agreement.accepted', 'invoice.finalised', 'invoice.voided', 'lease.abandoned'],
    })
    const next = valueOf(await checkOut(ground(), rental))
    expect(next.leaseId).not.toBe(ids.leaseId)
    await expectBooks(rental)
  })

  test('BIL-17: a lease that was paid in time is left alone', async () => {
    const rental = await makeRental(ground())
    const ids = valueOf(await checkOut(ground(), rental))
    await inScope(ground().database, rental.scope, async (rows) => {
      await receive(rows, { invoiceId: ids.invoiceId, renterId: rental.renterId, amountMinor: 31_000n })
      await confirmLease(rows, ids.leaseId)
    })
    ground().clock.advance(hours(25))

    await run('leases.release-hold', rental, ids.leaseId)
    await inScope(ground().database, rental.scope, recoverLeases)

    expect(await see(rental, ids)).toMatchObject({ lease: 'active', invoice: 'paid', space: 'occupied' })
    await expectBooks(rental)
  })

  test('BIL-17: with money on the invoice nothing is voided; the space stays held until a person decides', async () => {
    const rental = await makeRental(ground())
    const ids = valueOf(await checkOut(ground(), rental))
    await inScope(ground().database, rental.scope, (rows) =>
      receive(rows, { invoiceId: ids.invoiceId, renterId: rental.renterId, amountMinor: 1_000n }),
    )
    ground().clock.advance(hours(25))

    await run('leases.release-hold', rental, ids.leaseId)

    expect(await see(rental, ids)).toMatchObject({ lease: 'awaiting_payment', invoice: 'open', space: 'held' })
    await expectBooks(rental)
  })

  test('BIL-13: a reserved lease becomes active at midnight of its first day at the location, once', async () => {
    const rental = await makeRental(ground())
    const startOn = addDays(todayOf(ground()), 2)
    const ids = valueOf(await checkOut(ground(), rental, { startOn }))
    await inScope(ground().database, rental.scope, async (rows) => {
      await receive(rows, { invoiceId: ids.invoiceId, renterId: rental.renterId, amountMinor: 31_000n })
      expect((await confirmLease(rows, ids.leaseId)).state).toBe('reserved')
    })
    const midnight = beginsAt({ startOn }, { timeZone: 'Australia/Sydney' })
    const [planned] = await plannedAt(ground(), 'leases.begin', ids.leaseId)
    expect(Math.abs(planned!.getTime() - midnight.getTime())).toBeLessThan(2_000)

    ground().clock.advance(midnight.getTime() - ground().clock.now().getTime() - 30_000)
    await run('leases.begin', rental, ids.leaseId)
    expect(await see(rental, ids)).toMatchObject({ lease: 'reserved', space: 'reserved' })
    ground().clock.advance(31_000)
    await run('leases.begin', rental, ids.leaseId)
    await run('leases.begin', rental, ids.leaseId)

    const { facts, ...after } = await see(rental, ids)
    expect(after).toEqual({ lease: 'active', invoice: 'paid', space: 'occupied' })
    expect(facts.filter((name) => name.startsWith('lease.'))).toEqual(['lease.reserved', 'lease.started'])
  })

  test('STR-71: what is due is planned again by the recovery when its job got lost', async () => {
    const rental = await makeRental(ground())
    const [other] = await inScope(ground().database, rental.scope, async (rows) =>
      valueOf(await createSpaces(rows, { categoryId: rental.categoryId })),
    )
    const held = valueOf(await checkOut(ground(), rental))
    const soon = valueOf(
      await checkOut(ground(), rental, { spaceId: other!.id, startOn: addDays(todayOf(ground()), 1) }),
    )
    await inScope(ground().database, rental.scope, async (rows) => {
      await receive(rows, { invoiceId: soon.invoiceId, renterId: rental.renterId, amountMinor: 31_000n })
      await confirmLease(rows, soon.leaseId)
    })
    await ground().database.handle.deleteFrom('pgboss.job').execute()
    await inScope(ground().database, rental.scope, recoverLeases)
    expect(await plannedAt(ground(), 'leases.release-hold', held.leaseId)).toEqual([])
    ground().clock.advance(hours(49))

    await inScope(ground().database, rental.scope, recoverLeases)
    await inScope(ground().database, rental.scope, recoverLeases)

    const planned = [
      await plannedAt(ground(), 'leases.release-hold', held.leaseId),
      await plannedAt(ground(), 'leases.begin', soon.leaseId),
    ]
    expect(planned.map(({ length }) => length)).toEqual([1, 1])
  })
})
