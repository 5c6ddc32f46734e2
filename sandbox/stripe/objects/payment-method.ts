/**
 * Payment methods: cards of the test table. A name such as `pm_card_visa` gives a fresh method wherever an id is taken. A
 * method that was used without a customer, or detached, is spent: Stripe never takes it again.
 */
import type Stripe from 'stripe'
import { findCardByMethod, getCard } from '../cards.ts'
import type { CardRow } from '../cards.ts'
import { notSupported, refuse } from '../errors.ts'
import { declineRefusal } from '../money/card-check.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, group, objectId, integer, metadata, oneOf, required } from '../protocol/parameters.ts'
import type { MetadataChange } from '../protocol/parameters.ts'
import { lettersFrom } from '../world/ids.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { emit } from './event.ts'
import { billingDetails, changeBilling, methodType, noBilling } from '../parts/fields.ts'
import { cardGroup, readCard } from '../parts/card-parameters.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'

type Redisplay = 'always' | 'limited' | 'unspecified'

export interface NewMethod {
  readonly card: CardRow
  readonly expMonth?: number
  readonly expYear?: number
  readonly billing?: Stripe.PaymentMethod.BillingDetails
  readonly metadata?: MetadataChange | undefined
  readonly redisplay?: Redisplay | undefined
}

/** Makes a method that belongs to nobody yet. */
export function createMethod(space: Space, wish: NewMethod): Row<'payment_method'> {
  const { card } = wish
  const { world } = space
  const methodId = world.ids.id('pm')
  const object: Stripe.PaymentMethod = {
    id: methodId,
    object: 'payment_method',
    allow_redisplay: wish.redisplay ?? 'unspecified',
    billing_details: wish.billing ?? noBilling,
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: wish.expMonth ?? 12,
      exp_year: wish.expYear ?? new Date(world.nowMs()).getUTCFullYear() + 3,
      fingerprint: lettersFrom(`${world.ids.seed}/${space.name}/${card.number}`, 16),
      funding: 'credit',
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.nowSeconds(),
    customer: null,
    customer_account: null,
    livemode: space.isLive,
    metadata: changeMetadata({}, wish.metadata),
    type: 'card',
  }
  return space.insert('payment_method', methodId, {
    object,
    hidden: { card: card.name, isSetUp: false, isSpent: false },
  })
}

/** The method a parameter names, or a fresh one for a name of the test table. */
export function resolveMethod(space: Space, name: string, param = 'payment_method'): Row<'payment_method'> {
  const card = findCardByMethod(name)
  if (card !== undefined) return createMethod(space, { card })
  return getByParameter(space, 'payment_method', { id: name, param })
}

/** Throws StripeRefusal for a method that was used up or let go. */
export function checkUsable(method: Row<'payment_method'>): void {
  if (!method.hidden.isSpent) return
  const message =
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.'
  throw refuse(message, { param: 'payment_method', code: 'payment_method_unexpected_state' })
}

/** Ties a method to a customer. Throws StripeRefusal for a card that refuses to be saved, or that belongs to another. */
export function attachMethod(space: Space, method: Row<'payment_method'>, customer: string): Row<'payment_method'> {
  const holder = idOf(method.object.customer)
  if (holder === customer) return method
  if (holder !== null) {
    throw refuse('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    })
  }
  checkUsable(method)
  const card = getCard(method.hidden.card)
  if (card.decline !== null && card.declinesSetup)
    throw declineRefusal(card.decline, { payment_method: method.object }, false)
  const row = space.update('payment_method', method.id, { object: { customer } })
  emit(space, { type: 'payment_method.attached', object: row.object })
  return row
}

/** Lets a method go for good, and takes it out of the customer's defaults. */
export function detachMethod(space: Space, method: Row<'payment_method'>): Row<'payment_method'> {
  const holder = idOf(method.object.customer)
  const row = space.update('payment_method', method.id, { object: { customer: null }, hidden: { isSpent: true } })
  emit(space, { type: 'payment_method.detached', object: row.object, before: method.object })
  const customer = holder === null ? undefined : space.find('customer', holder)
  if (customer !== undefined && customer.object.invoice_settings.default_payment_method === method.id) {
    const settings = { ...customer.object.invoice_settings, default_payment_method: null }
    const changed = space.update('customer', customer.id, { object: { invoice_settings: settings } })
    emit(space, { type: 'customer.updated', object: changed.object, before: customer.object })
  }
  return row
}

const unbuiltTypes = [
  'acss_debit',
  'au_becs_debit',
  'bacs_debit',
  'nz_bank_account',
  'payto',
  'sepa_debit',
  'us_bank_account',
  'customer',
  'link',
  'payment_method',
  'radar_options',
]

const redisplay = oneOf('always', 'limited', 'unspecified')

export const paymentMethods: ObjectModule = {
  expansions: { payment_method: { customer: 'customer' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/payment_methods',
      permission: 'payment_method_write',
      allowsPublishable: true,
      parameters: {
        type: required(methodType()),
        card: cardGroup,
        billing_details: billingDetails(),
        metadata: metadata(),
        allow_redisplay: redisplay,
      },
      unsupported: unbuiltTypes,
      run(call) {
        const { type, card, billing_details: billing, metadata: tags, allow_redisplay: shownAgain } = call.params
        if (type !== 'card') throw notSupported(`payment methods of the type ${type}`, 'type')
        if (card === undefined)
          throw refuse('Missing required param: card.', { code: 'parameter_missing', param: 'card' })
        const row = createMethod(call.space, {
          ...readCard(call.space, card),
          billing: changeBilling(noBilling, billing),
          metadata: tags,
          redisplay: shownAgain,
        })
        return shown(row)
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/payment_methods',
      permission: 'payment_method_read',
      parameters: { ...pagination, customer: objectId(), type: methodType(), allow_redisplay: redisplay },
      unsupported: ['customer_account'],
      run(call) {
        const { customer, type, allow_redisplay: shownAgain } = call.params
        if (customer !== undefined) getByParameter(call.space, 'customer', { id: customer, param: 'customer' })
        return listPage(call, {
          kind: 'payment_method',
          url: '/v1/payment_methods',
          by: customer === undefined ? undefined : ['customer', customer],
          where: ({ object }) =>
            object.customer !== null &&
            (type === undefined || object.type === type) &&
            (shownAgain === undefined || object.allow_redisplay === shownAgain),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/payment_methods/:id',
      permission: 'payment_method_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'payment_method')),
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_methods/:id',
      permission: 'payment_method_write',
      parameters: {
        allow_redisplay: redisplay,
        billing_details: billingDetails(),
        card: group({ exp_month: integer({ min: 1, max: 12 }), exp_year: integer() }),
        metadata: metadata(),
      },
      unsupported: ['us_bank_account', 'link'],
      run(call) {
        const before = getByPath(call, 'payment_method')
        if (before.object.customer === null) {
          throw refuse('You must save this PaymentMethod to a customer before you can update it.', {
            code: 'payment_method_unexpected_state',
          })
        }
        const { allow_redisplay: shownAgain, billing_details: billing, card, metadata: tags } = call.params
        const oldCard = before.object.card as Stripe.PaymentMethod.Card
        const row = call.space.update('payment_method', before.id, {
          object: {
            billing_details: changeBilling(before.object.billing_details, billing),
            metadata: changeMetadata(before.object.metadata ?? {}, tags),
            card: {
              ...oldCard,
              exp_month: card?.exp_month ?? oldCard.exp_month,
              exp_year: card?.exp_year ?? oldCard.exp_year,
            },
            ...(shownAgain !== undefined && { allow_redisplay: shownAgain }),
          },
        })
        emit(call.space, { type: 'payment_method.updated', object: row.object, before: before.object })
        return shown(row)
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_methods/:id/attach',
      permission: 'payment_method_write',
      parameters: { customer: required(objectId()) },
      unsupported: ['customer_account'],
      run(call) {
        const customer = getByParameter(call.space, 'customer', { id: call.params.customer, param: 'customer' })
        if (customer.hidden.isDeleted)
          throw refuse(`No such customer: '${customer.id}'`, { code: 'resource_missing', param: 'customer' })
        const card = findCardByMethod(String(call.path['id']))
        const method = card === undefined ? getByPath(call, 'payment_method') : createMethod(call.space, { card })
        return shown(attachMethod(call.space, method, customer.id))
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_methods/:id/detach',
      permission: 'payment_method_write',
      parameters: {},
      run(call) {
        const method = getByPath(call, 'payment_method')
        if (method.object.customer === null) {
          throw refuse('The payment method you provided is not attached to a customer so detachment is impossible.', {
            code: 'payment_method_unexpected_state',
          })
        }
        return shown(detachMethod(call.space, method))
      },
    }),
  ],
}
