/**
 * Payment methods: cards and bank accounts of the test tables. A name such as `pm_card_visa` gives a fresh method wherever
 * an id is taken. A method that was used without a customer, or detached, is spent: Stripe never takes it again.
 */
import type Stripe from 'stripe'
import { getCard } from '../cards.ts'
import { checkBilling, debitGroups, readDebit, usAccountChange } from '../debits/debit-parameters.ts'
import { isDebitType } from '../debits/debit-types.ts'
import { endMandates } from '../debits/mandates.ts'
import { notSupported, refuse } from '../errors.ts'
import { declineRefusal } from '../money/card-check.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, group, objectId, integer, metadata, oneOf, required } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { emit } from './event.ts'
import { billingDetails, changeBilling, methodType, noBilling } from '../parts/fields.ts'
import { cardGroup, readCard } from '../parts/card-parameters.ts'
import { createDebitMethod, createMethod, createReadyMade } from '../parts/new-method.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'

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
  checkSavable(method)
  const row = space.update('payment_method', method.id, { object: { customer } })
  emit(space, { type: 'payment_method.attached', object: row.object })
  return row
}

/** Throws StripeRefusal for a card that refuses to be saved, and for a bank account nobody verified. */
function checkSavable(method: Row<'payment_method'>): void {
  const card = method.hidden.card === null ? undefined : getCard(method.hidden.card)
  if (card !== undefined && card.decline !== null && card.declinesSetup)
    throw declineRefusal(card.decline, { payment_method: method.object }, false)
  if (method.object.type === 'us_bank_account' && !method.hidden.isSetUp) {
    const message = `The bank account ${method.id} must be verified before it can be attached to a customer. Use a SetupIntent or a PaymentIntent with \`setup_future_usage\`.`
    throw refuse(message, { code: 'bank_account_unverified', param: 'payment_method' })
  }
}

/** Lets a method go for good, and takes it out of the customer's defaults. */
export function detachMethod(space: Space, method: Row<'payment_method'>): Row<'payment_method'> {
  const holder = idOf(method.object.customer)
  const row = space.update('payment_method', method.id, { object: { customer: null }, hidden: { isSpent: true } })
  emit(space, { type: 'payment_method.detached', object: row.object, before: method.object })
  endMandates(space, method.id)
  const customer = holder === null ? undefined : space.find('customer', holder)
  if (customer !== undefined && customer.object.invoice_settings.default_payment_method === method.id) {
    const settings = { ...customer.object.invoice_settings, default_payment_method: null }
    const changed = space.update('customer', customer.id, { object: { invoice_settings: settings } })
    emit(space, { type: 'customer.updated', object: changed.object, before: customer.object })
  }
  return row
}

const unbuiltTypes = ['customer', 'link', 'payment_method', 'radar_options']

const redisplay = oneOf('always', 'limited', 'unspecified')

const creating = {
  type: required(methodType()),
  card: cardGroup,
  ...debitGroups,
  billing_details: billingDetails(),
  metadata: metadata(),
  allow_redisplay: redisplay,
}

function create(call: Call<Values<typeof creating>>): Row<'payment_method'> {
  const { space, params } = call
  const { type, card, billing_details: given, metadata: tags, allow_redisplay: shownAgain } = params
  if (type !== 'card' && !isDebitType(type)) throw notSupported(`payment methods of the type ${type}`, 'type')
  const stray = (['card', ...Object.keys(debitGroups)] as (keyof typeof params)[]).find(
    (name) => name !== type && params[name] !== undefined,
  )
  if (stray !== undefined) throw refuse(`You cannot pass \`${stray}\` for the type ${type}.`, { param: stray })
  const billing = changeBilling(noBilling, given)
  const described = { billing, metadata: tags, redisplay: shownAgain }
  if (isDebitType(type)) {
    const debit = readDebit(space, type, params)
    checkBilling(type, billing)
    return createDebitMethod(space, { ...debit, ...described, isVerified: false })
  }
  if (card === undefined) throw refuse('Missing required param: card.', { code: 'parameter_missing', param: 'card' })
  return createMethod(space, { ...readCard(space, card), ...described })
}

const updating = {
  allow_redisplay: redisplay,
  billing_details: billingDetails(),
  card: group({ exp_month: integer({ min: 1, max: 12 }), exp_year: integer() }),
  us_bank_account: usAccountChange,
  metadata: metadata(),
}

/** The part of the method that is its card or its bank account, with what may change about it. */
function changePart(
  before: Stripe.PaymentMethod,
  { card, us_bank_account: account }: Values<typeof updating>,
): Partial<Stripe.PaymentMethod> {
  const [stray] = [
    card !== undefined && before.card === undefined && 'card',
    account !== undefined && before.us_bank_account === undefined && 'us_bank_account',
  ].filter((name) => name !== false)
  if (stray !== undefined) throw refuse(`You cannot pass \`${stray}\` for the type ${before.type}.`, { param: stray })
  if (before.card !== undefined) {
    const { exp_month: month = before.card.exp_month, exp_year: year = before.card.exp_year } = card ?? {}
    return { card: { ...before.card, exp_month: month, exp_year: year } }
  }
  const old = before.us_bank_account
  if (old === undefined) return {}
  const { account_holder_type: holder = old.account_holder_type, account_type: type = old.account_type } = account ?? {}
  return { us_bank_account: { ...old, account_holder_type: holder, account_type: type } }
}

export const paymentMethods: ObjectModule = {
  expansions: { payment_method: { customer: 'customer' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/payment_methods',
      permission: 'payment_method_write',
      allowsPublishable: true,
      parameters: creating,
      unsupported: unbuiltTypes,
      run: (call) => shown(create(call)),
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
      parameters: updating,
      unsupported: ['link'],
      run(call) {
        const before = getByPath(call, 'payment_method')
        if (before.object.customer === null) {
          throw refuse('You must save this PaymentMethod to a customer before you can update it.', {
            code: 'payment_method_unexpected_state',
          })
        }
        const { allow_redisplay: shownAgain, billing_details: billing, metadata: tags } = call.params
        const row = call.space.update('payment_method', before.id, {
          object: {
            billing_details: changeBilling(before.object.billing_details, billing),
            metadata: changeMetadata(before.object.metadata ?? {}, tags),
            ...changePart(before.object, call.params),
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
        const method = createReadyMade(call.space, String(call.path['id'])) ?? getByPath(call, 'payment_method')
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
