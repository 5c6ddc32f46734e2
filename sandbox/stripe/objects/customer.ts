/** Customers. A deleted one stays as a stump that a retrieve shows as deleted; its methods are let go. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, isWithin, objectId, oneOf, range, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { emit } from './event.ts'
import { buildShipping, unbuiltOfCustomers, writableOfCustomers } from '../parts/customer-parameters.ts'
import { buildAddress, methodType } from '../parts/fields.ts'
import { resolveMethod } from '../parts/new-method.ts'
import { attachMethod, detachMethod } from './payment-method.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'

export interface CustomerSeed {
  readonly email: string | null
  readonly name: string | null
}

/** A customer made by a hosted page, with the event that tells of it. */
export function createCustomer(space: Space, seed: CustomerSeed): Row<'customer'> {
  const id = space.world.ids.id('cus', 14)
  const row = space.insert('customer', id, {
    object: { ...blankCustomer(space, id), ...seed },
    hidden: { isDeleted: false },
  })
  emit(space, { type: 'customer.created', object: row.object })
  return row
}

/** Throws StripeRefusal for an unknown customer, and for a deleted one, which no parameter may name. */
export function getCustomer(space: Space, id: string): Row<'customer'> {
  const row = getByParameter(space, 'customer', { id, param: 'customer' })
  if (row.hidden.isDeleted) throw refuse(`No such customer: '${id}'`, { code: 'resource_missing', param: 'customer' })
  return row
}

function blankCustomer(space: Space, id: string): Stripe.Customer {
  return {
    id,
    object: 'customer',
    address: null,
    balance: 0,
    created: space.world.nowSeconds(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: id.slice(4, 12).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: space.isLive,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  }
}

function change(call: Call<Values<typeof writableOfCustomers>>, before: Stripe.Customer): Partial<Stripe.Customer> {
  const {
    address: where,
    invoice_settings: settings,
    metadata: tags,
    shipping: parcel,
    tax_exempt: exempt,
    ...given
  } = call.params
  const named: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name in writableOfCustomers && name !== 'validate' && value !== undefined) named[name] = value
  }
  return {
    ...named,
    metadata: changeMetadata(before.metadata, tags),
    ...(where !== undefined && { address: where === null ? null : buildAddress(where) }),
    ...(exempt !== undefined && { tax_exempt: exempt ?? 'none' }),
    ...(parcel !== undefined && { shipping: parcel === null ? null : buildShipping(parcel) }),
    ...(settings !== undefined && {
      invoice_settings: { ...before.invoice_settings, ...changeSettings(call, before.id, settings) },
    }),
  }
}

function changeSettings(
  call: Call<unknown>,
  customer: string,
  settings: { default_payment_method?: string | null | undefined; footer?: string | null | undefined },
): Partial<Stripe.Customer.InvoiceSettings> {
  const { default_payment_method: method, footer } = settings
  if (typeof method === 'string') {
    const row = getByParameter(call.space, 'payment_method', {
      id: method,
      param: 'invoice_settings[default_payment_method]',
    })
    if (idOf(row.object.customer) !== customer) {
      const message = `The customer does not have a payment method with the ID ${method}. The payment method must be attached to the customer.`
      throw refuse(message, { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' })
    }
  }
  return { ...(method !== undefined && { default_payment_method: method }), ...(footer !== undefined && { footer }) }
}

/** By path: a deleted customer is shown as a stump and cannot be changed. */
function getLiving(call: Call<unknown>): Row<'customer'> {
  const row = getByPath(call, 'customer')
  if (row.hidden.isDeleted)
    throw refuse(`No such customer: '${row.id}'`, { code: 'resource_missing', param: 'id', status: 404 })
  return row
}

function remove(space: Space, customer: Row<'customer'>): void {
  for (const method of space.oldestFirst('payment_method', { by: ['customer', customer.id] }))
    detachMethod(space, method)
  const deleted = space.update('customer', customer.id, { hidden: { isDeleted: true } })
  emit(space, { type: 'customer.deleted', object: deleted.object })
}

const methodFilters = { ...pagination, type: methodType(), allow_redisplay: oneOf('always', 'limited', 'unspecified') }

export const customers: ObjectModule = {
  expansions: { customer: { 'invoice_settings.default_payment_method': 'payment_method' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/customers',
      permission: 'customer_write',
      parameters: { ...writableOfCustomers, payment_method: objectId() },
      unsupported: unbuiltOfCustomers,
      run(call) {
        const { space, params } = call
        if (params.invoice_settings?.default_payment_method !== undefined && params.payment_method === undefined) {
          throw refuse('A default payment method must be attached first, with `payment_method`.', {
            param: 'invoice_settings',
          })
        }
        const newId = space.world.ids.id('cus', 14)
        const blank = space.insert('customer', newId, {
          object: blankCustomer(space, newId),
          hidden: { isDeleted: false },
        })
        const method = params.payment_method === undefined ? undefined : resolveMethod(space, params.payment_method)
        if (method !== undefined) attachMethod(space, method, newId)
        const row = space.update('customer', newId, { object: change(call, blank.object) })
        emit(space, { type: 'customer.created', object: row.object })
        return shown(row)
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/customers',
      permission: 'customer_read',
      parameters: { ...pagination, created: range(), email: text(512) },
      unsupported: ['test_clock'],
      run(call) {
        const { created, email: address } = call.params
        return listPage(call, {
          kind: 'customer',
          url: '/v1/customers',
          by: address === undefined ? undefined : ['email', address],
          where: (row) => !row.hidden.isDeleted && isWithin(row.object.created, created),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/customers/:id',
      permission: 'customer_read',
      parameters: {},
      run(call) {
        const row = getByPath(call, 'customer')
        return row.hidden.isDeleted ? plain({ id: row.id, object: 'customer', deleted: true }) : shown(row)
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/customers/:id',
      permission: 'customer_write',
      parameters: writableOfCustomers,
      unsupported: unbuiltOfCustomers,
      run(call) {
        const before = getLiving(call)
        const row = call.space.update('customer', before.id, { object: change(call, before.object) })
        emit(call.space, { type: 'customer.updated', object: row.object, before: before.object })
        return shown(row)
      },
    }),
    operation({
      method: 'DELETE',
      path: '/v1/customers/:id',
      permission: 'customer_write',
      parameters: {},
      run(call) {
        const row = getLiving(call)
        remove(call.space, row)
        return plain({ id: row.id, object: 'customer', deleted: true })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/customers/:id/payment_methods',
      permission: 'payment_method_read',
      parameters: methodFilters,
      run(call) {
        const customer = getLiving(call)
        const { type, allow_redisplay: redisplay } = call.params
        return listPage(call, {
          kind: 'payment_method',
          url: `/v1/customers/${customer.id}/payment_methods`,
          by: ['customer', customer.id],
          where: ({ object }) =>
            (type === undefined || object.type === type) &&
            (redisplay === undefined || object.allow_redisplay === redisplay),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/customers/:id/payment_methods/:method',
      permission: 'payment_method_read',
      parameters: {},
      run(call) {
        const customer = getLiving(call)
        const method = getByParameter(call.space, 'payment_method', {
          id: String(call.path['method']),
          param: 'payment_method',
        })
        if (idOf(method.object.customer) !== customer.id) throw notAttached(method.id)
        return shown(method)
      },
    }),
  ],
}

function notAttached(method: string): Error {
  return refuse(`No such PaymentMethod: '${method}'; it is not attached to this customer.`, {
    code: 'resource_missing',
    param: 'payment_method',
    status: 404,
  })
}
