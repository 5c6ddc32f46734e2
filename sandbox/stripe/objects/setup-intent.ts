/** SetupIntents: the operations. What a confirmation does is told in money/setup-intents.ts. */
import { refuse } from '../errors.ts'
import { checkMethod } from '../money/confirm-payment.ts'
import { cancelSetupIntent, confirmSetup, createSetupIntent } from '../money/setup-intents.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import {
  changeMetadata,
  clearable,
  flag,
  group,
  objectId,
  isWithin,
  metadata,
  oneOf,
  range,
  required,
  text,
  url,
} from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { getIntent } from '../parts/client-secret.ts'
import { getCustomer } from './customer.ts'
import { debitOptions } from '../debits/debit-parameters.ts'
import { mandateData } from '../debits/mandates.ts'
import { offeredTypes } from '../debits/offered-types.ts'
import { checkMethodChoice, methodChoice } from '../parts/fields.ts'
import { resolveMethod } from '../parts/new-method.ts'

const methodOptions = group(
  {
    card: clearable(
      group({ request_three_d_secure: oneOf('any', 'automatic', 'challenge') }, [
        'mandate_options',
        'moto',
        'network',
        'three_d_secure',
      ]),
    ),
    ...debitOptions,
  },
  ['link'],
)

const confirming = {
  payment_method: objectId(),
  return_url: url(),
  payment_method_options: methodOptions,
  mandate_data: mandateData,
}

const creating = {
  ...confirming,
  ...methodChoice,
  automatic_payment_methods: group({ enabled: required(flag()), allow_redirects: oneOf('always', 'never') }),
  confirm: flag(),
  customer: objectId(),
  description: clearable(text()),
  metadata: metadata(),
  usage: oneOf('off_session', 'on_session'),
}

const updating = {
  customer: objectId(),
  description: clearable(text()),
  metadata: metadata(),
  payment_method: objectId(),
}

const notBuilt = [
  'attach_to_self',
  'confirmation_token',
  'customer_account',
  'flow_directions',
  'on_behalf_of',
  'payment_method_data',
  'single_use',
  'use_stripe_sdk',
]

function confirm(call: Call<Values<typeof confirming>>, intent: Row<'setup_intent'>): Row<'setup_intent'> {
  const { space, params } = call
  if (intent.hidden.checkoutSession !== null) {
    throw refuse('You cannot confirm this SetupIntent because it was created by a Checkout Session.', {
      code: 'setup_intent_unexpected_state',
    })
  }
  const asked = params.payment_method_options?.card?.request_three_d_secure
  const kept = intent.object.payment_method_options?.card?.request_three_d_secure
  return confirmSetup(space, intent.id, {
    method: params.payment_method === undefined ? undefined : resolveMethod(space, params.payment_method),
    returnUrl: params.return_url ?? intent.hidden.returnUrl,
    wantsChallenge: ['any', 'challenge'].includes(asked ?? kept ?? 'automatic'),
    checkoutSession: null,
    mandate: { data: params.mandate_data },
  })
}

function create(call: Call<Values<typeof creating>>): Row<'setup_intent'> {
  const { space, params } = call
  checkMethodChoice(params)
  const wantsConfirm = params.confirm ?? false
  if (!wantsConfirm && params.return_url !== undefined) {
    throw refuse('The parameter `return_url` can only be used when `confirm` is true.', { param: 'return_url' })
  }
  if (!wantsConfirm && params.mandate_data !== undefined) {
    throw refuse('The parameter `mandate_data` can only be used when `confirm` is true.', { param: 'mandate_data' })
  }
  const methodTypes = offeredTypes(space, params, null)
  const isChosen = params.allowed_payment_method_types !== undefined || params.payment_method_types !== undefined
  const automatic = {
    enabled: true,
    allow_redirects: params.automatic_payment_methods?.allow_redirects ?? 'always',
  } as const
  const intent = createSetupIntent(space, {
    customer: params.customer === undefined ? null : getCustomer(space, params.customer).id,
    description: params.description ?? null,
    metadata: params.metadata,
    usage: params.usage ?? 'off_session',
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

function setMethod(space: Space, intent: Row<'setup_intent'>, name: string): Row<'setup_intent'> {
  const method = resolveMethod(space, name)
  checkMethod(intent, method)
  return space.update('setup_intent', intent.id, {
    object: { payment_method: method.id, status: 'requires_confirmation' },
  })
}

function update(call: Call<Values<typeof updating>>): Row<'setup_intent'> {
  const { space, params } = call
  const before = getIntent(call, 'setup_intent')
  const isOver = before.object.status === 'succeeded' || before.object.status === 'canceled'
  if (isOver && (params.payment_method !== undefined || params.customer !== undefined)) {
    throw refuse(`You cannot update this SetupIntent because it has a status of ${before.object.status}.`, {
      code: 'setup_intent_unexpected_state',
    })
  }
  const row = space.update('setup_intent', before.id, {
    object: {
      metadata: changeMetadata(before.object.metadata ?? {}, params.metadata),
      ...(params.description !== undefined && { description: params.description }),
      ...(params.customer !== undefined && { customer: getCustomer(space, params.customer).id }),
    },
  })
  return params.payment_method === undefined ? row : setMethod(space, row, params.payment_method)
}

const permission = 'setup_intent_write'

export const setupIntents: ObjectModule = {
  expansions: { setup_intent: { customer: 'customer', mandate: 'mandate', payment_method: 'payment_method' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/setup_intents',
      permission,
      hasPaymentMethodTypes: true,
      parameters: creating,
      unsupported: notBuilt,
      run: (call) => shown(create(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/setup_intents',
      permission: 'setup_intent_read',
      parameters: { ...pagination, created: range(), customer: objectId(), payment_method: objectId() },
      unsupported: ['attach_to_self', 'customer_account'],
      run(call) {
        const { created, customer, payment_method: method } = call.params
        return listPage(call, {
          kind: 'setup_intent',
          url: '/v1/setup_intents',
          by: customer === undefined ? undefined : ['customer', customer],
          where: ({ object }) =>
            isWithin(object.created, created) && (method === undefined || object.payment_method === method),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/setup_intents/:id',
      permission: 'setup_intent_read',
      allowsPublishable: true,
      parameters: { client_secret: text() },
      run: (call) => shown(getIntent(call, 'setup_intent')),
    }),
    operation({
      method: 'POST',
      path: '/v1/setup_intents/:id',
      permission,
      hasPaymentMethodTypes: true,
      parameters: updating,
      unsupported: [...notBuilt, ...Object.keys(methodChoice), 'payment_method_options'],
      run: (call) => shown(update(call)),
    }),
    operation({
      method: 'POST',
      path: '/v1/setup_intents/:id/confirm',
      permission,
      hasPaymentMethodTypes: true,
      parameters: confirming,
      unsupported: [...notBuilt, 'allowed_payment_method_types'],
      run: (call) => shown(confirm(call, getIntent(call, 'setup_intent'))),
    }),
    operation({
      method: 'POST',
      path: '/v1/setup_intents/:id/cancel',
      permission,
      parameters: { cancellation_reason: oneOf('abandoned', 'duplicate', 'requested_by_customer') },
      run(call) {
        const intent = getIntent(call, 'setup_intent')
        if (intent.hidden.checkoutSession !== null) {
          throw refuse(
            'You cannot cancel the SetupIntent of a Checkout Session. Expire the Checkout Session instead.',
            {
              code: 'setup_intent_unexpected_state',
            },
          )
        }
        return shown(cancelSetupIntent(call.space, intent, call.params.cancellation_reason ?? null))
      },
    }),
  ],
}
