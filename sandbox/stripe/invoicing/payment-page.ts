/**
 * The hosted page of a Checkout Session as an API, unpublished at Stripe: its command line tool pays sessions with it. What
 * the page is asked and answers is known from the tool's own calls only, so it answers with the session itself.
 */
import { StripeRefusal, refuse } from '../errors.ts'
import { attemptSession } from '../money/checkout.ts'
import { resolveMethod } from '../parts/new-method.ts'
import { getByPath } from '../parts/reference.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { integer, objectId, required } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'

const confirming = { payment_method: required(objectId()), expected_amount: integer({ min: 0 }) }

/** Throws StripeRefusal: 400 for a session that cannot be paid, 402 for a decline, whose traces stay. */
function confirm(call: Call<Values<typeof confirming>>): Row<'checkout.session'> {
  const session = getByPath(call, 'checkout.session')
  const { status, amount_total: total } = session.object
  const { expected_amount: expected, payment_method: named } = call.params
  if (status !== 'open') throw refuse(`This Checkout Session is ${status} and can not be paid.`)
  if (expected !== undefined && expected !== (total ?? 0)) {
    throw refuse('The expected amount is not the amount of this Checkout Session.', {
      param: 'expected_amount',
    })
  }
  const method = resolveMethod(call.space, named)
  const { email } = method.object.billing_details
  try {
    attemptSession(call.space, session, {
      sessionId: session.id,
      paymentMethod: method.id,
      ...(email !== null && { email }),
    })
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    if (error.keepsEffects)
      call.space.update('checkout.session', session.id, { hidden: { lastDecline: error.body.message } })
    throw error
  }
  return call.space.get('checkout.session', session.id)
}

export const paymentPages: ObjectModule = {
  operations: [
    operation({
      method: 'GET',
      path: '/v1/payment_pages/:id',
      permission: 'checkout_session_read',
      allowsPublishable: true,
      parameters: {},
      run: (call) => shown(getByPath(call, 'checkout.session')),
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_pages/:id/confirm',
      permission: 'checkout_session_write',
      allowsPublishable: true,
      parameters: confirming,
      run: (call) => shown(confirm(call)),
    }),
  ],
}
