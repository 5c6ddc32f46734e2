/**
 * Payouts on a real database and the real sandbox: what news do in any order, what polling finds without them, and the money of a failed one
 * sent again once, whatever dies in between (STR-107, STR-131, STR-152).
 */
import { describe, expect, test } from 'vitest'
import type { PayoutId } from '#kernel'
import { listFacts } from '#platform'
import type { PayoutSeen } from '#stripe'
import { eachDatabase } from '#test/databases'
import { payoutBench, type PayoutBench } from '#test/payouts'
import { followUpPayout } from './follow-payouts.ts'
import { payoutJobs } from './jobs.ts'
import { settlePayout } from './on-stripe-payout.ts'
import type { Payout } from './payout.ts'
import { requestRetry } from './payout-retry.ts'
import { readPayoutGap } from './payout-trouble.ts'
import { findPayout } from './store.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

function inSydney(instant: Date): string {
  const form = {
    timeZone: 'Australia/Sydney',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const
  return new Intl.DateTimeFormat('en-AU', form).format(instant).replace(',', '')
}

eachDatabase('failed payouts', { jobs: payoutJobs }, (ground) => {
  const { sandbox, open, failedByHand, pass } = payoutBench(ground)

  describe('news in any order', () => {
    const seen = (id: string, status: string, change: Partial<PayoutSeen> = {}): PayoutSeen => ({
      id: `po_${id}` as PayoutId,
      status,
      amountMinor: 10_000n,
      currency: 'AUD',
      isAutomatic: true,
      arrivalOn: '2026-11-24',
      createdAt: new Date(ground().clock.now().getTime() - dayMs),
      method: 'standard',
      bank: { id: 'ba_1', name: 'Harbour Bank', country: 'AU', last4: '3456' },
      metadata: {},
      ...change,
    })
    const told = async ({ within, connectionId }: PayoutBench, observed: PayoutSeen) =>
      within((rows) => settlePayout(rows, { connectionId, observed }))
    const factsOf = ({ within }: PayoutBench, { id }: Payout) =>
      within((rows) => listFacts(rows, { payout: id })).then((facts) => facts.map(({ name }) => name))

    test('STR-152: late and repeated news change nothing, and each thing that happened is told once', async () => {
      const bench = await open()
      for (const status of ['in_transit', 'pending', 'paid', 'in_transit', 'paid', 'pending'])
        expect(await told(bench, seen('late', status))).toBe('done')
      const [payout] = await bench.all()
      expect(payout).toMatchObject({ state: 'paid', bankLast4: '3456', arrivalOn: '2026-11-24' })
      expect(await factsOf(bench, payout!)).toEqual(['payout.created', 'payout.paid'])
    })

    test('STR-131: paid turns failed days later; its time is Stripe’s, and a canceled one is no trouble', async () => {
      const bench = await open()
      const returnedAt = new Date(ground().clock.now().getTime() - hourMs)
      returnedAt.setMilliseconds(0)
      await told(bench, seen('back', 'paid'))
      for (let again = 0; again < 2; again += 1)
        await told(bench, seen('back', 'failed', { failureCode: 'account_closed', returnedAt }))
      await told(bench, seen('back', 'paid'))
      await told(bench, seen('stopped', 'canceled'))
      const troubles = await bench.troubles()
      expect(troubles).toMatchObject([{ side: 'bank', payout: { state: 'failed', failedAt: returnedAt } }])
      expect(await factsOf(bench, troubles[0]!.payout)).toEqual(['payout.created', 'payout.paid', 'payout.failed'])
      await expect(told(bench, seen('back', 'canceled'))).rejects.toThrow('impossible_news')
    })

    test('STR-131: negative, a word of tomorrow, another amount, another operator', async () => {
      const bench = await open()
      await told(bench, seen('debit', 'in_transit', { amountMinor: -700n }))
      await told(bench, seen('word', 'held_by_bank'))
      expect(await bench.all()).toMatchObject([
        { state: 'other', statusWord: 'held_by_bank' },
        { state: 'in_transit', amountMinor: -700n },
      ])
      await told(bench, seen('word', 'paid'))
      expect((await bench.all())[0]).toMatchObject({ state: 'paid' })
      expect(await told(bench, seen('debit', 'paid', { amountMinor: -800n }))).toMatchObject({
        quarantine: expect.any(String),
      })
      const stranger = { metadata: { rentroll_operator: crypto.randomUUID() } }
      expect(await told(bench, seen('theirs', 'paid', stranger))).toMatchObject({ quarantine: expect.any(String) })
      expect(await bench.all()).toHaveLength(2)
    })

    test('STR-107 MON-35: a later payout of the same currency ends the trouble, one of another does not', async () => {
      const bench = await open()
      const now = ground().clock.now().getTime()
      const returnedAt = new Date(now - 2 * hourMs)
      const later = { createdAt: new Date(now - hourMs) }
      await told(bench, seen('aud', 'failed', { failureCode: 'no_account', returnedAt }))
      await told(bench, seen('usd', 'failed', { failureCode: 'declined', returnedAt, currency: 'USD' }))
      await told(bench, seen('earlier', 'paid'))
      await told(bench, seen('debit', 'paid', { ...later, amountMinor: -1n }))
      await told(bench, seen('new', 'pending', later))
      expect(await bench.troubles()).toHaveLength(2)
      await told(bench, seen('new', 'in_transit', later))
      expect(await bench.troubles()).toMatchObject([{ payout: { currency: 'USD' } }])
      const cleared = (await bench.all()).find(({ stripePayoutId }) => stripePayoutId === 'po_aud')!
      expect(cleared).toMatchObject({ state: 'failed', clearedBy: 'later_payout' })
      expect(await factsOf(bench, cleared)).toContain('payout.cleared')
    })

    test('what failed long before it was first heard of is history, and so is what was made good before', async () => {
      const bench = await open()
      const now = ground().clock.now().getTime()
      await told(bench, seen('new', 'paid', { createdAt: new Date(now - 20 * dayMs) }))
      const old = { failureCode: 'declined', createdAt: new Date(now - 40 * dayMs) }
      await told(bench, seen('old', 'failed', { ...old, returnedAt: new Date(now - 39 * dayMs) }))
      await told(bench, seen('made_good', 'failed', { ...old, returnedAt: new Date(now - 25 * dayMs) }))
      expect(await bench.troubles()).toEqual([])
    })
  })

  describe('sent again', () => {
    test('STR-107: pressed twice at once and run twice at once, one payout is made', async () => {
      const { payout, retry, send, atStripe, all, troubles, look } = await failedByHand()
      const answers = await Promise.all([retry(payout.id), retry(payout.id)])
      expect(answers.map(({ ok }) => ok)).toEqual([true, true])
      await Promise.allSettled([send(payout.id), send(payout.id)])
      await send(payout.id)
      expect(atStripe()).toHaveLength(2)
      const made = (await all()).find(({ retryOf }) => retryOf === payout.id)!
      expect(made).toMatchObject({ amountMinor: 40_000n, retries: 1, state: 'pending' })
      expect(await troubles()).toHaveLength(1)
      await pass(2 * hourMs)
      await look()
      expect(await troubles()).toEqual([])
      expect(await retry(payout.id)).toMatchObject({ refusal: { code: 'payout_not_failed' } })
    })

    test.each([
      ['a 500 after it was made', { kind: 'status_after', status: 500 }],
      ['a line that broke after it was made', { kind: 'drop_after' }],
      ['a line that broke before', { kind: 'drop_before' }],
    ])('STR-107 TRU-136: after %s it is looked up before it is sent again', async (_, effect) => {
      const { payout, retry, send, atStripe, all } = await failedByHand()
      expect(await retry(payout.id)).toMatchObject({ ok: true })
      await sandbox().armFault({ method: 'POST', path: '/v1/payouts' }, effect, 2)
      await expect(send(payout.id)).rejects.toThrow('payouts.create')
      await fetch(`${sandbox().sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
      await send(payout.id)
      expect(atStripe().filter(({ metadata }) => metadata.rentroll_payout === payout.id)).toHaveLength(1)
      expect((await all()).filter(({ retryOf }) => retryOf === payout.id)).toHaveLength(1)
    })

    test('STR-107 MON-35: by itself on the next business day at nine, at most three times, each with a key of its own', async () => {
      const bench = await failedByHand('insufficient_funds')
      const { work, scope, payout, send, atStripe, fail, look, troubles } = bench
      expect(inSydney(payout.checkAt!)).toMatch(/^(Mon|Tue|Wed|Thu|Fri) 09:00$/)
      const waitMs = payout.checkAt!.getTime() - ground().clock.now().getTime()
      expect(waitMs).toBeGreaterThan(0)
      // Over a weekend at most.
      expect(waitMs).toBeLessThan(4 * dayMs)
      await followUpPayout(work, scope, payout.id)
      expect(atStripe()).toHaveLength(1)
      for (const tries of [1, 2, 3]) {
        const [trouble] = await troubles()
        const { id, checkAt } = trouble!.payout
        await pass(checkAt!.getTime() - ground().clock.now().getTime())
        await followUpPayout(work, scope, id)
        await followUpPayout(work, scope, id)
        await send(payout.id)
        expect(atStripe()).toHaveLength(1 + tries)
        const [newest] = atStripe().toSorted((one, other) => other.created - one.created)
        await fail(newest.id, 'could_not_process')
        await look()
      }
      const left = await troubles()
      expect(left.every(({ retryProblem }) => retryProblem === 'payout_retries_used')).toBe(true)
      await pass(4 * dayMs)
      for (const { payout: one } of left) await followUpPayout(work, scope, one.id)
      await send(payout.id)
      expect(atStripe()).toHaveLength(4)
    })

    test('STR-107: never beside a schedule, never for the bank’s own reasons, never without funds', async () => {
      const scheduled = await failedByHand()
      await scheduled.schedule('daily')
      expect(await scheduled.retry(scheduled.payout.id)).toMatchObject({ refusal: { code: 'payout_not_manual' } })
      const atBank = await failedByHand('account_closed')
      expect(await atBank.retry(atBank.payout.id)).toMatchObject({ refusal: { code: 'payout_not_ours' } })
      const poor = await failedByHand()
      await poor.pay(100_000)
      expect(await poor.retry(poor.payout.id)).toMatchObject({ refusal: { code: 'payout_no_funds' } })
      for (const { atStripe } of [scheduled, atBank]) expect(atStripe()).toHaveLength(1)
      const thin = await failedByHand('could_not_process', 90_000)
      await thin.pay(70_000)
      await thin.retry(thin.payout.id)
      await thin.send(thin.payout.id)
      expect(thin.atStripe().some(({ amount, metadata }) => amount === 30_000 && metadata.rentroll_retry === '1')).toBe(
        true,
      )
    })

    test('a key that may not make payouts: the refusal stands on the payout, and nothing is repeated', async () => {
      const { payout, retry, send, within, work, scope } = await failedByHand()
      await retry(payout.id)
      await sandbox().armFault({ method: 'POST', path: '/v1/payouts' }, { kind: 'status_before', status: 403 })
      await send(payout.id)
      await send(payout.id)
      expect(await within((rows) => findPayout(rows, payout.id))).toMatchObject({
        retries: 1,
        retryProblem: 'permission',
      })
      expect(await requestRetry(work, scope, { payoutId: payout.id, requestedBy: 'x' })).toMatchObject({
        refusal: { code: 'payout_retried_today' },
      })
    })
  })

  describe('the bank’s side', () => {
    test('STR-107: another bank account ends the trouble; details of the same do not', async () => {
      const bench = await failedByHand('no_account')
      const { account, look, troubles } = bench
      expect(await troubles()).toHaveLength(1)
      await sandbox().control(`/accounts/${account}/bank`, {
        mode: 'test',
        currency: 'aud',
        accountNumber: '000999999',
        routingNumber: '110000',
      })
      await look()
      expect(await troubles()).toEqual([])
      expect((await bench.all())[0]).toMatchObject({ state: 'failed', clearedBy: 'bank_replaced' })
    })

    test('STR-71: without any news polling finds new payouts and what became of old ones; a key that may not read says so', async () => {
      const { pay, look, all, within } = await open()
      const { id } = await pay(5_000)
      await look()
      expect(await all()).toMatchObject([
        { stripePayoutId: id, state: 'pending', bankLast4: expect.stringMatching(/^\d{4}$/) },
      ])
      await pass(5 * dayMs)
      await look()
      expect(await all()).toEqual(
        expect.arrayContaining([expect.objectContaining({ stripePayoutId: id, state: 'paid' })]),
      )
      await sandbox().armFault({ method: 'GET', path: '/v1/payouts' }, { kind: 'status_before', status: 403 }, 2)
      expect(await look()).toMatchObject({ kind: 'permission' })
      expect(await within(readPayoutGap)).toContain('Payouts (read)')
    })
  })
})
