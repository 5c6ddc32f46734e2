/** The lines of a Checkout Session, with the prices made for them in passing. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import type { CreatingSession } from '../parts/checkout-parameters.ts'
import { changeMetadata } from '../protocol/parameters.ts'
import type { Space } from '../world/space.ts'

export function buildLines(space: Space, items: CreatingSession['line_items']): Stripe.LineItem[] {
  return (items ?? []).map((item, place) => {
    const { price_data: price, quantity = 1, metadata: tags } = item
    if (price?.product_data === undefined) {
      throw refuse(`Missing required param: line_items[${place}][price_data][product_data].`, {
        code: 'parameter_missing',
        param: `line_items[${place}][price_data]`,
      })
    }
    const { ids } = space.world
    const total = price.unit_amount * quantity
    return {
      id: ids.id('li'),
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: total,
      amount_tax: 0,
      amount_total: total,
      currency: price.currency,
      description: price.product_data.name,
      metadata: changeMetadata({}, tags),
      price: buildPrice(space, { currency: price.currency, unitAmount: price.unit_amount }),
      quantity,
    }
  })
}

/** A price made in passing: it exists in this line only and cannot be used again. */
function buildPrice(space: Space, wish: { currency: string; unitAmount: number }): Stripe.Price {
  const { ids } = space.world
  const price = {
    id: ids.id('price'),
    object: 'price' as const,
    active: false,
    billing_scheme: 'per_unit' as const,
    created: space.world.nowSeconds(),
    currency: wish.currency,
    custom_unit_amount: null,
    livemode: space.isLive,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: ids.id('prod', 14),
    recurring: null,
    tax_behavior: 'unspecified' as const,
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time' as const,
    unit_amount: wish.unitAmount,
    unit_amount_decimal: String(wish.unitAmount),
  }
  // The SDK turns the decimal's text into its own type; over the wire it is a string.
  return price as unknown as Stripe.Price
}
