/** Invoice items: the operations. What an item does to an invoice is told in items.ts. */
import { refuse } from '../errors.ts'
import { currency } from '../money/amounts.ts'
import { getCustomer } from '../objects/customer.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import {
  changeMetadata,
  flag,
  group,
  integer,
  isWithin,
  metadata,
  objectId,
  oneOf,
  range,
  required,
  text,
  timestamp,
} from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { getOneTimePrice } from './catalogue/records.ts'
import { wholeDecimal, wireDecimal } from './catalogue/decimal.ts'
import { changeItem, createItem, deleteItem, describePricing } from './items.ts'
import type { Cost } from './items.ts'

const largest = 999_999_999_999

const costing = {
  amount: integer({ min: -largest, max: largest }),
  price_data: group(
    {
      currency: required(currency()),
      product: required(objectId()),
      tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
      unit_amount: required(integer({ min: 0, max: largest })),
    },
    ['unit_amount_decimal'],
  ),
  pricing: group({ price: required(objectId()) }),
  quantity: integer({ min: 0, max: 1_000_000 }),
  unit_amount_decimal: wholeDecimal(),
}

const writable = {
  ...costing,
  description: text(),
  discountable: flag(),
  metadata: metadata(),
  period: group({ end: required(timestamp()), start: required(timestamp()) }),
}

const creating = { ...writable, currency: currency(), customer: objectId(), invoice: objectId() }

const unbuilt = ['discounts', 'quantity_decimal', 'tax_behavior', 'tax_code', 'tax_rates']

type Costing = Values<typeof costing>

const ways = ['amount', 'price_data', 'pricing', 'unit_amount_decimal'] as const

function checkOneWay(params: Costing): void {
  const given = ways.filter((way) => params[way] !== undefined)
  if (given.length > 1)
    throw refuse(`You may only specify one of these parameters: ${given.join(', ')}.`, { param: String(given[1]) })
  if (params.amount !== undefined && params.quantity !== undefined) {
    throw refuse('You may only specify one of these parameters: amount, quantity.', { param: 'quantity' })
  }
}

/** What the parameters say an item costs; undefined when they say nothing about it. */
function readCost(space: Space, params: Costing, fallback: string): Cost | undefined {
  checkOneWay(params)
  const { amount, price_data: data, pricing, quantity = 1, unit_amount_decimal: unit } = params
  if (amount !== undefined)
    return { amount, currency: fallback, quantity: 1, unitAmount: amount, price: null, name: null }
  if (unit !== undefined)
    return { amount: unit * quantity, currency: fallback, quantity, unitAmount: unit, price: null, name: null }
  if (pricing !== undefined) {
    const { price, product, unitAmount } = getOneTimePrice(space, { id: pricing.price, param: 'pricing[price]' })
    const named = { price: price.id, product: product.id }
    return {
      amount: unitAmount * quantity,
      currency: price.currency,
      quantity,
      unitAmount,
      price: named,
      name: product.name,
    }
  }
  if (data === undefined) return undefined
  const product = getByParameter(space, 'product', { id: data.product, param: 'price_data[product]' })
  const each = data.unit_amount
  return {
    amount: each * quantity,
    currency: data.currency,
    quantity,
    unitAmount: each,
    price: null,
    name: product.object.name,
  }
}

function checkPeriod(period: { start: number; end: number } | undefined): void {
  if (period !== undefined && period.end < period.start)
    throw refuse('The end of the period must not be before its start.', { param: 'period' })
}

function create(call: Call<Values<typeof creating>>): Row<'invoiceitem'> {
  const { space, params } = call
  const invoice =
    params.invoice === undefined ? null : getByParameter(space, 'invoice', { id: params.invoice, param: 'invoice' })
  const billed = params.customer ?? idOf(invoice?.object.customer)
  if (billed === null || billed === undefined)
    throw refuse('Missing required param: customer.', { code: 'parameter_missing', param: 'customer' })
  const customer = getCustomer(space, billed)
  if (invoice !== null && invoice.object.customer !== customer.id)
    throw refuse(`The invoice ${invoice.id} does not belong to the customer ${customer.id}.`, { param: 'invoice' })
  checkPeriod(params.period)
  const fallback =
    params.currency ?? invoice?.object.currency ?? customer.object.currency ?? call.account.object.default_currency
  const cost = readCost(space, params, fallback ?? 'usd')
  if (cost === undefined)
    throw refuse('Missing required param: amount.', { code: 'parameter_missing', param: 'amount' })
  return createItem(space, {
    customer: customer.id,
    invoice: invoice?.id ?? null,
    cost,
    description: params.description ?? null,
    isDiscountable: params.discountable,
    metadata: changeMetadata({}, params.metadata),
    period: params.period,
  })
}

function update(call: Call<Values<typeof writable>>): Row<'invoiceitem'> {
  const { space, params } = call
  const before = getByPath(call, 'invoiceitem')
  const { object } = before
  checkPeriod(params.period)
  const cost = readCost(space, params, object.currency) ?? readQuantity(before, params.quantity)
  if (cost !== undefined && cost.currency !== object.currency)
    throw refuse('The currency of an invoice item cannot be changed.', { param: 'pricing' })
  return changeItem(space, before, {
    metadata: changeMetadata(object.metadata ?? {}, params.metadata),
    ...(params.description !== undefined && { description: params.description }),
    ...(params.discountable !== undefined && { discountable: params.discountable }),
    ...(params.period !== undefined && { period: params.period }),
    ...(cost !== undefined && {
      amount: cost.amount,
      quantity: cost.quantity,
      quantity_decimal: wireDecimal(cost.quantity),
      pricing: describePricing(cost),
    }),
  })
}

/** Another number of the same things. */
function readQuantity(item: Row<'invoiceitem'>, quantity: number | undefined): Cost | undefined {
  if (quantity === undefined) return undefined
  const { currency: money, pricing } = item.object
  const unitAmount = Number(pricing?.unit_amount_decimal)
  const details = pricing?.price_details
  const price = details === undefined ? null : { price: idOf(details.price) ?? '', product: details.product }
  return { amount: unitAmount * quantity, currency: money, quantity, unitAmount, price, name: null }
}

const permission = 'invoice_write'

export const invoiceItems: ObjectModule = {
  prefixes: { ii: 'invoiceitem' },
  expansions: { invoiceitem: { customer: 'customer', invoice: 'invoice' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/invoiceitems',
      permission,
      parameters: creating,
      unsupported: [...unbuilt, 'customer_account', 'subscription'],
      run: (call) => shown(create(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/invoiceitems',
      permission: 'invoice_read',
      parameters: { ...pagination, created: range(), customer: objectId(), invoice: objectId(), pending: flag() },
      unsupported: ['customer_account'],
      run(call) {
        const { created, customer, invoice, pending } = call.params
        const byCustomer = customer === undefined ? undefined : (['customer', customer] as const)
        return listPage(call, {
          kind: 'invoiceitem',
          url: '/v1/invoiceitems',
          by: invoice === undefined ? byCustomer : ['invoice', invoice],
          where: ({ object }) =>
            isWithin(object.date, created) &&
            (customer === undefined || object.customer === customer) &&
            (pending === undefined || pending === (object.invoice === null)),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/invoiceitems/:id',
      permission: 'invoice_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'invoiceitem')),
    }),
    operation({
      method: 'POST',
      path: '/v1/invoiceitems/:id',
      permission,
      parameters: writable,
      unsupported: [...unbuilt, 'invoicing_rules'],
      run: (call) => shown(update(call)),
    }),
    operation({
      method: 'DELETE',
      path: '/v1/invoiceitems/:id',
      permission,
      parameters: {},
      run(call) {
        const item = getByPath(call, 'invoiceitem')
        deleteItem(call.space, item)
        return plain({ id: item.id, object: 'invoiceitem', deleted: true })
      },
    }),
  ],
}
