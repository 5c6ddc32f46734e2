/** Products and prices, as the SDK makes, changes and lists them (SBX-45). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type Stripe from 'stripe'
import { eventTypesOf, refusalOf, startBench } from '../../test-bench.ts'
import type { Bench } from '../../test-bench.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})
afterAll(() => bench.close())

async function makePrice(params: Partial<Stripe.PriceCreateParams> = {}): Promise<Stripe.Price> {
  return stripe.prices.create({ currency: 'aud', unit_amount: 1500, product_data: { name: 'Desk' }, ...params })
}

describe('products', () => {
  test('SBX-45: a new product has every field of the pinned version and is told of', async () => {
    const product = await stripe.products.create({
      name: 'Desk',
      description: 'By the window',
      images: ['https://example.com/desk.png'],
      marketing_features: [{ name: 'Quiet' }],
      metadata: { floor: '3' },
    })

    expect(product).toMatchObject({
      object: 'product',
      active: true,
      default_price: null,
      description: 'By the window',
      images: ['https://example.com/desk.png'],
      livemode: false,
      marketing_features: [{ name: 'Quiet' }],
      metadata: { floor: '3' },
      name: 'Desk',
      package_dimensions: null,
      type: 'service',
      url: null,
    })
    expect(await eventTypesOf(stripe, product.id)).toEqual(['product.created'])
  })

  test('SBX-45: a change tells what was before; no change is no event', async () => {
    const product = await stripe.products.create({ name: 'Desk', metadata: { floor: '3' } })
    bench.clock.advance(1000)
    await stripe.products.update(product.id, { name: 'Desk', metadata: { floor: '3' } })

    const changed = await stripe.products.update(product.id, { name: 'Corner desk', active: false, description: '' })

    const [event, ...others] = (await stripe.events.list({ type: 'product.updated' })).data
    expect(changed).toMatchObject({ name: 'Corner desk', active: false, description: null })
    expect(changed.updated).toBe(product.updated + 1)
    expect(others).toEqual([])
    expect(event?.data.previous_attributes).toEqual({ active: true, name: 'Desk', updated: product.updated })
  })

  test('SBX-45: a chosen id is taken once', async () => {
    await stripe.products.create({ name: 'Desk', id: 'prod_desk' })

    const refusal = await refusalOf(stripe.products.create({ name: 'Desk', id: 'prod_desk' }))

    expect(refusal).toMatchObject({ statusCode: 400, code: 'resource_already_exists', param: 'id' })
  })

  test('SBX-45: products are listed by whether they are sold', async () => {
    const sold = await stripe.products.create({ name: 'Sold', url: 'https://example.com/sold' })
    const gone = await stripe.products.create({ name: 'Gone', active: false })

    const listed = await stripe.products.list({ active: true, ids: [sold.id, gone.id] })

    expect(listed.data.map((product) => product.id)).toEqual([sold.id])
    expect((await stripe.products.list({ url: 'https://example.com/sold' })).data).toEqual(listed.data)
  })

  test('SBX-45: a product without prices can be deleted, one with prices can not', async () => {
    const loose = await stripe.products.create({ name: 'Loose' })
    const price = await makePrice()

    expect(await stripe.products.del(loose.id)).toEqual({ id: loose.id, object: 'product', deleted: true })
    expect(await refusalOf(stripe.products.retrieve(loose.id))).toMatchObject({ statusCode: 404 })
    expect(await eventTypesOf(stripe, loose.id)).toEqual(['product.created', 'product.deleted'])
    const refusal = await refusalOf(stripe.products.del(String(price.product)))
    expect(refusal.message).toContain('one or more user-created prices')
  })

  test('SBX-45: the default price must be one of the product', async () => {
    const own = await makePrice()
    const other = await makePrice()

    const set = await stripe.products.update(String(own.product), { default_price: own.id, expand: ['default_price'] })

    expect(set.default_price).toMatchObject({ id: own.id, unit_amount: 1500 })
    const refusal = await refusalOf(stripe.products.update(String(own.product), { default_price: other.id }))
    expect(refusal).toMatchObject({ statusCode: 400, param: 'default_price' })
  })

  test.each([
    ['no name', {}, 'parameter_missing', 'name'],
    ['an empty name', { name: '' }, 'parameter_invalid_string_empty', 'name'],
    ['an unknown parameter', { name: 'x', colour: 'red' }, 'parameter_unknown', 'colour'],
    ['a picture that is no address', { name: 'x', images: ['desk'] }, 'url_invalid', 'images[0]'],
    ['measures', { name: 'x', tax_code: 'txcd_1' }, 'sandbox_not_supported', 'tax_code'],
  ])('SBX-11: %s is refused', async (_, params, code, param) => {
    const refusal = await refusalOf(stripe.products.create(params as Stripe.ProductCreateParams))

    expect(refusal).toMatchObject({ statusCode: 400, code, param })
  })

  test('SBX-9: no other account sees the product', async () => {
    const product = await stripe.products.create({ name: 'Desk' })

    const refusal = await refusalOf(bench.sdk('Keystone').products.retrieve(product.id))

    expect(refusal).toMatchObject({ statusCode: 404, code: 'resource_missing' })
  })
})

describe('prices', () => {
  test('SBX-45: a price is made with its product, in whole minor units', async () => {
    const price = await makePrice({ nickname: 'Day', metadata: { kind: 'day' } })

    expect(price).toMatchObject({
      object: 'price',
      active: true,
      billing_scheme: 'per_unit',
      currency: 'aud',
      metadata: { kind: 'day' },
      nickname: 'Day',
      recurring: null,
      type: 'one_time',
      unit_amount: 1500,
    })
    expect(String(price.unit_amount_decimal)).toBe('1500')
    expect(await stripe.products.retrieve(String(price.product))).toMatchObject({ name: 'Desk' })
    expect(await eventTypesOf(stripe, price.id)).toEqual(['price.created'])
  })

  test('SBX-45: a recurring price is kept with its rhythm and found by it', async () => {
    const price = await makePrice({ recurring: { interval: 'month' } })

    const found = await stripe.prices.list({ product: String(price.product), recurring: { interval: 'month' } })

    expect(price).toMatchObject({
      type: 'recurring',
      recurring: { interval: 'month', interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed' },
    })
    expect(found.data.map((one) => one.id)).toEqual([price.id])
    expect((await stripe.prices.list({ product: String(price.product), type: 'one_time' })).data).toEqual([])
  })

  test('SBX-45: a lookup key belongs to one price and moves only when told', async () => {
    const first = await makePrice({ lookup_key: 'desk_day' })

    const refusal = await refusalOf(makePrice({ lookup_key: 'desk_day' }))
    const second = await makePrice({ lookup_key: 'desk_day', transfer_lookup_key: true })

    expect(refusal).toMatchObject({ statusCode: 400, param: 'lookup_key' })
    expect((await stripe.prices.retrieve(first.id)).lookup_key).toBeNull()
    expect((await stripe.prices.list({ lookup_keys: ['desk_day'] })).data.map((one) => one.id)).toEqual([second.id])
  })

  test('SBX-45: what a price costs can not change, the rest can', async () => {
    const price = await makePrice()

    const changed = await stripe.prices.update(price.id, { active: false, nickname: 'Old', metadata: { a: 'b' } })
    const refusal = await refusalOf(stripe.prices.update(price.id, { unit_amount: 1 } as Stripe.PriceUpdateParams))

    expect(changed).toMatchObject({ active: false, nickname: 'Old', unit_amount: 1500 })
    expect(refusal).toMatchObject({ code: 'parameter_unknown', param: 'unit_amount' })
    expect(await eventTypesOf(stripe, price.id)).toEqual(['price.created', 'price.updated'])
  })

  test.each([
    ['no amount', { product: 'p' }, 'parameter_missing', 'unit_amount'],
    ['a negative amount', { product: 'p', unit_amount: -1 }, 'parameter_invalid_integer', 'unit_amount'],
    ['half an amount', { product: 'p', unit_amount: 1.5 }, 'parameter_invalid_integer', 'unit_amount'],
    ['no product', { unit_amount: 1 }, 'parameter_missing', 'product'],
    ['an unknown product', { unit_amount: 1, product: 'prod_nobody' }, 'resource_missing', 'product'],
    ['both products', { unit_amount: 1, product: 'p', product_data: { name: 'x' } }, undefined, 'product_data'],
    ['fractions', { product: 'p', unit_amount_decimal: '0.5' }, 'sandbox_not_supported', 'unit_amount_decimal'],
    ['tiers', { product: 'p', billing_scheme: 'tiered' }, 'sandbox_not_supported', 'billing_scheme'],
    ['an unknown currency', { product: 'p', unit_amount: 1, currency: 'xyz' }, undefined, 'currency'],
  ])('SBX-11: %s is refused', async (_, params, code, param) => {
    const refusal = await refusalOf(stripe.prices.create({ currency: 'aud', ...params } as Stripe.PriceCreateParams))

    expect(refusal).toMatchObject({ statusCode: 400, code, param })
  })
})
