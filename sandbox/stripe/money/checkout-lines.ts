/** The lines of a Checkout Session: of prices made before, or of prices made for them in passing. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { buildPrice, getOneTimePrice } from '../invoicing/catalogue/records.ts'
import type { CreatingSession } from '../parts/checkout-parameters.ts'
import { getByParameter } from '../parts/reference.ts'
import { changeMetadata } from '../protocol/parameters.ts'
import type { Space } from '../world/space.ts'

type Item = NonNullable<CreatingSession['line_items']>[number]

/** What a line sells: the price, what it is called, and what one of it costs in minor units. */
interface Sale {
  readonly price: Stripe.Price
  readonly name: string
  readonly unitAmount: number
}

/** Throws StripeRefusal for a line without a price, with two, or with one that cannot be sold here. */
export function buildLines(space: Space, items: CreatingSession['line_items']): Stripe.LineItem[] {
  return (items ?? []).map((item, place) => {
    const { quantity = 1, metadata: tags } = item
    const { price, name, unitAmount } = findSale(space, item, `line_items[${place}]`)
    const total = unitAmount * quantity
    return {
      id: space.world.ids.id('li'),
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: total,
      amount_tax: 0,
      amount_total: total,
      currency: price.currency,
      description: name,
      metadata: changeMetadata({}, tags),
      price,
      quantity,
    }
  })
}

function findSale(space: Space, item: Item, path: string): Sale {
  const { price: id, price_data: data } = item
  if (id !== undefined && data !== undefined)
    throw refuse('You may only specify one of these parameters: price, price_data.', { param: `${path}[price_data]` })
  if (id !== undefined) {
    const { price, product, unitAmount } = getOneTimePrice(space, { id, param: `${path}[price]` })
    return { price, name: product.name, unitAmount }
  }
  if (data === undefined)
    throw refuse(`Missing required param: ${path}[price].`, { code: 'parameter_missing', param: `${path}[price]` })
  const { product, name } = readProduct(space, data, path)
  const price = makeInPassing(space, { currency: data.currency, unitAmount: data.unit_amount, product })
  return { price, name, unitAmount: data.unit_amount }
}

function readProduct(
  space: Space,
  data: NonNullable<Item['price_data']>,
  path: string,
): { product: string; name: string } {
  if ((data.product === undefined) === (data.product_data === undefined)) {
    throw refuse(`You must specify exactly one of \`product\` and \`product_data\`.`, {
      ...(data.product === undefined && { code: 'parameter_missing' }),
      param: `${path}[price_data]`,
    })
  }
  if (data.product === undefined)
    return { product: space.world.ids.id('prod', 14), name: data.product_data?.name ?? '' }
  const row = getByParameter(space, 'product', { id: data.product, param: `${path}[price_data][product]` })
  return { product: row.id, name: row.object.name }
}

/** A price made in passing: it exists in this line only and cannot be used again. */
function makeInPassing(space: Space, wish: { currency: string; unitAmount: number; product: string }): Stripe.Price {
  const rest = { lookupKey: null, metadata: {}, nickname: null, recurring: null, taxBehavior: 'unspecified' } as const
  return buildPrice(space, { ...wish, ...rest, isActive: false })
}
