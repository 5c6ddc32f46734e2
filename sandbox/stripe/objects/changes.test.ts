/** The operations no other test has a reason to call: looking at one part of something, and changing what may be changed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { eventTypesOf, refusalOf, savedCustomer, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
let customer: string
let method: string

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
  const saved = await savedCustomer(stripe, 'pm_card_visa')
  customer = saved.customer
  method = saved.method
})

afterAll(() => bench.close())

async function newestEvent(type: string): Promise<Stripe.Event> {
  const [event] = (await stripe.events.list({ type, limit: 1 })).data
  if (event === undefined) throw new Error(`There is no ${type}.`)
  return event
}

test('SBX-9: an account answers to its id as it answers to its key', async () => {
  const { accountId } = bench.keys('Harbour')

  expect((await stripe.accounts.retrieve(accountId)).id).toBe((await stripe.accounts.retrieveCurrent()).id)
})

test('a charge takes a description and metadata, and says so with what it had before', async () => {
  const intent = await stripe.paymentIntents.create({
    amount: 900,
    currency: 'aud',
    customer,
    payment_method: method,
    allowed_payment_method_types: ['card'],
    confirm: true,
  })
  const changed = await stripe.charges.update(String(intent.latest_charge), {
    description: 'Desk 4',
    metadata: { lease: '7' },
  })
  const event = await newestEvent('charge.updated')

  expect([changed.description, changed.metadata]).toEqual(['Desk 4', { lease: '7' }])
  expect(event.data.previous_attributes).toMatchObject({ description: null, metadata: { lease: null } })
})

test('a session of Checkout takes metadata', async () => {
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'aud',
    customer,
    success_url: 'https://example.com/done',
  })
  const changed = await stripe.checkout.sessions.update(session.id, { metadata: { lease: '7' } })

  expect(changed.metadata).toEqual({ lease: '7' })
})

test('a payment method is found through its customer and in the list of all', async () => {
  const other = await savedCustomer(stripe, 'pm_card_mastercard')
  const found = await stripe.customers.retrievePaymentMethod(customer, method)
  const listed = await stripe.paymentMethods.list({ customer })
  const strange = await refusalOf(stripe.customers.retrievePaymentMethod(customer, other.method))

  expect(found.id).toBe(method)
  expect(listed.data.map(({ id }) => id)).toEqual([method])
  expect(strange.statusCode).toBeGreaterThanOrEqual(400)
})

test('a saved payment method takes an address and metadata, and says so', async () => {
  const changed = await stripe.paymentMethods.update(method, {
    billing_details: { name: 'Ada Lovelace' },
    metadata: { seen: 'yes' },
  })

  expect([changed.billing_details.name, changed.metadata]).toEqual(['Ada Lovelace', { seen: 'yes' }])
  expect(await eventTypesOf(stripe, method)).toContain('payment_method.updated')
})

test('a setup intent is listed by customer and takes a description', async () => {
  const { id: newcomer } = await stripe.customers.create()
  const intent = await stripe.setupIntents.create({ customer: newcomer, allowed_payment_method_types: ['card'] })
  const changed = await stripe.setupIntents.update(intent.id, { description: 'Card for Desk 4' })
  const listed = await stripe.setupIntents.list({ customer: newcomer })

  expect(changed.description).toBe('Card for Desk 4')
  expect(listed.data.map(({ id }) => id)).toEqual([intent.id])
})

test('a connected account lists its capabilities, and takes and loses a person', async () => {
  const platform = bench.sdk('Rental')
  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } }
  const { id } = await platform.accounts.create({
    type: 'custom',
    country: 'AU',
    business_type: 'company',
    capabilities,
  })
  const listed = await platform.accounts.listCapabilities(id)
  const person = await platform.accounts.createPerson(id, { first_name: 'Ada', relationship: { owner: true } })
  const gone = await platform.accounts.deletePerson(id, person.id)

  expect(listed.data.map((capability) => capability.id).toSorted()).toEqual(['card_payments', 'transfers'])
  expect([person.first_name, person.relationship?.owner]).toEqual(['Ada', true])
  expect(gone).toMatchObject({ id: person.id, deleted: true })
  expect((await platform.accounts.listPersons(id)).data).toEqual([])
})

test('products are listed, those that are still sold apart from the others', async () => {
  const desk = await stripe.products.create({ name: 'Desk' })
  const shed = await stripe.products.create({ name: 'Shed', active: false })

  expect((await stripe.products.list()).data.map(({ id }) => id)).toEqual([shed.id, desk.id])
  expect((await stripe.products.list({ active: true })).data.map(({ id }) => id)).toEqual([desk.id])
})
