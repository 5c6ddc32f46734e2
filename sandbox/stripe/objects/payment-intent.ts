/** PaymentIntents: the operations. What a confirmation does is told in money/confirm-payment.ts. */
import type Stripe from 'stripe'
import { refuse, refuseState } from '../errors.ts'
import { checkChargeAmount } from '../money/amounts.ts'
import { closeChallenge } from '../money/challenge.ts'
import { checkMethod, confirmPayment } from '../money/confirm-payment.ts'
import {
  buildMethodOptions,
  cancelPaymentIntent,
  capturePaymentIntent,
  checkOwnMaster,
  createPaymentIntent,
} from '../money/payment-intents.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import {
  changeMetadata,
  clearable,
  email,
  flag,
  integer,
  isWithin,
  metadata,
  objectId,
  oneOf,
  range,
  text,
} from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { getCustomer } from './customer.ts'
import { offeredTypes } from '../debits/offered-types.ts'
import { checkMethodChoice, methodChoice } from '../parts/fields.ts'
import { resolveMethod } from '../parts/new-method.ts'
import { callingApplication } from '../parts/application.ts'
import { getIntent } from '../parts/client-secret.ts'
import { checkApplicationFee } from '../payouts/fees.ts'
import {
  captureMethods,
  checkOnlyWithConfirm,
  confirming,
  creatingPayment,
  described,
  futureUsage,
  unbuiltOfPayments,
  updatingPayment,
} from '../parts/payment-intent-parameters.ts'

/** What `create` and `confirm` share: the confirmation asked for by the parameters. */
function confirm(call: Call<Values<typeof confirming>>, intent: Row<'payment_intent'>): Row<'payment_intent'> {
  const { space, params } = call
  if (intent.hidden.checkoutSession !== null) {
    throw refuse('You cannot confirm this PaymentIntent because it was created by a Checkout Session.', {
      code: 'payment_intent_unexpected_state',
    })
  }
  const isOffSession = params.off_session ?? false
  const asked = params.payment_method_options?.card?.request_three_d_secure
  const kept = intent.object.payment_method_options?.card?.request_three_d_secure
  return confirmPayment(space, intent.id, {
    method: params.payment_method === undefined ? undefined : resolveMethod(space, params.payment_method),
    isOffSession,
    returnUrl: params.return_url ?? intent.hidden.returnUrl,
    wantsChallenge: ['any', 'challenge'].includes(asked ?? kept ?? 'automatic'),
    refusesAction: params.error_on_requires_action ?? false,
    checkoutSession: null,
    mandate: { named: params.mandate, data: params.mandate_data },
  })
}

function create(call: Call<Values<typeof creatingPayment>>): Row<'payment_intent'> {
  const { space, params } = call
  const wantsConfirm = params.confirm ?? false
  checkMethodChoice(params)
  checkApplicationFee(call, { fee: params.application_fee_amount, amount: params.amount })
  checkOnlyWithConfirm(params, wantsConfirm)
  const methodTypes = offeredTypes(space, params, params.currency)
  const isChosen = params.allowed_payment_method_types !== undefined || params.payment_method_types !== undefined
  const automatic = {
    enabled: true,
    allow_redirects: params.automatic_payment_methods?.allow_redirects ?? 'always',
  } as const
  const intent = createPaymentIntent(space, {
    amount: params.amount,
    application: callingApplication(call),
    applicationFee: params.application_fee_amount ?? null,
    currency: params.currency,
    customer: params.customer === undefined ? null : getCustomer(space, params.customer).id,
    captureMethod: params.capture_method ?? 'automatic_async',
    confirmationMethod: params.confirmation_method ?? 'automatic',
    description: params.description ?? null,
    metadata: params.metadata,
    receiptEmail: params.receipt_email ?? null,
    setupFutureUsage: params.setup_future_usage ?? null,
    shipping: params.shipping ?? null,
    statementDescriptor: params.statement_descriptor ?? null,
    statementDescriptorSuffix: params.statement_descriptor_suffix ?? null,
    transferGroup: params.transfer_group ?? null,
    methodTypes,
    allowedTypes: params.allowed_payment_method_types ?? null,
    excludedTypes: params.excluded_payment_method_types ?? null,
    automatic: isChosen || params.automatic_payment_methods?.enabled === false ? null : automatic,
    requestThreeDSecure: params.payment_method_options?.card?.request_three_d_secure ?? 'automatic',
    checkoutSession: null,
  })
  if (wantsConfirm) return confirm(call, intent)
  return params.payment_method === undefined ? intent : setMethod(space, intent, params.payment_method)
}

function setMethod(space: Space, intent: Row<'payment_intent'>, name: string): Row<'payment_intent'> {
  const method = resolveMethod(space, name)
  checkMethod(intent, method)
  closeChallenge(space, intent.hidden.challenge)
  return space.update('payment_intent', intent.id, {
    object: { payment_method: method.id, status: 'requires_confirmation', next_action: null },
    hidden: { challenge: null },
  })
}

const changeable = ['requires_payment_method', 'requires_confirmation', 'requires_action']

function update(call: Call<Values<typeof updatingPayment>>): Row<'payment_intent'> {
  const { space, params } = call
  const before = getIntent(call, 'payment_intent')
  const { amount, currency: newCurrency, customer, payment_method: method, capture_method: captureMethod } = params
  const fee = params.application_fee_amount
  const moves = Object.entries({
    amount,
    application_fee_amount: fee,
    currency: newCurrency,
    customer,
    payment_method: method,
    capture_method: captureMethod,
  })
  const [late] = moves.find(([, value]) => value !== undefined) ?? []
  if (late !== undefined) checkOwnMaster(before)
  if (late !== undefined && !changeable.includes(before.object.status)) {
    const message = `This PaymentIntent's ${late} could not be updated because it has a status of ${before.object.status}. You may only update the ${late} of a PaymentIntent with one of the following statuses: ${changeable.join(', ')}.`
    throw refuseState(message, 'payment_intent_unexpected_state', { payment_intent: before.object })
  }
  if (customer !== undefined && before.object.customer !== null && customer !== before.object.customer) {
    const message =
      'You cannot modify `customer` on a PaymentIntent once it already has been set. To fulfill a payment with a different Customer, cancel this PaymentIntent and create a new one.'
    throw refuse(message, { param: 'customer' })
  }
  if (amount !== undefined || newCurrency !== undefined) {
    checkChargeAmount(amount ?? before.object.amount, newCurrency ?? before.object.currency)
  }
  const keptFee = fee === undefined ? before.object.application_fee_amount : fee
  checkApplicationFee(call, { fee: keptFee, amount: amount ?? before.object.amount })
  const asked = params.payment_method_options?.card?.request_three_d_secure
  const row = space.update('payment_intent', before.id, {
    object: {
      ...describe(before.object, params),
      ...(amount !== undefined && { amount }),
      ...(fee !== undefined && { application_fee_amount: fee }),
      ...(newCurrency !== undefined && { currency: newCurrency }),
      ...(customer !== undefined && { customer: getCustomer(space, customer).id }),
      ...(captureMethod !== undefined && { capture_method: captureMethod }),
      ...(asked !== undefined && {
        payment_method_options: buildMethodOptions(before.object.payment_method_types, asked),
      }),
    },
  })
  return method === undefined ? row : setMethod(space, row, method)
}

/** The fields that may change at any time. */
function describe(before: Stripe.PaymentIntent, params: Values<typeof described>): Partial<Stripe.PaymentIntent> {
  const { metadata: tags, ...given } = params
  const named: Record<string, unknown> = {}
  for (const name of Object.keys(described)) {
    const value = (given as Record<string, unknown>)[name]
    if (name !== 'metadata' && value !== undefined) named[name] = value
  }
  return { ...named, metadata: changeMetadata(before.metadata, tags) }
}

const permission = 'payment_intent_write'

export const paymentIntents: ObjectModule = {
  prefixes: { pi: 'payment_intent' },
  expansions: {
    payment_intent: { customer: 'customer', latest_charge: 'charge', payment_method: 'payment_method' },
  },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/payment_intents',
      permission,
      hasPaymentMethodTypes: true,
      parameters: creatingPayment,
      unsupported: unbuiltOfPayments,
      run: (call) => shown(create(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/payment_intents',
      permission: 'payment_intent_read',
      parameters: { ...pagination, created: range(), customer: objectId() },
      unsupported: ['customer_account'],
      run(call) {
        const { created, customer } = call.params
        return listPage(call, {
          kind: 'payment_intent',
          url: '/v1/payment_intents',
          by: customer === undefined ? undefined : ['customer', customer],
          where: ({ object }) => isWithin(object.created, created),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/payment_intents/:id',
      permission: 'payment_intent_read',
      allowsPublishable: true,
      parameters: { client_secret: text() },
      run: (call) => shown(getIntent(call, 'payment_intent')),
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_intents/:id',
      permission,
      hasPaymentMethodTypes: true,
      parameters: updatingPayment,
      unsupported: [...unbuiltOfPayments, ...Object.keys(methodChoice)],
      run: (call) => shown(update(call)),
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_intents/:id/confirm',
      permission,
      hasPaymentMethodTypes: true,
      parameters: {
        ...confirming,
        receipt_email: clearable(email()),
        setup_future_usage: futureUsage,
        capture_method: captureMethods,
      },
      unsupported: [
        ...unbuiltOfPayments,
        'amount_to_confirm',
        'allowed_payment_method_types',
        'excluded_payment_method_types',
      ],
      run(call) {
        const { receipt_email: receiptEmail, setup_future_usage: saved, capture_method: captureMethod } = call.params
        const intent = getIntent(call, 'payment_intent')
        const changed = call.space.update('payment_intent', intent.id, {
          object: {
            ...(receiptEmail !== undefined && { receipt_email: receiptEmail }),
            ...(saved !== undefined && { setup_future_usage: saved }),
            ...(captureMethod !== undefined && { capture_method: captureMethod }),
          },
        })
        return shown(confirm(call, changed))
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_intents/:id/cancel',
      permission,
      parameters: { cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer') },
      run(call) {
        const intent = getIntent(call, 'payment_intent')
        checkOwnMaster(intent)
        if (intent.hidden.checkoutSession !== null && intent.object.status !== 'requires_capture') {
          throw refuse(
            'You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session instead.',
            { code: 'payment_intent_unexpected_state' },
          )
        }
        return shown(cancelPaymentIntent(call.space, intent, call.params.cancellation_reason ?? null))
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/payment_intents/:id/capture',
      permission,
      parameters: { amount_to_capture: integer({ min: 1 }), metadata: metadata(), final_capture: flag() },
      unsupported: [...unbuiltOfPayments, 'statement_descriptor', 'statement_descriptor_suffix'],
      run(call) {
        const intent = getIntent(call, 'payment_intent')
        const tags = changeMetadata(intent.object.metadata, call.params.metadata)
        const tagged = call.space.update('payment_intent', intent.id, { object: { metadata: tags } })
        return shown(capturePaymentIntent(call.space, tagged, call.params.amount_to_capture))
      },
    }),
  ],
}
