import type Stripe from 'stripe'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { addBankAccount, findDefaultBank } from '../connect/bank-accounts.ts'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench, RawAnswer } from '../test-bench.ts'
import type { Space } from '../world/space.ts'

let bench: Bench
let stripe: Stripe
let space: Space
const hour = 3_600_000
const day = 24 * hour

// Every bench starts on Monday, 2 November 2026, at 09:00 UTC.
beforeEach(async () => {
  await bench?.close()
  bench = await startBench()
  stripe = bench.sdk('Keystone')
  space = bench.running.world.space(bench.keys('Keystone').accountId, 'test')
})

afterAll(() => bench.close())

async function addFunds(amountMinor: number): Promise<void> {
  await bench.control('POST', '/funds', { account: bench.keys('Keystone').accountId, currency: 'usd', amountMinor })
}

function replaceBank(accountNumber: string, country = 'US'): void {
  const bank = {
    country,
    currency: 'usd',
    accountNumber,
    routingNumber: '110000000',
    holderName: null,
    holderType: null,
  }
  bench.running.world.transaction(() => addBankAccount(space, { ...bank, isDefault: true }))
}

async function available(): Promise<number | undefined> {
  return (await stripe.balance.retrieve()).available[0]?.amount
}

async function newest(): Promise<Stripe.Payout> {
  const [payout] = (await stripe.payouts.list({ limit: 1 })).data
  if (payout === undefined) throw new Error('There is no payout.')
  return payout
}

function fail(payout: string, wish: unknown): Promise<RawAnswer> {
  return bench.control('POST', `/payouts/${payout}/fail`, wish)
}

describe('SBX-25: a payout fails by the number of its bank account', () => {
  test.each([
    ['000111111116', 'no_account'],
    ['000111111113', 'account_closed'],
    ['000222222227', 'insufficient_funds'],
    ['000333333335', 'debit_not_authorized'],
    ['000444444440', 'invalid_currency'],
  ])('%s: %s', async (number, code) => {
    replaceBank(number)
    await addFunds(5000)
    bench.clock.advance(15 * hour)
    const made = await newest()
    bench.clock.advance(day)
    const failed = await stripe.payouts.retrieve(made.id, { expand: ['failure_balance_transaction', 'destination'] })

    expect(made).toMatchObject({ status: 'pending', failure_code: null })
    expect(failed).toMatchObject({
      status: 'failed',
      failure_code: code,
      failure_balance_transaction: { type: 'payout_failure', amount: 5000, net: 5000, source: made.id },
      trace_id: { status: 'unsupported', value: null },
      destination: { status: code === 'insufficient_funds' ? 'new' : 'errored' },
    })
    expect(failed.failure_message).toMatch(/^[A-Z].*\.$/)
  })

  test('the twin of another country fails alike', async () => {
    replaceBank('111111113', 'AU')
    await addFunds(5000)
    bench.clock.advance(15 * hour + day)

    await expect(newest()).resolves.toMatchObject({ status: 'failed', failure_code: 'account_closed' })
  })

  test('the money is back, and nothing is paid out before the bank account is replaced', async () => {
    replaceBank('000111111116')
    await addFunds(5000)
    bench.clock.advance(15 * hour + day)
    const failed = await newest()
    const back = await available()
    bench.clock.advance(7 * day)
    const stillFailed = await newest()
    const refusal = await refusalOf(stripe.payouts.create({ amount: 100, currency: 'usd' }))
    replaceBank('000123456789')
    bench.clock.advance(day)
    const next = await newest()
    bench.clock.advance(hour)
    const rows = await stripe.balanceTransactions.list({ payout: next.id })

    expect([back, stillFailed.id, refusal.code]).toStrictEqual([5000, failed.id, 'bank_account_unusable'])
    expect(next).toMatchObject({ amount: 5000, automatic: true })
    expect(rows.data.map(({ type, net }) => [type, net])).toStrictEqual([
      ['payout', -5000],
      ['payout_failure', 5000],
    ])
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('events tell of the payout and of the bank account', async () => {
    replaceBank('000111111116')
    const bank = findDefaultBank(space, 'usd')
    await addFunds(5000)
    bench.clock.advance(15 * hour + day)

    const { id } = await newest()
    const types = await eventTypesOf(stripe, id)
    const [errored] = (await stripe.events.list({ type: 'account.external_account.updated' })).data
    expect(types.slice(-2)).toStrictEqual(['payout.failed', 'payout.updated'])
    expect(types).not.toContain('payout.paid')
    expect(errored?.data).toMatchObject({
      object: { id: bank?.id, status: 'errored' },
      previous_attributes: { status: 'new' },
    })
  })
})

describe('SBX-25: a payout fails by control', () => {
  test('at once, before it arrives', async () => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 3000, currency: 'usd' })
    const { status, body } = await fail(id, { code: 'account_frozen' })
    bench.clock.advance(3 * day)

    expect([status, body.status, body.failure_code]).toStrictEqual([200, 'failed', 'account_frozen'])
    await expect(stripe.payouts.retrieve(id)).resolves.toMatchObject({ status: 'failed' })
    await expect(available()).resolves.toBe(5000)
  })

  test('days after it was paid', async () => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 5000, currency: 'usd' })
    await fail(id, { code: 'declined', laterDays: 5 })
    bench.clock.advance(7 * day)
    const paid = await stripe.payouts.retrieve(id)
    bench.clock.advance(15 * hour)
    const failed = await stripe.payouts.retrieve(id)

    expect([paid.status, failed.status]).toStrictEqual(['paid', 'failed'])
    expect((await eventTypesOf(stripe, id)).slice(-4)).toStrictEqual([
      'payout.paid',
      'payout.updated',
      'payout.failed',
      'payout.updated',
    ])
    await expect(available()).resolves.toBe(5000)
  })

  test('without funds, which leaves the bank account as it was', async () => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 5000, currency: 'usd' })
    await fail(id, { code: 'insufficient_funds' })
    bench.clock.advance(15 * hour)

    expect(findDefaultBank(space, 'usd')?.object.status).toBe('new')
    await expect(newest()).resolves.toMatchObject({ amount: 5000, automatic: true, status: 'pending' })
  })

  test('SBX-17: a bank account that is gone is expanded as deleted', async () => {
    await addFunds(5000)
    const { id, destination } = await stripe.payouts.create({ amount: 5000, currency: 'usd' })
    const expand = ['destination']
    await expect(stripe.payouts.retrieve(id, { expand })).resolves.toMatchObject({ destination: { id: destination } })
    bench.running.world.transaction(() => space.remove('external_account', String(destination)))

    await expect(stripe.payouts.retrieve(id, { expand })).resolves.toMatchObject({
      destination: { id: destination, object: 'bank_account', deleted: true },
    })
  })

  test('or is canceled, though it is automatic', async () => {
    await addFunds(5000)
    bench.clock.advance(15 * hour)
    const { id } = await newest()
    const { body } = await bench.control('POST', `/payouts/${id}/cancel`)

    expect(body.status).toBe('canceled')
    await expect(available()).resolves.toBe(5000)
    expect(await eventTypesOf(stripe, id)).toContain('payout.canceled')
  })

  test.each([
    [{}, 'code must be a text.'],
    [{ code: 'bored' }, 'code must be one of'],
    [{ code: 'declined', laterDays: 6 }, 'laterDays must be a whole number from 0 to 5.'],
    [{ code: 'declined', laterDays: -1 }, 'laterDays must be a whole number from 0 to 5.'],
    [{ code: 'declined', laterDays: 'two' }, 'laterDays must be a whole number from 0 to 5.'],
  ])('refuses %j', async (wish, message) => {
    await addFunds(5000)
    const { id } = await stripe.payouts.create({ amount: 5000, currency: 'usd' })

    const { status, body } = await fail(id, wish)

    expect(status).toBe(400)
    expect(body.error).toContain(message)
  })

  test('but not twice, not weeks later, and not one that does not exist', async () => {
    await addFunds(5000)
    const first = await stripe.payouts.create({ amount: 1000, currency: 'usd' })
    const second = await stripe.payouts.create({ amount: 1000, currency: 'usd' })
    await fail(first.id, { code: 'could_not_process' })
    const twice = await fail(first.id, { code: 'could_not_process' })
    const canceled = await bench.control('POST', `/payouts/${first.id}/cancel`)
    const unknown = await fail('po_none', { code: 'declined' })
    bench.clock.advance(14 * day)
    const late = await fail(second.id, { code: 'declined' })

    expect([twice, canceled, unknown, late].map(({ status }) => status)).toStrictEqual([400, 400, 404, 400])
    expect(late.body.error).toBe('A payout fails at most 5 business days after its arrival.')
  })
})
