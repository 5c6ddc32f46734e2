/**
 * SBX-56, a year in the life of an operator: a connected account that takes rent in two currencies from some dozens of
 * customers, with everything that goes wrong in a year. All of it through the official SDK over HTTP, the clock turned in
 * steps; at the end the books are proved from the API alone, to the cent.
 */
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBench, tokenOf } from './test-bench.ts'
import type { Bench } from './test-bench.ts'

const back = 'https://example.com/paid'

interface Renter {
  readonly customer: string
  readonly method: string
  readonly currency: 'aud' | 'usd'
  /** Minor units a month. */
  readonly rent: number
}

let bench: Bench
let platform: Stripe
let stripe: Stripe
let accountId: string

beforeAll(async () => {
  bench = await startBench({ publicUrl: 'http://sandbox.test' })
  platform = bench.sdk('Rental')
  accountId = await openAccount()
  stripe = bench.sdkWithKey(bench.keys('Rental').secret, { stripeAccount: accountId })
})

afterAll(() => bench.close())

/** An Australian operator with a bank account for each of its two currencies, paid out on Fridays. */
async function openAccount(): Promise<string> {
  const { id } = await platform.accounts.create({
    type: 'custom',
    country: 'AU',
    business_type: 'company',
    capabilities: { card_payments: { requested: true } },
  })
  await bench.control('POST', `/accounts/${id}/script`, { script: 'complete' })
  await addBank(id, '000123456789')
  await platform.balanceSettings.update(
    {
      payments: {
        payouts: {
          schedule: { interval: 'weekly', weekly_payout_days: ['friday'] },
          minimum_balance_by_currency: { aud: 100_000, usd: 50_000 },
        },
      },
    },
    { stripeAccount: id },
  )
  return id
}

async function addBank(account: string, accountNumber: string): Promise<void> {
  await platform.accounts.createExternalAccount(account, {
    default_for_currency: true,
    external_account: {
      object: 'bank_account',
      country: 'US',
      currency: 'usd',
      account_number: accountNumber,
      routing_number: '110000000',
    },
  })
}

/** Most pay by a plain card; some are declined for ever, some must pass 3-D Secure each time. */
function cardOf(place: number): string {
  if (place % 12 === 5) return 'pm_card_chargeCustomerFail'
  if (place % 12 === 8) return 'pm_card_threeDSecure2Required'
  return place % 2 === 0 ? 'pm_card_visa' : 'pm_card_mastercard'
}

async function moveIn(count: number, currency: Renter['currency']): Promise<Renter[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const { id: customer } = await stripe.customers.create({ name: `${currency} ${place}` })
      const { id: method } = await stripe.paymentMethods.attach(cardOf(place), { customer })
      return { customer, method, currency, rent: 21_000 + 1337 * place }
    }),
  )
}

/** Goes on to 09:00 UTC of a day, working off what is due on the way. */
async function goTo(isoDay: string): Promise<void> {
  bench.clock.advance(Date.parse(`${isoDay}T09:00:00Z`) - bench.clock.now().getTime())
  await bench.running.runDue()
}

/** The rent of one renter: off-session first, with the payer when the bank asks, given up when it declines. */
async function collect(renter: Renter): Promise<'paid' | 'challenged' | 'declined'> {
  const { customer, currency, rent: amount, method } = renter
  const wish = { customer, currency, amount, payment_method: method, application_fee_amount: Math.round(amount / 100) }
  try {
    await stripe.paymentIntents.create({ ...wish, confirm: true, off_session: true })
    return 'paid'
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeCardError)) throw error
    if (error.code !== 'authentication_required') return 'declined'
    const failed = error.payment_intent?.id ?? ''
    const asked = await stripe.paymentIntents.confirm(failed, { payment_method: method, return_url: back })
    const page = `${bench.sandbox.url}/3ds/${tokenOf(asked)}`
    await fetch(page, { method: 'POST', body: new URLSearchParams({ outcome: 'complete' }), redirect: 'manual' })
    return 'challenged'
  }
}

async function payOnce(card: string, amount: number, currency: Renter['currency']): Promise<Stripe.PaymentIntent> {
  const wish = { amount, currency, payment_method: card, confirm: true, return_url: back }
  return stripe.paymentIntents.create({ ...wish, application_fee_amount: Math.round(amount / 100) })
}

async function dispute(evidence: string, currency: Renter['currency']): Promise<void> {
  const intent = await payOnce('pm_card_createDispute', 34_500, currency)
  const [opened] = (await stripe.disputes.list({ payment_intent: intent.id })).data
  await stripe.disputes.update(opened?.id ?? '', { evidence: { uncategorized_text: evidence }, submit: true })
}

/** One refund of everything, one of a part, one that the bank sends back a day later. */
async function refundSome(currency: Renter['currency']): Promise<void> {
  const [full, part, failing] = [
    await payOnce('pm_card_visa', 9900, currency),
    await payOnce('pm_card_visa', 12_345, currency),
    await payOnce('pm_card_refundFail', 7700, currency),
  ]
  await stripe.refunds.create({ payment_intent: full.id, refund_application_fee: true })
  await stripe.refunds.create({ payment_intent: part.id, amount: 2345, refund_application_fee: true })
  await stripe.refunds.create({ payment_intent: failing.id })
}

async function month(number: number, renters: readonly Renter[]): Promise<string[]> {
  const year = number === 1 ? '2026-12' : `2027-${String(number - 1).padStart(2, '0')}`
  await goTo(`${year}-01`)
  const outcomes: string[] = []
  for (const renter of renters) outcomes.push(await collect(renter))
  await goTo(`${year}-12`)
  for (const currency of ['aud', 'usd'] as const) await refundSome(currency)
  if (number === 3) await dispute('losing_evidence', 'aud')
  if (number === 5) await dispute('winning_evidence', 'usd')
  // The bank account for US dollars is closed in July and replaced in August.
  if (number === 8) await addBank(accountId, '000111111113')
  await goTo(`${year}-26`)
  if (number === 9) await addBank(accountId, '000123456789')
  return outcomes
}

interface Books {
  readonly balance: number
  readonly charges: number
  readonly refunds: number
  readonly disputes: number
  readonly fees: number
  readonly payouts: number
  readonly counts: Readonly<Record<string, number>>
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}

/** What the API says of one currency; transactions count only for their fees. */
async function readBooks(currency: string): Promise<Books> {
  const isOurs = (one: { readonly currency: string }): boolean => one.currency === currency
  const all = async <T extends { id: string; currency: string }>(list: AsyncIterable<T>): Promise<T[]> => {
    const found: T[] = []
    for await (const one of list) if (isOurs(one)) found.push(one)
    return found
  }
  const { available, pending } = await stripe.balance.retrieve()
  const charges = (await all(stripe.charges.list({ limit: 100 }))).filter(({ paid }) => paid)
  const refunds = (await all(stripe.refunds.list({ limit: 100 }))).filter(({ status }) => status === 'succeeded')
  const disputes = await all(stripe.disputes.list({ limit: 100 }))
  const payouts = await all(stripe.payouts.list({ limit: 100 }))
  const transactions = await all(stripe.balanceTransactions.list({ limit: 100, currency }))
  const movements = disputes.flatMap((one) => one.balance_transactions)
  expect(await countMismatches(payouts)).toStrictEqual([])
  return {
    balance: sum([...available, ...pending].filter(isOurs).map(({ amount }) => amount)),
    charges: sum(charges.map(({ amount_captured: amount }) => amount)),
    refunds: sum(refunds.map(({ amount }) => amount)),
    disputes: 0 - sum(movements.map(({ amount }) => amount)),
    fees: sum(transactions.map(({ fee }) => fee)),
    payouts: sum(payouts.filter(({ status }) => status !== 'failed').map(({ amount }) => amount)),
    counts: {
      charges: charges.length,
      refunds: refunds.length,
      disputes: disputes.length,
      payouts: payouts.length,
      failed: payouts.filter(({ status }) => status === 'failed').length,
      transactions: transactions.length,
    },
  }
}

/** Payouts that are not the sum of what they list. */
async function countMismatches(payouts: readonly Stripe.Payout[], sdk = stripe): Promise<string[]> {
  const wrong: string[] = []
  for (const { id, amount, automatic } of payouts) {
    if (!automatic) continue
    const rows: Stripe.BalanceTransaction[] = []
    for await (const row of sdk.balanceTransactions.list({ payout: id, limit: 100 })) rows.push(row)
    const listed = sum(rows.filter(({ source }) => source !== id).map(({ net }) => net))
    const own = sum(rows.filter(({ source, type }) => source === id && type === 'payout').map(({ net }) => net))
    if (listed !== amount || own !== -amount) wrong.push(id)
  }
  return wrong
}

test('SBX-56: after a year of rents, refunds, disputes and a failed payout every cent is accounted for', async () => {
  const startedAt = performance.now()
  const renters = [...(await moveIn(24, 'aud')), ...(await moveIn(12, 'usd'))]
  const outcomes: string[] = []
  for (let number = 1; number <= 12; number += 1) outcomes.push(...(await month(number, renters)))
  await goTo('2028-01-07')

  const [aud, usd] = [await readBooks('aud'), await readBooks('usd')]
  const fees = await platform.payouts.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })
  const tally = Map.groupBy(outcomes, (outcome) => outcome)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`A year: ${JSON.stringify({ aud, usd })}, ${outcomes.length} rents, ${seconds} s`)

  for (const books of [aud, usd])
    expect(books.balance).toBe(books.charges - books.refunds - books.disputes - books.fees - books.payouts)
  expect([...tally].map(([outcome, list]) => [outcome, list.length]).toSorted()).toStrictEqual([
    ['challenged', 36],
    ['declined', 36],
    ['paid', 360],
  ])
  expect([aud.counts['disputes'], usd.counts['disputes']]).toStrictEqual([1, 1])
  expect([aud.disputes, usd.disputes]).toStrictEqual([34_500, 0])
  expect([aud.counts['failed'], usd.counts['failed']]).toStrictEqual([0, 1])
  expect(await countMismatches(fees, platform)).toStrictEqual([])
  expect((await bench.control('GET', '/health')).body).toMatchObject({ ok: true, problems: [] })
}, 120_000)
