/** Prices: the operations. Recurring ones are kept and listed, but nothing here bills them. */
import type Stripe from 'stripe'
import { notSupported, refuse } from '../../errors.ts'
import { currency } from '../../money/amounts.ts'
import { getByParameter, getByPath } from '../../parts/reference.ts'
import { listPage, pagination } from '../../protocol/lists.ts'
import { operation, shown } from '../../protocol/operation.ts'
import type { Call, ObjectModule } from '../../protocol/operation.ts'
import {
  changeMetadata,
  flag,
  group,
  integer,
  isWithin,
  list,
  metadata,
  objectId,
  oneOf,
  range,
  required,
  text,
} from '../../protocol/parameters.ts'
import type { Values } from '../../protocol/parameters.ts'
import type { Row } from '../../world/kinds.ts'
import { changePrice, createPrice, createProduct, freeLookupKey } from './records.ts'
import { wholeDecimal } from './decimal.ts'

const interval = oneOf('day', 'month', 'week', 'year')
const taxBehavior = oneOf('exclusive', 'inclusive', 'unspecified')
const usage = oneOf('licensed', 'metered')

const creating = {
  active: flag(),
  billing_scheme: oneOf('per_unit', 'tiered'),
  currency: required(currency()),
  lookup_key: text(200),
  metadata: metadata(),
  nickname: text(),
  product: objectId(),
  product_data: group(
    {
      active: flag(),
      id: text(255),
      metadata: metadata(),
      name: required(text(250)),
      statement_descriptor: text(22),
      unit_label: text(12),
    },
    ['tax_code', 'tax_details'],
  ),
  recurring: group(
    {
      interval: required(interval),
      interval_count: integer({ min: 1, max: 1095 }),
      trial_period_days: integer({ min: 1, max: 730 }),
      usage_type: usage,
    },
    ['meter'],
  ),
  tax_behavior: taxBehavior,
  transfer_lookup_key: flag(),
  unit_amount: integer({ min: 0 }),
  unit_amount_decimal: wholeDecimal(),
}

type Creating = Values<typeof creating>

/** Whole minor units from whichever of the two ways was used. */
function readUnitAmount(params: Creating): number {
  if (params.billing_scheme === 'tiered') throw notSupported('tiered prices', 'billing_scheme')
  const { unit_amount: amount, unit_amount_decimal: decimal } = params
  if (amount !== undefined && decimal !== undefined) {
    throw refuse('You may only specify one of these parameters: unit_amount, unit_amount_decimal.', {
      param: 'unit_amount_decimal',
    })
  }
  const read = amount ?? decimal
  if (read === undefined) {
    throw refuse('Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.', {
      code: 'parameter_missing',
      param: 'unit_amount',
    })
  }
  if (read < 0) throw refuse('Invalid non-negative decimal', { param: 'unit_amount_decimal' })
  return read
}

function readRecurring(given: Creating['recurring']): Stripe.Price.Recurring | null {
  if (given === undefined) return null
  return {
    interval: given.interval,
    interval_count: given.interval_count ?? 1,
    meter: null,
    trial_period_days: given.trial_period_days ?? null,
    usage_type: given.usage_type ?? 'licensed',
  }
}

/** The product named, or one made in passing. */
function readProduct(call: Call<Creating>): string {
  const { product, product_data: data } = call.params
  if ((product === undefined) === (data === undefined)) {
    throw refuse('You must specify exactly one of `product` and `product_data`.', {
      ...(product === undefined && { code: 'parameter_missing' }),
      param: product === undefined ? 'product' : 'product_data',
    })
  }
  if (product !== undefined) return getByParameter(call.space, 'product', { id: product, param: 'product' }).id
  return createProduct(call.space, {
    id: data?.id,
    name: data?.name ?? '',
    isActive: data?.active ?? true,
    metadata: changeMetadata({}, data?.metadata),
    statementDescriptor: data?.statement_descriptor,
    unitLabel: data?.unit_label,
  }).id
}

function create(call: Call<Creating>): Row<'price'> {
  const { space, params } = call
  const unitAmount = readUnitAmount(params)
  const product = readProduct(call)
  const { lookup_key: lookupKey = null } = params
  if (lookupKey !== null)
    freeLookupKey(space, lookupKey, { for: null, mayTransfer: params.transfer_lookup_key ?? false })
  return createPrice(space, {
    product,
    currency: params.currency,
    unitAmount,
    isActive: params.active ?? true,
    lookupKey,
    metadata: changeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    recurring: readRecurring(params.recurring),
    taxBehavior: params.tax_behavior ?? 'unspecified',
  })
}

export const prices: ObjectModule = {
  prefixes: { price: 'price' },
  expansions: { price: { product: 'product' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/prices',
      permission: 'plan_write',
      parameters: creating,
      unsupported: ['currency_options', 'custom_unit_amount', 'tiers', 'tiers_mode', 'transform_quantity'],
      run: (call) => shown(create(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/prices',
      permission: 'plan_read',
      parameters: {
        ...pagination,
        active: flag(),
        created: range(),
        currency: currency(),
        lookup_keys: list(text(200), { max: 10 }),
        product: objectId(),
        recurring: group({ interval, usage_type: usage }, ['meter']),
        type: oneOf('one_time', 'recurring'),
      },
      run(call) {
        const { active, created, currency: money, lookup_keys: keys, product, recurring, type } = call.params
        return listPage(call, {
          kind: 'price',
          url: '/v1/prices',
          by: product === undefined ? undefined : ['product', product],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (active === undefined || object.active === active) &&
            (money === undefined || object.currency === money) &&
            (keys === undefined || (object.lookup_key !== null && keys.includes(object.lookup_key))) &&
            (recurring === undefined || isRecurringAs(object, recurring)) &&
            (type === undefined || object.type === type),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/prices/:id',
      permission: 'plan_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'price')),
    }),
    operation({
      method: 'POST',
      path: '/v1/prices/:id',
      permission: 'plan_write',
      parameters: {
        active: flag(),
        lookup_key: text(200),
        metadata: metadata(),
        nickname: text(),
        tax_behavior: taxBehavior,
        transfer_lookup_key: flag(),
      },
      unsupported: ['currency_options'],
      run(call) {
        const before = getByPath(call, 'price')
        const { active, lookup_key: key, metadata: tags, nickname, tax_behavior: behavior } = call.params
        if (key !== undefined) {
          const mayTransfer = call.params.transfer_lookup_key ?? false
          freeLookupKey(call.space, key, { for: before.id, mayTransfer })
        }
        if (behavior !== undefined && !['unspecified', behavior].includes(before.object.tax_behavior ?? 'unspecified'))
          throw refuse('You cannot change the `tax_behavior` of a price once it was set.', { param: 'tax_behavior' })
        const row = changePrice(call.space, before, {
          metadata: changeMetadata(before.object.metadata, tags),
          ...(active !== undefined && { active }),
          ...(key !== undefined && { lookup_key: key }),
          ...(nickname !== undefined && { nickname }),
          ...(behavior !== undefined && { tax_behavior: behavior }),
        })
        return shown(row)
      },
    }),
  ],
}

function isRecurringAs(
  price: Stripe.Price,
  wish: { interval?: string | undefined; usage_type?: string | undefined },
): boolean {
  if (price.recurring === null) return false
  const { interval: every, usage_type: type } = wish
  return (
    (every === undefined || price.recurring.interval === every) &&
    (type === undefined || price.recurring.usage_type === type)
  )
}
