import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { cards, eachMoney, type Charging } from '#test/charges'
import { refundsOf } from '#test/refunds'
import { codeOf, valueOf } from '#test/rental'
import { changeWaiting, type RefundDecision } from './change-waiting.ts'
import { onStripeBalance } from './on-balance.ts'

const minute = 60_000

eachMoney('refunds that wait for funds', (parts) => {
  const { ground, sandbox, calm } = parts
  const { paid, find, all, since } = refundsOf(parts)

  /** Its owner pays out everything, so that no refund finds funds (SBX-94). */
  const empty = async (variant: 'pend' | 'reject' = 'pend') => {
    if (isProvoked) await sandbox().control('/troubles/refund_too_large/undo')
    isProvoked = true
    const { accountId: account } = sandbox().keysOf()
    await sandbox().control('/troubles/refund_too_large', { account, mode: 'test', variant })
  }
  let isProvoked = false
  const topUp = async (amountMinor: number) => {
    await sandbox().control('/funds', { account: sandbox().keysOf().accountId, amountMinor, currency: 'aud' })
    await sandbox().sandbox.stripe.runDue()
  }
  const decide = (charging: Charging, refundId: string, decision: RefundDecision) =>
    charging.within((rows) => changeWaiting(rows, { refundId, decision, actor: 'test' }))
  const send = async (charging: Charging, ...ids: readonly string[]) => {
    for (const id of ids) await charging.run('refunds.send', id)
  }
  const short = () => paid(cards.good, { funds: false })
  /** A paid invoice, an empty balance, and a refund of 300.00 that waits: the payment itself brings 304.27. */
  const waiting = async (variant: 'pend' | 'reject' = 'pend') => {
    const set = await short()
    await empty(variant)
    const id = await set.refunded(30_000n)
    await send(set.charging, id)
    return { ...set, id }
  }
  beforeEach(calm)

  test('STR-109: larger than the balance it waits, with what is missing and Stripe’s own date; nothing has left', async () => {
    const { charging, id, before } = await waiting()

    const [transaction] = charging.atStripe().transactions
    expect(await find(charging, id)).toMatchObject({
      state: 'waiting_funds',
      funds: { availableMinor: 0n, aheadMinor: 0n, expectedAt: new Date(transaction.available_on * 1000) },
    })
    expect(charging.atStripe().refunds).toEqual([])
    expect((await since(charging, before)).filter((line) => line.startsWith('P18'))).toContain(
      'P18 refunds_in_flight -30000',
    )
    expect(await jobsOf(charging, id)).toEqual(expect.arrayContaining(['hour', 'on', 'before']))
    await charging.expectAgreement()
  })

  test('STR-109 H26: when funds arrive it is sent once, however often and by however many that is noticed', async () => {
    const { charging, id } = await waiting()
    const onBalance = onStripeBalance()
    await topUp(40_000)
    const told = () => charging.within((rows) => onBalance.apply(rows, charging.connectionId, true))
    expect(await Promise.all([told(), told(), told()])).toEqual(['done', 'done', 'done'])
    expect(await jobsOf(charging, id)).toEqual(expect.arrayContaining(['funds']))

    await Promise.allSettled([send(charging, id), send(charging, id), send(charging, id)])
    await send(charging, id)

    expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
    expect(charging.atStripe().refunds).toMatchObject([{ amount: 30_000, status: 'succeeded' }])
    await charging.expectAgreement()
  })

  test('STR-109: of several the oldest goes first, as far as the balance reaches, in whatever order they are looked at', async () => {
    const { charging, refunded } = await short()
    await empty()
    const ids = [await refunded(20_000n), await refunded(6_000n), await refunded(5_000n)]
    const sent = () => charging.atStripe().refunds.map(({ amount }) => amount)
    await send(charging, ...ids)
    await topUp(22_000)

    await send(charging, ...ids.toReversed())
    expect(sent()).toEqual([20_000])
    await topUp(5_000)
    await send(charging, ids[2]!)
    expect(await find(charging, ids[2]!)).toMatchObject({
      state: 'waiting_funds',
      funds: { availableMinor: 7_000n, aheadMinor: 6_000n },
    })
    await send(charging, ids[1]!, ids[2]!)
    expect(sent()).toEqual([20_000, 6_000])
    await topUp(4_000)
    await send(charging, ...ids)

    expect(sent()).toEqual([20_000, 6_000, 5_000])
    await charging.expectAgreement()
  })

  test('STR-109: shortly before its funds settle it is handed to Stripe, which sends it before any payout', async () => {
    const { charging, id } = await waiting()
    const { expectedAt } = (await find(charging, id))!.funds!
    ground().clock.advance(expectedAt!.getTime() - ground().clock.now().getTime() - 5 * minute)
    await sandbox().sandbox.stripe.runDue()

    await send(charging, id)
    expect(await find(charging, id)).toMatchObject({ state: 'pending', pendingReason: 'insufficient_funds' })
    ground().clock.advance(10 * minute)
    await sandbox().sandbox.stripe.runDue()
    await send(charging, id)
    await charging.run('refunds.follow', id)

    expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
    expect(charging.atStripe().refunds).toHaveLength(1)
    await charging.expectAgreement()
  })

  describe('Send to Stripe now', () => {
    test('STR-87: Stripe holds it: it is never sent again, and a second refund of that payment is refused', async () => {
      const { charging, id, refund } = await waiting()
      valueOf(await decide(charging, id, 'send'))
      await send(charging, id, id)

      expect(await find(charging, id)).toMatchObject({ state: 'pending', pendingReason: 'insufficient_funds' })
      expect(await refund({ amountMinor: 1_000n })).toMatchObject({
        refusal: { code: 'held_by_stripe', problem: { cause: expect.stringContaining('Stripe holds this refund') } },
      })
      expect(codeOf(await decide(charging, id, 'cancel'))).toBe('refund_sent')
      await topUp(40_000)
      await charging.run('refunds.follow', id)
      expect(await find(charging, id)).toMatchObject({ state: 'succeeded' })
      expect(charging.atStripe().refunds).toHaveLength(1)
      await charging.expectAgreement()
    })

    test('STR-109 TRU-136: Stripe refuses it for lack of funds: it waits again, and goes out later with a new key', async () => {
      const { charging, id } = await waiting('reject')
      valueOf(await decide(charging, id, 'send'))
      await send(charging, id)

      expect(await find(charging, id)).toMatchObject({ state: 'waiting_funds', whenShort: 'wait', attempt: 1 })
      await send(charging, id)
      expect(charging.atStripe().refunds).toEqual([])
      await topUp(40_000)
      await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, 'drop_after', 2)
      await expect(send(charging, id)).rejects.toThrow(/network/)
      await calm()
      await send(charging, id)

      expect(await find(charging, id)).toMatchObject({ state: 'succeeded', attempt: 1 })
      expect(charging.atStripe().refunds).toHaveLength(1)
      expect(await keysOf(charging, id)).toEqual([`refund:${id}:1 failed`, `refund:${id}:2 succeeded`])
      await charging.expectAgreement()
    })
  })

  test('STR-109 P20: cancelled while it waits, the money is owed again and nothing is ever sent', async () => {
    const { charging, id, before, refund } = await waiting()
    valueOf(await decide(charging, id, 'cancel'))
    await topUp(40_000)
    await send(charging, id)

    expect(await find(charging, id)).toMatchObject({ state: 'canceled' })
    expect(charging.atStripe().refunds).toEqual([])
    expect((await since(charging, before)).filter((line) => line.includes('refunds_in_flight'))).toEqual([
      'P18 refunds_in_flight -30000',
      'P20 refunds_in_flight 30000',
    ])
    expect(codeOf(await decide(charging, id, 'send'))).toBe('refund_canceled')
    expect(codeOf(await decide(charging, crypto.randomUUID(), 'send'))).toBe('refund_missing')
    await send(charging, valueOf(await refund({ amountMinor: 31_000n })).refundId)
    expect(charging.atStripe().refunds).toHaveLength(1)
    await charging.expectAgreement()
  })

  test('STR-109: a process that died between the balance and the call finds out before it sends', async () => {
    const { charging, paymentId, id } = await waiting()
    await topUp(40_000)
    await sandbox().armFault({ method: 'POST', path: '/v1/refunds$' }, 'drop_after', 2)
    await expect(send(charging, id)).rejects.toThrow(/network/)
    await empty()

    await send(charging, id)

    expect(await all(charging, paymentId)).toMatchObject([{ state: 'succeeded' }])
    expect(charging.atStripe().refunds).toHaveLength(1)
    await charging.expectAgreement()
  })

  test('STR-28: a key that Stripe refuses keeps it waiting; nothing of it fails', async () => {
    const { charging, id } = await waiting()
    await sandbox().armFault({ path: '/v1/' }, 'revoke_key', 3)
    await expect(send(charging, id)).rejects.toThrow(/auth/)
    await send(charging, id)
    expect(await find(charging, id)).toMatchObject({ state: 'waiting_funds' })
    expect(charging.atStripe().refunds).toEqual([])
    valueOf(await decide(charging, id, 'cancel'))
  })

  /** The looks that are planned, by what they are for. */
  const jobsOf = async (charging: Charging, id: string) => {
    const { rows } = await sql<{ key: string }>`
      select singleton_key as key from pgboss.job where name = 'refunds.send' and state = 'created'`.execute(
      ground().database.handle,
    )
    const own = `${charging.scope.operatorId}:test:${id}:`
    return rows.flatMap(({ key }) => (key.startsWith(own) ? [key.slice(own.length).split(' ')[0]] : []))
  }
  const keysOf = (charging: Charging, id: string) =>
    charging.within(async (rows) => {
      const found = await rows
        .selectFrom('app.money_calls')
        .select(['idempotency_key', 'state'])
        .where('operator_id', '=', rows.scope.operatorId)
        .where('object_id', '=', id)
        .orderBy('id')
        .execute()
      return found.map((row) => `${row['idempotency_key']} ${row['state']}`)
    })
})
