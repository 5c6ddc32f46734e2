import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { getInvoice, holdInvoices } from '#billing'
import type { PaymentIntentId } from '#kernel'
import { listAccountBalances } from '#ledger'
import { listFacts, newId, withoutScope } from '#platform'
import { breachesOf } from '#test/databases'
import { eachMoney, type Charging } from '#test/charges'
import { soon } from '#test/soon'
import { settleAll, type IntentNews } from './settle.ts'
import { findPayment, insertPayment } from './store.ts'

eachMoney('payments settled in sets', ({ ground, open }) => {
  let count = 0

  /** A payment the bank is still busy with, and the news that it came through. */
  const underWay = async (charging: Charging, about: { invoiceId?: string; state?: 'processing' | 'failed' } = {}) => {
    const { within, connectionId, rental } = charging
    const number = (count += 1)
    const id = newId(ground().clock)
    const intentId = `pi_set${number}` as PaymentIntentId
    await within((rows) =>
      insertPayment(rows, {
        id,
        renterId: rental.renterId,
        invoiceId: about.invoiceId,
        connectionId,
        method: 'card',
        methodLabel: 'Visa',
        state: about.state ?? 'processing',
        amountMinor: 31_000n,
        currency: 'AUD',
        requestedBy: 'test',
        stripePaymentIntentId: intentId,
      }),
    )
    return { id, news: newsOf(connectionId, number) }
  }
  const newsOf = (connectionId: string, number: number, amountMinor = 31_000n): IntentNews => ({
    connectionId,
    actor: 'stripe',
    observed: {
      id: `pi_set${number}`,
      status: 'succeeded',
      amountMinor,
      amountReceivedMinor: amountMinor,
      currency: 'AUD',
      isLive: false,
      metadata: {},
      charge: {
        id: `ch_set${number}`,
        balanceTransaction: {
          id: `txn_set${number}`,
          amountMinor,
          feeMinor: 100n,
          netMinor: amountMinor - 100n,
          currency: 'AUD',
          feeDetails: [],
        },
      },
    } as unknown as IntentNews['observed'],
  })
  const balances = async ({ within }: Charging) => {
    const found = await within(listAccountBalances)
    return Object.fromEntries(found.map(({ account, balanceMinor }) => [account, balanceMinor]))
  }

  test('PERF-53: a set comes to what its payments come to one after the other, also where two meet in one invoice', async () => {
    const charging = await open({ manual: true })
    const { invoiceId } = await charging.checkOut()
    const first = await underWay(charging, { invoiceId })
    const second = await underWay(charging, { invoiceId, state: 'failed' })
    const loose = await underWay(charging)
    const other = await underWay(charging)
    const set = [
      first.news,
      newsOf(charging.connectionId, 9_999),
      second.news,
      loose.news,
      { ...other.news, observed: { ...other.news.observed, amountMinor: 5n } },
    ]

    const verdicts = await charging.within((rows) => settleAll(rows, set))

    expect(verdicts).toEqual(['done', 'foreign', 'done', 'done', { quarantine: expect.stringContaining('amount') }])
    expect((await charging.within((rows) => getInvoice(rows, invoiceId))).status).toBe('paid')
    const states = await Promise.all(
      [first, second, loose, other].map(({ id }) => charging.within((rows) => findPayment(rows, id))),
    )
    expect(states.map((payment) => payment?.state)).toEqual(['succeeded', 'succeeded', 'succeeded', 'processing'])
    expect(states[0]).toMatchObject({ feeMinor: 100n, methodLabel: 'Visa', stripeChargeId: 'ch_set1' })
    expect(await balances(charging)).toMatchObject({
      stripe_clearing: 92_700n,
      stripe_fees: 300n,
      charges_unsettled: 0n,
      unapplied_payments: -62_000n,
      deposits_held: -20_000n,
      receivable: 0n,
    })
    expect(await breachesOf(ground().database, charging.scope)).toEqual([])
    const before = await balances(charging)
    expect(await charging.within((rows) => settleAll(rows, set.slice(0, 4)))).toEqual([
      'done',
      'foreign',
      'done',
      'done',
    ])
    expect(await balances(charging)).toEqual(before)
    const facts = await charging.within((rows) => listFacts(rows, { payment: first.id }))
    expect(facts.map(({ name }) => name)).toEqual(['payment.settled'])
  })

  test('PERF-53 TRU-134: a set and whoever settles one of it meanwhile do not wait for each other in a circle', async ({
    skip,
  }) => {
    skip(ground().kind === 'pglite', 'the embedded database runs one transaction at a time')
    const charging = await open({ manual: true })
    const { invoiceId } = await charging.checkOut()
    const loose = await underWay(charging)
    const owed = await underWay(charging, { invoiceId })
    const [held, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const alone = charging.within(async (rows) => {
      await holdInvoices(rows, [invoiceId])
      held.resolve()
      await gate.promise
      return settleAll(rows, [owed.news])
    })
    await held.promise

    const set = charging.within((rows) => settleAll(rows, [loose.news, owed.news]))
    await soon(async () => {
      const { rows } = await withoutScope(ground().database, (handle) =>
        sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(handle),
      )
      expect(rows[0]?.count).toBe(1)
    })
    gate.resolve()

    expect(await Promise.all([alone, set])).toEqual([['done'], ['done', 'done']])
    expect(await balances(charging)).toMatchObject({ stripe_clearing: 61_800n, unapplied_payments: -31_000n })
    expect(await breachesOf(ground().database, charging.scope)).toEqual([])
  })
})
