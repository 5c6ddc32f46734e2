import type Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventTypesOf, refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { acceptance, debitMethod, payByDebit } from './bench-debits.ts'
import type { Kind } from './bench-debits.ts'

let bench: Bench
let stripe: Stripe
const minute = 60_000
const day = 24 * 60 * minute

beforeAll(async () => {
  bench = await startBench()
})

beforeEach(async () => {
  await bench.control('POST', '/reset')
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

/** Turns the clock to Monday 09:00 UTC, so that business days can be counted. */
function toMonday(): void {
  const now = bench.clock.now()
  const nine = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), 9)
  const target = nine + ((8 - now.getUTCDay()) % 7) * day
  bench.clock.advance(target <= now.getTime() ? target + 7 * day - now.getTime() : target - now.getTime())
}

async function accountOf(country: string, currency: string): Promise<Stripe> {
  const { body } = await bench.control('POST', '/accounts', { name: `In ${country}`, country, currency })
  return bench.sdkWithKey(body.keys.test.secret)
}

describe('SBX-44: how long a debit takes', () => {
  test.each<[Kind, string, string, string, number]>([
    ['us_bank_account', 'US', 'usd', 'pm_usBankAccount_success', 4 * day - 9 * 60 * minute],
    ['au_becs_debit', 'AU', 'aud', '000123456', 2 * day - 9 * 60 * minute],
    ['au_becs_debit', 'AU', 'aud', '900123456', 7 * day - 9 * 60 * minute],
    ['nz_bank_account', 'NZ', 'nzd', '010', 2 * day - 9 * 60 * minute],
    ['payto', 'AU', 'aud', '000000010', minute],
    ['sepa_debit', 'US', 'eur', 'AT611904300234573201', 7 * day - 9 * 60 * minute],
    ['sepa_debit', 'US', 'eur', 'AT32 1904 3002 3547 3204', 3 * minute],
    ['bacs_debit', 'GB', 'gbp', '00012345', 9 * day - 9 * 60 * minute],
    ['acss_debit', 'CA', 'cad', '000123456789', 7 * day - 9 * 60 * minute],
  ])('%s in %s, account %4$s', async (type, ...[country, currency, number, takes]) => {
    toMonday()
    const sdk = await accountOf(country, currency)
    const method = number.startsWith('pm_') ? number : await debitMethod(sdk, type, number)
    const begun = await payByDebit(sdk, method, { type, currency })
    const pending = await sdk.charges.retrieve(String(begun.latest_charge))
    bench.clock.advance(takes - 1000)
    const before = await sdk.paymentIntents.retrieve(begun.id)
    bench.clock.advance(1000)
    const after = await sdk.paymentIntents.retrieve(begun.id, { expand: ['latest_charge.balance_transaction'] })

    expect(begun).toMatchObject({ status: 'processing', processing: null, amount_received: 0 })
    expect(pending).toMatchObject({ status: 'pending', paid: false, balance_transaction: null })
    expect(pending.id).toMatch(/^py_/)
    expect(pending.payment_method_details?.type).toBe(type)
    expect(before.status).toBe('processing')
    expect(after).toMatchObject({ status: 'succeeded', amount_received: 50_000 })
    // One percent of 500.00 is 5.00, and 3.50 is the most.
    expect(after.latest_charge).toMatchObject({
      status: 'succeeded',
      paid: true,
      balance_transaction: { type: 'payment', amount: 50_000, fee: 350, net: 49_650, status: 'pending' },
    })
    expect(await eventTypesOf(sdk, begun.id)).toStrictEqual([
      'payment_intent.created',
      'charge.pending',
      'payment_intent.processing',
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
  })

  test('the funds are available one business day after the success, less one percent', async () => {
    toMonday()
    const method = await debitMethod(stripe, 'sepa_debit', 'AT321904300235473204')
    const { latest_charge: charge } = await payByDebit(stripe, method, {
      type: 'sepa_debit',
      currency: 'eur',
      amount: 12_345,
    })
    bench.clock.advance(3 * minute)
    const [transaction] = (await stripe.balanceTransactions.list({ source: String(charge) })).data

    expect(transaction).toMatchObject({ amount: 12_345, fee: 123 })
    expect((transaction?.available_on ?? 0) * 1000).toBe(
      bench.clock.now().getTime() + day - 9 * 60 * minute - 3 * minute,
    )
    expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
  })

  test('a standing Bacs mandate is quicker than a new one', async () => {
    toMonday()
    const sdk = await accountOf('GB', 'gbp')
    const customer = await sdk.customers.create({ email: 'kim@example.com' })
    const method = await debitMethod(sdk, 'bacs_debit', '00012345')
    await sdk.setupIntents.create({
      customer: customer.id,
      payment_method: method,
      allowed_payment_method_types: ['bacs_debit'],
      mandate_data: acceptance,
      confirm: true,
    })
    const paid = await sdk.paymentIntents.create({
      amount: 900,
      currency: 'gbp',
      customer: customer.id,
      payment_method: method,
      allowed_payment_method_types: ['bacs_debit'],
      off_session: true,
      confirm: true,
    })
    bench.clock.advance(4 * day)

    await expect(sdk.paymentIntents.retrieve(paid.id)).resolves.toMatchObject({ status: 'succeeded' })
  })

  test('set to late, a charge learns of its balance transaction an hour after the payment', async () => {
    await bench.control('POST', '/settings', {
      account: bench.keys('Keystone').accountId,
      balanceTransactionOnCharge: 'late',
    })
    const { latest_charge: id } = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://example.com',
    })
    const early = await stripe.charges.retrieve(String(id))
    bench.clock.advance(60 * minute)
    const late = await stripe.charges.retrieve(String(id))
    const [event] = (await stripe.events.list({ type: 'charge.updated' })).data
    await bench.control('POST', '/settings', {
      account: bench.keys('Keystone').accountId,
      balanceTransactionOnCharge: 'at_once',
    })

    expect(early.balance_transaction).toBeNull()
    expect(late.balance_transaction).toMatch(/^txn_/)
    expect(event?.data.previous_attributes).toStrictEqual({ balance_transaction: null })
  })
})

describe('SBX-43: debits that fail', () => {
  test.each<[Kind, string, string, string, string]>([
    ['us_bank_account', 'US', 'usd', 'pm_usBankAccount_noAccount', 'no_account'],
    ['us_bank_account', 'US', 'usd', 'pm_usBankAccount_insufficientFunds', 'insufficient_funds'],
    ['au_becs_debit', 'AU', 'aud', '111111113', 'account_closed'],
    ['au_becs_debit', 'AU', 'aud', '222222227', 'refer_to_customer'],
    ['sepa_debit', 'US', 'eur', 'IT60X0542811101000000123456', 'debit_not_authorized'],
    ['nz_bank_account', 'NZ', 'nzd', '016', 'no_account'],
    ['payto', 'AU', 'aud', '000000013', 'account_closed'],
    ['bacs_debit', 'GB', 'gbp', '00012346', 'no_account'],
    ['acss_debit', 'CA', 'cad', '000222222227', 'insufficient_funds'],
  ])('%s in %s, account %4$s: %5$s', async (type, ...[country, currency, number, code]) => {
    const sdk = await accountOf(country, currency)
    const method = number.startsWith('pm_') ? number : await debitMethod(sdk, type, number)
    const begun = await payByDebit(sdk, method, { type, currency })
    bench.clock.advance(14 * day)
    const failed = await sdk.paymentIntents.retrieve(begun.id, { expand: ['latest_charge'] })

    expect(begun.status).toBe('processing')
    expect(failed).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: { code, payment_method: { type } },
      latest_charge: { status: 'failed', paid: false, failure_code: code, balance_transaction: null },
    })
    expect((await eventTypesOf(sdk, begun.id)).slice(-2)).toStrictEqual([
      'charge.failed',
      'payment_intent.payment_failed',
    ])
    expect((await sdk.balanceTransactions.list()).data).toStrictEqual([])
  })

  test('one that is returned after its success is a lost dispute', async () => {
    toMonday()
    const sdk = bench.sdk('Harbour')
    const method = await debitMethod(sdk, 'au_becs_debit', '666666660')
    const { id } = await payByDebit(sdk, method, { type: 'au_becs_debit', currency: 'aud' })
    // Result on Wednesday, three business days later is Monday.
    bench.clock.advance(7 * day - 9 * 60 * minute - 1000)
    const before = await sdk.disputes.list({ payment_intent: id })
    bench.clock.advance(1000)
    const [dispute] = (await sdk.disputes.list({ payment_intent: id })).data

    expect(before.data).toStrictEqual([])
    expect(dispute).toMatchObject({ status: 'lost', reason: 'debit_not_authorized', amount: 50_000 })
    expect(dispute?.evidence_details.due_by).toBe(0)
    expect(await eventTypesOf(sdk, String(dispute?.id))).toStrictEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.closed',
    ])
    await expect(sdk.paymentIntents.retrieve(id)).resolves.toMatchObject({ status: 'succeeded' })
    await expect(refusalOf(sdk.refunds.create({ payment_intent: id }))).resolves.toMatchObject({
      code: 'charge_disputed',
    })
  })
})

describe('SBX-21: while a debit is processing', () => {
  test('an American one can be canceled, and no money ever arrives', async () => {
    const { id } = await payByDebit(stripe, 'pm_usBankAccount_success', { type: 'us_bank_account', currency: 'usd' })
    const canceled = await stripe.paymentIntents.cancel(id)
    bench.clock.advance(14 * day)

    expect(canceled.status).toBe('canceled')
    await expect(stripe.paymentIntents.retrieve(id)).resolves.toMatchObject({ status: 'canceled' })
    expect((await stripe.balanceTransactions.list()).data).toStrictEqual([])
    expect((await eventTypesOf(stripe, id)).slice(-2)).toStrictEqual(['charge.failed', 'payment_intent.canceled'])
  })

  test('every other one cannot, and none can be confirmed again or refunded', async () => {
    const method = await debitMethod(stripe, 'sepa_debit', 'AT611904300234573201')
    const { id, latest_charge: charge } = await payByDebit(stripe, method, { type: 'sepa_debit', currency: 'eur' })
    const refusals = await Promise.all([
      refusalOf(stripe.paymentIntents.cancel(id)),
      refusalOf(stripe.paymentIntents.confirm(id)),
      refusalOf(stripe.refunds.create({ charge: String(charge) })),
    ])

    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual([
      [400, 'payment_intent_unexpected_state'],
      [400, 'payment_intent_unexpected_state'],
      [400, undefined],
    ])
  })

  test('after its success it is refunded under an id of its own kind', async () => {
    const method = await debitMethod(stripe, 'sepa_debit', 'AT321904300235473204')
    const { id } = await payByDebit(stripe, method, { type: 'sepa_debit', currency: 'eur' })
    bench.clock.advance(4 * day)
    const refund = await stripe.refunds.create({ payment_intent: id, amount: 100 })

    expect(refund.id).toMatch(/^pyr_/)
    expect(refund).toMatchObject({ status: 'succeeded', destination_details: { type: 'sepa_debit' } })
  })
})
