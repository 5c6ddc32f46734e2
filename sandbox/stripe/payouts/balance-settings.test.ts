import type Stripe from 'stripe'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeEach(async () => {
  await bench?.close()
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

type Update = Stripe.BalanceSettingsUpdateParams

describe('SBX-45: balance settings', () => {
  test('an account starts with daily payouts after two business days', async () => {
    const { lastResponse: _, ...settings } = await stripe.balanceSettings.retrieve()

    expect(settings).toStrictEqual({
      object: 'balance_settings',
      payments: {
        debit_negative_balances: true,
        payouts: {
          automatic_transfer_rules_by_currency: null,
          minimum_balance_by_currency: null,
          schedule: { interval: 'daily' },
          statement_descriptor: null,
          status: 'enabled',
        },
        settlement_timing: { delay_days: 2, start_of_day: null },
      },
    })
  })

  test("a weekly schedule is the account's own schedule in other words, and both tell of it", async () => {
    const schedule = { interval: 'weekly', weekly_payout_days: ['tuesday', 'friday'] } as const
    const changed = await stripe.balanceSettings.update({
      payments: {
        debit_negative_balances: false,
        payouts: { schedule: { ...schedule, weekly_payout_days: ['tuesday', 'friday'] }, statement_descriptor: 'RENT' },
        settlement_timing: { delay_days_override: 5 },
      },
    })
    const account = await stripe.accounts.retrieveCurrent()
    const events = (await stripe.events.list({})).data

    expect(changed.payments).toMatchObject({
      debit_negative_balances: false,
      payouts: { schedule, statement_descriptor: 'RENT' },
      settlement_timing: { delay_days: 5, delay_days_override: 5 },
    })
    expect(account.settings?.payouts).toStrictEqual({
      debit_negative_balances: false,
      schedule: { delay_days: 5, weekly_anchor: 'tuesday', ...schedule },
      statement_descriptor: 'RENT',
    })
    expect(events.map((event) => event.type)).toStrictEqual(['balance_settings.updated', 'account.updated'])
    expect(events[0]?.data.previous_attributes).toStrictEqual({
      payments: {
        debit_negative_balances: true,
        payouts: { schedule: { interval: 'daily', weekly_payout_days: null }, statement_descriptor: null },
        settlement_timing: { delay_days: 2, delay_days_override: null },
      },
    })
    await expect(stripe.balanceSettings.retrieve()).resolves.toMatchObject({ payments: changed.payments })
  })

  test('another interval drops the days of the one before', async () => {
    const set = (schedule: NonNullable<NonNullable<NonNullable<Update['payments']>['payouts']>['schedule']>) =>
      stripe.balanceSettings.update({ payments: { payouts: { schedule } } })
    await set({ interval: 'weekly', weekly_payout_days: ['monday'] })
    const monthly = await set({ interval: 'monthly', monthly_payout_days: [1, 31] })
    const other = await set({ monthly_payout_days: [15] })
    const manual = await set({ interval: 'manual' })

    expect([monthly, other, manual].map((one) => one.payments.payouts?.schedule)).toStrictEqual([
      { interval: 'monthly', monthly_payout_days: [1, 31] },
      { interval: 'monthly', monthly_payout_days: [15] },
      { interval: 'manual' },
    ])
  })

  test('minimum balances are set and removed by currency, and all at once', async () => {
    const set = (minimum: '' | Record<string, number | ''>) =>
      stripe.balanceSettings.update({ payments: { payouts: { minimum_balance_by_currency: minimum } } })
    const both = await set({ usd: 500, aud: 0 })
    const one = await set({ aud: '' })
    const none = await set('')

    expect([both, one, none].map(({ payments }) => payments.payouts?.minimum_balance_by_currency)).toStrictEqual([
      { usd: 500, aud: 0 },
      { usd: 500 },
      null,
    ])
  })

  test('an empty delay returns to the default', async () => {
    const set = (days: '' | number) =>
      stripe.balanceSettings.update({ payments: { settlement_timing: { delay_days_override: days } } })
    const same = await set(2)
    const back = await set('')

    expect(same.payments.settlement_timing).toStrictEqual({ delay_days: 2, delay_days_override: 2, start_of_day: null })
    expect(back.payments.settlement_timing).toStrictEqual({ delay_days: 2, start_of_day: null })
  })

  test.each([
    [0, 'available', '2026-11-02'],
    [1, 'pending', '2026-11-03'],
    [31, 'pending', '2026-12-15'],
  ])('SBX-44: a delay of %d business days', async (delay, status, day) => {
    await stripe.balanceSettings.update({ payments: { settlement_timing: { delay_days_override: delay } } })
    const intent = await stripe.paymentIntents.create({
      amount: 1000,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://example.com',
      expand: ['latest_charge.balance_transaction'],
    })

    const { balance_transaction: transaction } = intent.latest_charge as Stripe.Charge
    expect(transaction).toMatchObject({ status, available_on: Date.parse(`${day}T00:00:00Z`) / 1000 })
  })

  test('a change to the same values is no event', async () => {
    await stripe.balanceSettings.update({ payments: { payouts: { schedule: { interval: 'daily' } } } })

    expect((await stripe.events.list({})).data).toStrictEqual([])
  })

  const at = 'payments[payouts][schedule]'
  const days = (schedule: object): object => ({ payments: { payouts: { schedule } } })
  test.each([
    [days({ interval: 'hourly' }), undefined, `${at}[interval]`],
    [days({ interval: 'weekly' }), 'parameter_missing', `${at}[weekly_payout_days]`],
    [days({ interval: 'monthly' }), 'parameter_missing', `${at}[monthly_payout_days]`],
    [days({ weekly_payout_days: ['monday'] }), undefined, `${at}[weekly_payout_days]`],
    [days({ interval: 'weekly', weekly_payout_days: ['sunday'] }), undefined, `${at}[weekly_payout_days][0]`],
    [days({ interval: 'weekly', weekly_payout_days: ['friday', 'friday'] }), undefined, `${at}[weekly_payout_days]`],
    [
      days({ interval: 'monthly', monthly_payout_days: [0] }),
      'parameter_invalid_integer',
      `${at}[monthly_payout_days][0]`,
    ],
    [
      days({ interval: 'monthly', monthly_payout_days: [32] }),
      'parameter_invalid_integer',
      `${at}[monthly_payout_days][0]`,
    ],
    [days({ interval: 'monthly', monthly_payout_days: [3, 3] }), undefined, `${at}[monthly_payout_days]`],
    [days({ interval: 'daily', anchor: 1 }), 'parameter_unknown', `${at}[anchor]`],
    [
      { payments: { settlement_timing: { delay_days_override: 32 } } },
      'parameter_invalid_integer',
      'payments[settlement_timing][delay_days_override]',
    ],
    [
      { payments: { settlement_timing: { delay_days_override: -1 } } },
      'parameter_invalid_integer',
      'payments[settlement_timing][delay_days_override]',
    ],
    [
      { payments: { settlement_timing: { start_of_day: { hour: 1 } } } },
      'sandbox_not_supported',
      'payments[settlement_timing][start_of_day]',
    ],
    [
      { payments: { payouts: { minimum_balance_by_currency: { usd: -1 } } } },
      'parameter_invalid_integer',
      'payments[payouts][minimum_balance_by_currency][usd]',
    ],
    [
      { payments: { payouts: { minimum_balance_by_currency: { '💶': 1 } } } },
      undefined,
      'payments[payouts][minimum_balance_by_currency][💶]',
    ],
    [
      { payments: { payouts: { statement_descriptor: 'x'.repeat(23) } } },
      undefined,
      'payments[payouts][statement_descriptor]',
    ],
    [{ payments: { debit_negative_balances: 'maybe' } }, undefined, 'payments[debit_negative_balances]'],
    [{ colour: 'red' }, 'parameter_unknown', 'colour'],
  ])('refuses %j', async (wish, code, param) => {
    const refusal = await refusalOf(stripe.balanceSettings.update(wish as Update))

    expect([refusal.statusCode, refusal.code, refusal.param]).toStrictEqual([400, code, param])
    expect((await stripe.events.list({})).data).toStrictEqual([])
  })

  test('the settings of another account stay as they were', async () => {
    await stripe.balanceSettings.update({ payments: { payouts: { schedule: { interval: 'manual' } } } })

    const other = await bench.sdk('Harbour').balanceSettings.retrieve()
    const live = await bench.sdk('Keystone', 'live').balanceSettings.retrieve()

    expect([other, live].map((one) => one.payments.payouts?.schedule?.interval)).toStrictEqual(['daily', 'manual'])
  })
})
