/** Products and prices as objects: how they begin and change. The operations stand beside this file. */
import type Stripe from 'stripe'
import { refuse } from '../../errors.ts'
import { emit } from '../../objects/event.ts'
import { getByParameter, idOf } from '../../parts/reference.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { wireDecimal } from './decimal.ts'

/** Whether any field would be another one afterwards: what changes nothing is no event. */
export function changes(before: object, change: object): boolean {
  return JSON.stringify({ ...before, ...change }) !== JSON.stringify(before)
}

export interface ProductSeed {
  readonly id?: string | undefined
  readonly name: string
  readonly isActive: boolean
  readonly metadata: Record<string, string>
  readonly description?: string | undefined
  readonly images?: readonly string[] | undefined
  readonly features?: readonly { readonly name: string }[] | undefined
  readonly isShippable?: boolean | undefined
  readonly statementDescriptor?: string | undefined
  readonly unitLabel?: string | undefined
  readonly url?: string | undefined
}

/** Throws StripeRefusal when the id was given and is taken. */
export function createProduct(space: Space, seed: ProductSeed): Row<'product'> {
  const id = seed.id ?? space.world.ids.id('prod', 14)
  if (space.find('product', id) !== undefined)
    throw refuse('Product already exists.', { code: 'resource_already_exists', param: 'id' })
  const now = space.world.nowSeconds()
  const object: Stripe.Product = {
    id,
    object: 'product',
    active: seed.isActive,
    created: now,
    default_price: null,
    description: seed.description ?? null,
    images: [...(seed.images ?? [])],
    livemode: space.isLive,
    marketing_features: [...(seed.features ?? [])],
    metadata: seed.metadata,
    name: seed.name,
    package_dimensions: null,
    shippable: seed.isShippable ?? null,
    statement_descriptor: seed.statementDescriptor ?? null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: seed.unitLabel ?? null,
    updated: now,
    url: seed.url ?? null,
  }
  const row = space.insert('product', id, { object, hidden: {} })
  emit(space, { type: 'product.created', object: row.object })
  return row
}

/** Writes the change and tells of it, unless it changes nothing. */
export function changeProduct(space: Space, before: Row<'product'>, change: Partial<Stripe.Product>): Row<'product'> {
  if (!changes(before.object, change)) return before
  const row = space.update('product', before.id, { object: { ...change, updated: space.world.nowSeconds() } })
  emit(space, { type: 'product.updated', object: row.object, before: before.object })
  return row
}

export interface PriceSeed {
  readonly product: string
  /** Three small letters. */
  readonly currency: string
  /** Minor units of the currency. */
  readonly unitAmount: number
  readonly isActive: boolean
  readonly lookupKey: string | null
  readonly metadata: Record<string, string>
  readonly nickname: string | null
  readonly recurring: Stripe.Price.Recurring | null
  readonly taxBehavior: 'exclusive' | 'inclusive' | 'unspecified'
}

/** A price of this account that can still be used. */
export function buildPrice(space: Space, seed: PriceSeed): Stripe.Price {
  return {
    id: space.world.ids.id('price'),
    object: 'price',
    active: seed.isActive,
    billing_scheme: 'per_unit',
    created: space.world.nowSeconds(),
    currency: seed.currency,
    custom_unit_amount: null,
    livemode: space.isLive,
    lookup_key: seed.lookupKey,
    metadata: seed.metadata,
    nickname: seed.nickname,
    product: seed.product,
    recurring: seed.recurring,
    tax_behavior: seed.taxBehavior,
    tiers_mode: null,
    transform_quantity: null,
    type: seed.recurring === null ? 'one_time' : 'recurring',
    unit_amount: seed.unitAmount,
    unit_amount_decimal: wireDecimal(seed.unitAmount),
  }
}

export function createPrice(space: Space, seed: PriceSeed): Row<'price'> {
  const object = buildPrice(space, seed)
  const row = space.insert('price', object.id, { object, hidden: {} })
  emit(space, { type: 'price.created', object: row.object })
  return row
}

export function changePrice(space: Space, before: Row<'price'>, change: Partial<Stripe.Price>): Row<'price'> {
  if (!changes(before.object, change)) return before
  const row = space.update('price', before.id, { object: change })
  emit(space, { type: 'price.updated', object: row.object, before: before.object })
  return row
}

/**
 * Makes a lookup key free for a price. Throws StripeRefusal when another active price has it, unless it may be taken over.
 */
export function freeLookupKey(space: Space, key: string, wish: { for: string | null; mayTransfer: boolean }): void {
  const holder = [...space.newestFirst('price', { where: ({ object }) => object.lookup_key === key })].find(
    (row) => row.id !== wish.for,
  )
  if (holder === undefined) return
  if (!wish.mayTransfer) {
    throw refuse(`A price (\`${holder.id}\`) already uses that lookup key.`, {
      code: 'resource_already_exists',
      param: 'lookup_key',
    })
  }
  changePrice(space, holder, { lookup_key: null })
}

/** The price a line names, with its product. Throws StripeRefusal for one that is unknown, inactive or recurring. */
export function getOneTimePrice(
  space: Space,
  named: { id: string; param: string },
): { price: Stripe.Price; product: Stripe.Product; unitAmount: number } {
  const { object: price } = getByParameter(space, 'price', named)
  if (!price.active)
    throw refuse('The price specified is inactive. This field only accepts active prices.', { param: named.param })
  if (price.type === 'recurring') {
    const message = `The price specified is set to \`type=recurring\` but this field only accepts prices with \`type=one_time\`.`
    throw refuse(message, { param: named.param })
  }
  const product = space.get('product', idOf(price.product) ?? '').object
  return { price, product, unitAmount: price.unit_amount ?? 0 }
}
