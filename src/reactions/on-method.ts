/**
 * The reactions to what happens to a saved method at Stripe (STR-147): changed there, it is changed here; taken away, deleted with its
 * customer or no longer allowed by the bank, it is charged no more. If it was the renter's default, automatic charges wait and say why.
 */
import type { CustomerId, PaymentMethodId } from '#kernel'
import type { MoneyGround } from '#payments'
import { recordFact, type ScopedHandle } from '#platform'
import {
  dropMethod,
  findCustomerId,
  findMethodByStripeId,
  findRenterOfCustomer,
  getMethod,
  listMethods,
  lockRenter,
  markCustomerDeleted,
  methodLabel,
  pauseAutopay,
  refreshMethod,
  type SavedMethod,
} from '#renters'
import type { Reaction } from '#stripe'
import { reactionTo } from './asking.ts'

const keyMayNot = (what: string, permission: string) =>
  `The restricted key may not read ${what} in Stripe. Give it the permission ${permission} to have them followed here.`

/** `payment_method.*`: brand, digits and date as they are now; without its customer it cannot be charged any more. */
export function onStripeMethod(ground: MoneyGround): Reaction<unknown> {
  return reactionTo(ground, {
    whenRefused: keyMayNot('saved methods', 'PaymentMethods (read)'),
    ask: (stripeScope, id) => ground.stripe.findPaymentMethod(stripeScope, id as PaymentMethodId),
    async apply(rows, connectionId, seen) {
      const method = await findMethodByStripeId(rows, { connectionId, stripePaymentMethodId: seen.id })
      if (!method) return 'foreign'
      await refreshMethod(rows, {
        id: method.id,
        brand: seen.brand,
        last4: seen.last4,
        expiresMonth: seen.expiresMonth,
        expiresYear: seen.expiresYear,
      })
      const owner = await findCustomerId(rows, { renterId: method.renterId, connectionId })
      if (!seen.customer || (owner && seen.customer !== owner)) await drop(rows, method, 'It was removed in Stripe.')
      return 'done'
    },
  })
}

/** `customer.deleted`: every method saved with that customer went with it, and the renter gets a new customer when one is needed. */
export function onStripeCustomer(ground: MoneyGround): Reaction<unknown> {
  return reactionTo(ground, {
    whenRefused: keyMayNot('customers', 'Customers (read)'),
    ask: (stripeScope, id) => ground.stripe.findCustomer(stripeScope, id as CustomerId),
    async apply(rows, connectionId, seen) {
      const renterId = await findRenterOfCustomer(rows, { connectionId, customerId: seen.id })
      if (renterId === undefined) return 'foreign'
      if (!seen.isDeleted) return 'done'
      await markCustomerDeleted(rows, { connectionId, customerId: seen.id })
      for (const method of await listMethods(rows, renterId))
        if (method.connectionId === connectionId)
          await drop(rows, method, 'The customer it belongs to was deleted in Stripe.')
      return 'done'
    },
  })
}

/** `mandate.updated`: without the payer's leave nothing can be taken by debit. */
export function onStripeMandate(ground: MoneyGround): Reaction<unknown> {
  return reactionTo(ground, {
    whenRefused: keyMayNot('mandates', 'Mandates (read)'),
    ask: (stripeScope, id) => ground.stripe.findMandate(stripeScope, id),
    async apply(rows, connectionId, seen) {
      const method =
        seen.method && (await findMethodByStripeId(rows, { connectionId, stripePaymentMethodId: seen.method }))
      if (!method) return 'foreign'
      if (seen.status === 'inactive') await drop(rows, method, 'The mandate to debit it is no longer valid.')
      return 'done'
    },
  })
}

/** Once per method, however often it is told. */
async function drop(rows: ScopedHandle, { id, renterId }: SavedMethod, reason: string): Promise<void> {
  const renter = await lockRenter(rows, renterId)
  const method = await getMethod(rows, id)
  const isGone = method.unusableReason !== undefined && !method.isDefault
  if (isGone) return
  await dropMethod(rows, { methodId: id, reason })
  const ids = { renter: renterId, method: id }
  await recordFact(rows, { name: 'method.unusable', ids, actor: 'stripe' })
  if (!method.isDefault) return
  const pause = `${methodLabel(method)} cannot be charged any more. ${reason} Ask the renter for another card, or choose one as default.`
  await pauseAutopay(rows, { renterId, reason: pause })
  if (renter.autopay) await recordFact(rows, { name: 'autopay.paused', ids, actor: 'stripe' })
}
