/** Checkout Sessions: the operations. The hosted page works on them through money/checkout.ts. */
import { refuse } from '../errors.ts'
import { checkoutLifeMs, checkoutShortestMs } from '../facts.ts'
import { checkChargeAmount } from '../money/amounts.ts'
import { buildLines } from '../money/checkout-lines.ts'
import { createSession, expireSession, newSessionId } from '../money/checkout-session.ts'
import { createSetupIntent } from '../money/setup-intents.ts'
import { listPage, pageOfParts, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, objectId, isWithin, metadata, oneOf, range } from '../protocol/parameters.ts'
import type { IntentTemplate, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { getCustomer } from './customer.ts'
import { checkNewSession, creatingSession, unbuiltOfSessions } from '../parts/checkout-parameters.ts'
import type { CreatingSession } from '../parts/checkout-parameters.ts'
import { offeredTypes } from '../debits/offered-types.ts'
import { callingApplication } from '../parts/application.ts'
import { getByPath } from '../parts/reference.ts'
import { checkApplicationFee } from '../payouts/fees.ts'

function readExpiry(space: Space, asked: number | undefined): number {
  const now = space.world.nowMs()
  if (asked === undefined) return Math.floor((now + checkoutLifeMs) / 1000)
  const isSoon = asked * 1000 < now + checkoutShortestMs - 1000
  if (isSoon || asked * 1000 > now + checkoutLifeMs + 1000) {
    throw refuse('The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    })
  }
  return asked
}

function readTemplate(call: Call<CreatingSession>, amount: number): IntentTemplate {
  const given = call.params.payment_intent_data
  const fee = given?.application_fee_amount ?? null
  checkApplicationFee(call, { fee, amount, param: 'payment_intent_data[application_fee_amount]' })
  return {
    application: callingApplication(call),
    applicationFee: fee,
    captureMethod: given?.capture_method ?? 'automatic_async',
    description: given?.description ?? null,
    metadata: changeMetadata({}, given?.metadata),
    receiptEmail: given?.receipt_email ?? null,
    setupFutureUsage: given?.setup_future_usage ?? null,
    shipping: given?.shipping ?? null,
    statementDescriptor: given?.statement_descriptor ?? null,
    statementDescriptorSuffix: given?.statement_descriptor_suffix ?? null,
  }
}

function create(call: Call<CreatingSession>): Row<'checkout.session'> {
  const { space, params } = call
  checkNewSession(params)
  const mode = params.mode === 'setup' ? 'setup' : 'payment'
  const lines = buildLines(space, params.line_items)
  const lineCurrency = lines[0]?.currency ?? params.currency ?? null
  if (lines.some((line) => line.currency !== lineCurrency))
    throw refuse('All prices on a Checkout Session must have the same currency.', { param: 'line_items' })
  const total = lines.reduce((sum, line) => sum + line.amount_total, 0)
  if (mode === 'payment' && lineCurrency !== null) checkChargeAmount(total, lineCurrency)
  const methodTypes = offeredTypes(space, params, lineCurrency)
  const customer = params.customer === undefined ? null : getCustomer(space, params.customer).id
  const sessionId = newSessionId(space)
  const setup = mode === 'payment' ? null : startSetup(space, { params, customer, methodTypes, sessionId })
  const saved = params.saved_payment_method_options
  return createSession(space, {
    id: sessionId,
    mode,
    currency: lineCurrency,
    lines,
    customer,
    customerEmail: params.customer_email ?? null,
    customerCreation: customer === null ? (params.customer_creation ?? 'if_required') : null,
    setupIntent: setup,
    clientReference: params.client_reference_id ?? null,
    metadata: changeMetadata({}, params.metadata),
    successUrl: params.success_url ?? '',
    cancelUrl: params.cancel_url ?? null,
    expiresAt: readExpiry(space, params.expires_at),
    methodTypes,
    allowedTypes: params.allowed_payment_method_types ?? null,
    locale: params.locale ?? null,
    submitType: params.submit_type ?? null,
    billingCollection: params.billing_address_collection ?? null,
    savedMethods:
      saved === undefined
        ? null
        : {
            allow_redisplay_filters:
              saved.allow_redisplay_filters === undefined ? ['always'] : [...saved.allow_redisplay_filters],
            payment_method_remove: saved.payment_method_remove ?? null,
            payment_method_save: saved.payment_method_save ?? null,
          },
    template: readTemplate(call, total),
  })
}

function startSetup(
  space: Space,
  wish: { params: CreatingSession; customer: string | null; methodTypes: readonly string[]; sessionId: string },
): string {
  const { params } = wish
  return createSetupIntent(space, {
    customer: wish.customer,
    description: params.setup_intent_data?.description ?? null,
    metadata: params.setup_intent_data?.metadata,
    usage: 'off_session',
    methodTypes: wish.methodTypes,
    allowedTypes: params.allowed_payment_method_types ?? null,
    excludedTypes: null,
    automatic: null,
    requestThreeDSecure: 'automatic',
    checkoutSession: wish.sessionId,
  }).id
}

/** The lines as `list_line_items` and `expand[]=line_items` show them. */
function listLines(space: Space, sessionId: string): object {
  const { lines } = space.get('checkout.session', sessionId).hidden
  return { object: 'list', data: lines, has_more: false, url: `/v1/checkout/sessions/${sessionId}/line_items` }
}

export const checkoutSessions: ObjectModule = {
  expansions: {
    'checkout.session': {
      customer: 'customer',
      line_items: listLines,
      payment_intent: 'payment_intent',
      setup_intent: 'setup_intent',
    },
  },
  timers: {
    'checkout.expire': (space, id) => {
      if (space.get('checkout.session', id).object.status === 'open') expireSession(space, id)
    },
  },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/checkout/sessions',
      permission: 'checkout_session_write',
      hasPaymentMethodTypes: true,
      parameters: creatingSession,
      unsupported: unbuiltOfSessions,
      run: (call) => shown(create(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/checkout/sessions',
      permission: 'checkout_session_read',
      parameters: {
        ...pagination,
        created: range(),
        customer: objectId(),
        payment_intent: objectId(),
        status: oneOf('complete', 'expired', 'open'),
      },
      unsupported: ['customer_account', 'customer_details', 'payment_link', 'subscription'],
      run(call) {
        const { created, customer, payment_intent: intent, status } = call.params
        const byCustomer = customer === undefined ? undefined : (['customer', customer] as const)
        return listPage(call, {
          kind: 'checkout.session',
          url: '/v1/checkout/sessions',
          by: intent === undefined ? byCustomer : ['payment_intent', intent],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (status === undefined || object.status === status) &&
            (customer === undefined || object.customer === customer),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/checkout/sessions/:id',
      permission: 'checkout_session_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'checkout.session')),
    }),
    operation({
      method: 'POST',
      path: '/v1/checkout/sessions/:id',
      permission: 'checkout_session_write',
      parameters: { metadata: metadata() },
      unsupported: ['collected_information', 'line_items', 'payment_intent_data', 'shipping_options'],
      run(call) {
        const before = getByPath(call, 'checkout.session')
        const tags = changeMetadata(before.object.metadata ?? {}, call.params.metadata)
        return shown(call.space.update('checkout.session', before.id, { object: { metadata: tags } }))
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/checkout/sessions/:id/line_items',
      permission: 'checkout_session_read',
      parameters: pagination,
      run(call) {
        const { id: sessionId, hidden } = getByPath(call, 'checkout.session')
        const url = `/v1/checkout/sessions/${sessionId}/line_items`
        return plain(pageOfParts(hidden.lines, call.params, { word: 'item', url }))
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/checkout/sessions/:id/expire',
      permission: 'checkout_session_write',
      parameters: {},
      run: (call) => shown(expireSession(call.space, getByPath(call, 'checkout.session').id)),
    }),
  ],
}
