/**
 * Saving a method: a hosted Checkout Session in setup mode, and the SetupIntent behind it. A session id is never an intent id: in
 * setup mode `payment_intent` stays null for ever (STR-102).
 */
import type { CheckoutSessionId, CustomerId, PaymentIntentId, SetupIntentId } from '#kernel'

import type { Call, FullMetadata, StripeScope, Write } from './call.ts'
import { readLastError, type LastErrorSeen } from './declines.ts'
import { absentWhenMissing } from './fault.ts'
import { readPaymentMethod, type PaymentMethodSeen } from './payment-methods.ts'
import { expandedOf, flagOf, idOf, metadataOf, objectOf, optionalText, present, textOf, WrongShape } from './shape.ts'

export type SetupIntentSeen = {
  readonly id: SetupIntentId
  readonly status: string
  readonly customer?: CustomerId
  readonly method?: PaymentMethodSeen
  readonly lastError?: LastErrorSeen
  readonly metadata: Readonly<Record<string, string>>
  readonly isLive: boolean
}

export type CheckoutSessionSeen = {
  readonly id: CheckoutSessionId
  /** open, complete or expired. */
  readonly status: string
  readonly mode: string
  /** Where the renter goes; absent once the session is no longer open. */
  readonly url?: string
  readonly setupIntentId?: SetupIntentId
  readonly paymentIntentId?: PaymentIntentId
}

export type NewSetupSession = Write & {
  readonly customer: CustomerId
  /** ISO 4217; a session in setup mode needs one. */
  readonly currency: string
  /** Must hold `{CHECKOUT_SESSION_ID}` where the id is wanted (STR-99). */
  readonly successUrl: string
  readonly cancelUrl: string
  readonly clientReferenceId: string
  /** 30 minutes to 24 hours ahead. */
  readonly expiresAt: Date
}

export function setupCalls(call: Call, metadata: FullMetadata) {
  return {
    /** @throws StripeFault */
    createSetupSession: (
      scope: StripeScope,
      wanted: NewSetupSession,
    ): Promise<CheckoutSessionSeen & { readonly url: string }> =>
      call(scope, {
        operation: 'checkout.sessions.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.checkout.sessions.create(sessionParameters(wanted, metadata(scope, wanted.metadata)), options),
        read: (body) => {
          const session = readSession(body, scope)
          if (session.url === undefined) throw new WrongShape('the new session has no address')
          return { ...session, url: session.url }
        },
      }),

    /** @throws StripeFault */
    findCheckoutSession: (scope: StripeScope, id: CheckoutSessionId): Promise<CheckoutSessionSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'checkout.sessions.retrieve',
          send: (client, options) => client.checkout.sessions.retrieve(id, {}, options),
          read: (body) => readSession(body, scope, id),
        }),
      ),

    /** @throws StripeFault of kind `invalid` when it is no longer open: re-read it then. */
    expireCheckoutSession: (
      scope: StripeScope,
      id: CheckoutSessionId,
      wanted: { idempotencyKey: string },
    ): Promise<CheckoutSessionSeen> =>
      call(scope, {
        operation: 'checkout.sessions.expire',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) => client.checkout.sessions.expire(id, {}, options),
        read: (body) => readSession(body, scope, id),
      }),

    /** @throws StripeFault */
    findSetupIntent: (scope: StripeScope, id: SetupIntentId): Promise<SetupIntentSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'setup_intents.retrieve',
          send: (client, options) => client.setupIntents.retrieve(id, { expand: ['payment_method'] }, options),
          read: (body) => readSetupIntent(body, scope, id),
        }),
      ),
  }
}

function sessionParameters(wanted: NewSetupSession, metadata: Record<string, string>) {
  return {
    mode: 'setup' as const,
    customer: wanted.customer,
    currency: wanted.currency.toLowerCase(),
    success_url: wanted.successUrl,
    cancel_url: wanted.cancelUrl,
    client_reference_id: wanted.clientReferenceId,
    expires_at: Math.floor(wanted.expiresAt.getTime() / 1000),
    metadata,
    setup_intent_data: { metadata },
  }
}

function readSession(body: unknown, scope: StripeScope, id?: CheckoutSessionId): CheckoutSessionSeen {
  const fields = objectOf(body, { object: 'checkout.session', prefix: id ?? `cs_${scope.mode}_`, mode: scope.mode })
  return present({
    id: textOf(fields, 'id') as CheckoutSessionId,
    status: optionalText(fields, 'status') ?? 'unknown',
    mode: textOf(fields, 'mode'),
    url: optionalText(fields, 'url'),
    setupIntentId: idOf<SetupIntentId>(fields, 'setup_intent'),
    paymentIntentId: idOf<PaymentIntentId>(fields, 'payment_intent'),
  })
}

/** Reads a SetupIntent; its method is known only where the answer expanded it. @throws WrongShape */
function readSetupIntent(body: unknown, scope: StripeScope, id?: SetupIntentId): SetupIntentSeen {
  const fields = objectOf(body, { object: 'setup_intent', prefix: id ?? 'seti_', mode: scope.mode })
  const method = expandedOf(fields, 'payment_method')
  const lastError = expandedOf(fields, 'last_setup_error')
  return present({
    id: textOf(fields, 'id') as SetupIntentId,
    status: textOf(fields, 'status'),
    customer: idOf<CustomerId>(fields, 'customer'),
    method: method && readPaymentMethod(method),
    lastError: lastError && readLastError(lastError),
    metadata: metadataOf(fields),
    isLive: flagOf(fields, 'livemode'),
  })
}
