/**
 * The fee a platform takes from a direct charge, and gives back. It is a line in `fee_details` of the connected account's
 * transaction and money of its own in the platform's balance: every change here writes in two accounts at once.
 */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { writeAmount } from '../money/amounts.ts'
import { post } from '../money/books.ts'
import { emit } from '../objects/event.ts'
import { applicationOf, callingApplication } from '../parts/application.ts'
import { idOf } from '../parts/reference.ts'
import type { Call } from '../protocol/operation.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** Throws StripeRefusal for a fee on a charge that is not a platform's direct charge, and for one above the amount. */
export function checkApplicationFee(
  call: Call<unknown>,
  wish: { readonly fee: number | null | undefined; readonly amount: number; readonly param?: string },
): void {
  const { fee, amount, param = 'application_fee_amount' } = wish
  if (fee === null || fee === undefined) return
  if (callingApplication(call) === null) {
    const message =
      'Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).'
    throw refuse(message, { param })
  }
  if (fee > amount)
    throw refuse('The application fee amount must be less than or equal to the amount of the payment.', { param })
}

export interface PlatformFee {
  readonly amount: number
  readonly application: string
}

/** What the platform takes when `amount` of this charge is captured; undefined when it asked for nothing. */
export function feeOf(space: Space, charge: Stripe.Charge, amount: number): PlatformFee | undefined {
  const { platform } = space.world.root.get('account', space.accountId).hidden
  const asked = charge.application_fee_amount ?? 0
  if (platform === null || asked === 0) return undefined
  return { amount: Math.min(asked, amount), application: applicationOf(platform) }
}

/** Puts the fee into the platform's balance, at the same time as the charge is available, and on the charge. */
export function collectFee(space: Space, chargeId: string, wish: PlatformFee & { availableOn: number }): void {
  const { platform } = space.world.root.get('account', space.accountId).hidden
  if (platform === null) throw new Error(`${space.accountId} belongs to no platform.`)
  const { currency } = space.get('charge', chargeId).object
  const there = space.world.space(platform, space.mode)
  const id = space.world.ids.id('fee')
  const transaction = post(there, {
    type: 'application_fee',
    reportingCategory: 'platform_earning',
    amount: wish.amount,
    fee: 0,
    currency,
    availableOn: wish.availableOn,
    source: id,
    description: null,
  })
  const object: Stripe.ApplicationFee = {
    id,
    object: 'application_fee',
    account: space.accountId,
    amount: wish.amount,
    amount_refunded: 0,
    application: wish.application,
    balance_transaction: transaction.id,
    charge: chargeId,
    created: space.world.nowSeconds(),
    currency,
    fee_source: { charge: chargeId, type: 'charge' },
    livemode: space.isLive,
    originating_transaction: null,
    refunded: false,
    refunds: { object: 'list', data: [], has_more: false, url: `/v1/application_fees/${id}/refunds` },
  }
  const row = there.insert('application_fee', id, { object, hidden: {} })
  space.update('charge', chargeId, { object: { application_fee: id } })
  emit(there, { type: 'application_fee.created', object: row.object })
}

/** The fee taken from a charge, found from the connected account's side. */
export function findFee(
  space: Space,
  charge: Stripe.Charge,
): { there: Space; fee: Row<'application_fee'> } | undefined {
  const id = idOf(charge.application_fee)
  if (id === null) return undefined
  for (const there of space.world.spaces()) {
    const fee = there.find('application_fee', id)
    if (fee !== undefined) return { there, fee }
  }
  return undefined
}

/** Throws StripeRefusal when only the charge's own application could give its fee back, and when there is none [U]. */
export function checkFeeRefundable(call: Call<unknown>, charge: Stripe.Charge): void {
  const param = 'refund_application_fee'
  if (callingApplication(call) === null)
    throw refuse('An application fee can be refunded only by the application that created the charge.', { param })
  if (charge.application_fee === null)
    throw refuse(`Charge ${charge.id} does not have an application fee to refund.`, { param })
}

/**
 * Gives back the part of the fee that belongs to a refund of `refunded` (minor units), half-up; the refund that leaves
 * nothing of the charge, with no other waiting for funds, takes what is left of the fee. The charge counts this refund already. Returns the part, which the
 * caller writes as a negative fee of the refund's transaction; 0 when nothing is left.
 */
export function refundFeeWith(space: Space, chargeId: string, refunded: number): PlatformFee {
  const { object: charge } = space.get('charge', chargeId)
  const found = findFee(space, charge)
  if (found === undefined) return { amount: 0, application: '' }
  const { object: fee } = found.fee
  const left = fee.amount - fee.amount_refunded
  const share = Math.floor((2 * fee.amount * refunded + charge.amount_captured) / (2 * charge.amount_captured))
  const others = [...space.newestFirst('refund', { by: ['charge', chargeId] })]
  const isLast = charge.amount_refunded >= charge.amount_captured && !others.some((row) => row.hidden.waitsFor !== null)
  const amount = isLast ? left : Math.min(share, left)
  if (amount > 0) writeFeeRefund(found.there, found.fee, { amount, metadata: {} })
  return { amount, application: String(fee.application) }
}

/** Gives a fee back by itself: the connected account gets a transaction of the same type as the platform [U]. Throws StripeRefusal. */
export function refundFee(
  there: Space,
  fee: Row<'application_fee'>,
  wish: { amount: number | undefined; metadata: Record<string, string> },
): Row<'fee_refund'> {
  const left = fee.object.amount - fee.object.amount_refunded
  if (left <= 0) throw refuse(`Application fee ${fee.id} has already been refunded.`)
  const amount = wish.amount ?? left
  if (amount > left) {
    const [asked, rest] = [writeAmount(amount, fee.object.currency), writeAmount(left, fee.object.currency)]
    throw refuse(`Refund amount (${asked}) is greater than unrefunded amount on fee (${rest})`, { param: 'amount' })
  }
  const row = writeFeeRefund(there, fee, { amount, metadata: wish.metadata })
  post(there.world.space(String(idOf(fee.object.account)), there.mode), {
    type: 'application_fee_refund',
    reportingCategory: 'platform_earning_refund',
    amount,
    fee: 0,
    currency: fee.object.currency,
    availableOn: there.world.nowSeconds(),
    source: row.id,
    description: null,
  })
  return row
}

/** The platform's side of a fee refund. */
function writeFeeRefund(
  there: Space,
  fee: Row<'application_fee'>,
  wish: { amount: number; metadata: Record<string, string> },
): Row<'fee_refund'> {
  const id = there.world.ids.id('fr')
  const { amount, metadata } = wish
  const transaction = post(there, {
    type: 'application_fee_refund',
    reportingCategory: 'platform_earning_refund',
    amount: -amount,
    fee: 0,
    currency: fee.object.currency,
    availableOn: there.world.nowSeconds(),
    source: id,
    description: null,
  })
  const object: Stripe.FeeRefund = {
    id,
    object: 'fee_refund',
    amount,
    balance_transaction: transaction.id,
    created: there.world.nowSeconds(),
    currency: fee.object.currency,
    fee: fee.id,
    metadata,
  }
  const row = there.insert('fee_refund', id, { object, hidden: {} })
  const refunded = fee.object.amount_refunded + amount
  const changed = there.update('application_fee', fee.id, {
    object: {
      amount_refunded: refunded,
      refunded: refunded === fee.object.amount,
      refunds: listNewest(there, fee.id),
    },
  })
  emit(there, { type: 'application_fee.refunded', object: changed.object })
  return row
}

/** The newest ten refunds, which a fee always shows. */
export function listNewest(there: Space, fee: string): Stripe.ApplicationFee['refunds'] {
  const all = [...there.newestFirst('fee_refund', { by: ['fee', fee] })].map(({ object }) => object)
  return {
    object: 'list',
    data: all.slice(0, 10),
    has_more: all.length > 10,
    url: `/v1/application_fees/${fee}/refunds`,
  }
}
