/**
 * SBX-50: Stripe's published example objects as a second witness. They are older than the pinned version, so where the contract and
 * an example disagree the difference is named here; a disagreement that is not named is a mistake of the derivation. What the
 * sandbox shows is held against the examples as well: a field of an example that the sandbox leaves out is named, or is a fault.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { modules } from '../../sandbox/stripe/modules.ts'
import { startBench } from '../../sandbox/stripe/test-bench.ts'
import { loadContract } from './derive/document.ts'
import { nameOfReference } from './derive/schemas.ts'
import type { Schema } from './derive/schemas.ts'
import { OperationFinder } from './judge/operation-finder.ts'
import { Validators } from './judge/validators.ts'

type Json = Record<string, any>

const file = join(import.meta.dirname, '../../../shared/data/stripe-fixtures.json')
const isThere = existsSync(file)
if (!isThere) process.stdout.write(`Skipped: ${file} is not here, so Stripe's published objects are not compared.\n`)

const contract = loadContract()
const validators = new Validators(contract.components.schemas)
const examples: Record<string, Json> = isThere ? JSON.parse(readFileSync(file, 'utf8')).resources : {}

/** Where an example is older than the contract, or is cut short; by object, '*' for all. */
const olderThanContract: Readonly<Record<string, readonly RegExp[]>> = {
  // Every example names the account of a transfer as an account with three fields.
  '*': [/^\/transfer_data\/destination\//],
  account: [/^\/business_profile\/specified_commercial_transactions_act_url is missing$/],
  charge: [/^\/payment_method_details\/card\/electronic_commerce_indicator is missing$/],
  'checkout.session': [/^\/allowed_payment_method_types is missing$/],
  dispute: [/^\/intended_submission_method is missing$/, /^\/evidence_details\/submission_method is missing$/],
  // Its type and its object do not belong together.
  event: [/^\/data\/object /, /^\/type /],
  // The subscription moved into `parent`.
  invoice: [/^\/subscription is a field the contract does not know$/],
  payment_intent: [/^\/allowed_payment_method_types is missing$/, /^\/payment_record is missing$/],
  product: [/^\/tax_details is missing$/],
  setup_intent: [/^\/allowed_payment_method_types is missing$/],
}

/** Optional fields that the examples show and the sandbox does not, and why. */
const notShown: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  balance: { connect_reserved: 'only a platform has one, and this account is none' },
  charge: { refunds: 'since 2022-11-15 only when it is expanded' },
}

const objects = listAnsweredObjects()

describe.skipIf(!isThere)("SBX-50: the contract and Stripe's published objects agree", () => {
  test('there is something to compare', () => {
    expect(objects.filter(({ kind }) => examples[kind] !== undefined).length).toBeGreaterThan(10)
  })

  test.each(objects.filter(({ kind }) => examples[kind] !== undefined))('$kind', ({ kind, component }) => {
    const named = [...(olderThanContract['*'] ?? []), ...(olderThanContract[kind] ?? [])]
    const faults = validators
      .check({ $ref: `#/components/schemas/${component}` }, examples[kind])
      .map(({ path, problem }) => `${path} ${problem}`)
      // Ids of the examples are made up without their prefix.
      .filter((text) => !/must match pattern|an id like/.test(text))

    expect(faults.filter((text) => !named.some((one) => one.test(text)))).toEqual([])
  })
})

describe.skipIf(!isThere)("SBX-50: the sandbox shows the fields of Stripe's published objects", async () => {
  const shown = await showObjects()

  test.each(Object.keys(shown).filter((kind) => examples[kind] !== undefined))('%s', (kind) => {
    const left = Object.keys(examples[kind] ?? {}).filter((field) => !Object.hasOwn(shown[kind] ?? {}, field))

    expect(left).toEqual(Object.keys(notShown[kind] ?? {}))
  })
})

/** Whatever an operation of the sandbox answers, alone or in a list. */
function listAnsweredObjects(): readonly { kind: string; component: string }[] {
  const finder = new OperationFinder(contract.paths)
  const found = new Map<string, string>()
  for (const { method, path } of modules.flatMap(({ operations }) => operations)) {
    const answer: Schema = finder.find(method, path)?.operation.answer ?? {}
    const item = answer.properties?.['data']?.items ?? answer
    for (const { $ref } of item.anyOf ?? [item]) {
      if ($ref === undefined) continue
      const component = nameOfReference($ref)
      const { object, deleted } = contract.components.schemas[component]?.properties ?? {}
      const kind = `${deleted?.const === true ? 'deleted_' : ''}${String(object?.const)}`
      found.set(kind, component)
    }
  }
  return [...found].map(([kind, component]) => ({ kind, component }))
}

/** One of each object the sandbox makes, as its API shows it. */
async function showObjects(): Promise<Record<string, Json>> {
  const bench = await startBench()
  try {
    const stripe = bench.sdk('Harbour')
    const { url, key, ...made } = {
      url: 'https://example.com',
      key: bench.keys('Harbour'),
      ...(await makeMoney(stripe)),
    }
    const all = [
      ...Object.values(made),
      await stripe.accounts.retrieve(key.accountId),
      await stripe.balance.retrieve(),
      (await stripe.balanceTransactions.list({ limit: 1 })).data[0],
      (await stripe.events.list({ limit: 1 })).data[0],
      await stripe.webhookEndpoints.create({ url, enabled_events: ['*'] }),
    ]
    return Object.fromEntries(all.map((one) => [(one as Json)['object'], one as Json]))
  } finally {
    await bench.close()
  }
}

async function makeMoney(stripe: Stripe): Promise<Record<string, unknown>> {
  const customer = await stripe.customers.create({ name: 'Ada' })
  const method = await stripe.paymentMethods.attach('pm_card_bypassPending', { customer: customer.id })
  const card = { customer: customer.id, payment_method: method.id, allowed_payment_method_types: ['card' as const] }
  const intent = await stripe.paymentIntents.create({ ...card, amount: 900, currency: 'aud', confirm: true })
  const charge = await stripe.charges.retrieve(String(intent.latest_charge))
  const refund = await stripe.refunds.create({ charge: charge.id, amount: 100 })
  const setup = await stripe.setupIntents.create({ ...card, confirm: true, usage: 'off_session' })
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://example.com/done',
    line_items: [{ quantity: 1, price_data: { currency: 'aud', unit_amount: 500, product_data: { name: 'Desk' } } }],
  })
  return { customer, method, intent, charge, refund, setup, session }
}
