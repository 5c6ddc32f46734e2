/**
 * Customers, their saved methods and the mandates of debits, and how a method is called on screens and papers (`Visa ••4242`). Saving one
 * is here too: a hosted Checkout Session in setup mode, and the SetupIntent behind it. A session id is never an intent id: in setup mode
 * `payment_intent` stays null for ever (STR-102).
 */
import type { CustomerId, PaymentMethodId, CheckoutSessionId, PaymentIntentId, SetupIntentId } from '#kernel'
import type { Call, FullMetadata, StripeScope, Write } from './call.ts'
import { readLastError, type LastErrorSeen } from './declines.ts'
import { absentWhenMissing } from './fault.ts'
import {
  expandedOf,
  idOf,
  metadataOf,
  objectOf,
  optionalText,
  present,
  textOf,
  type Fields,
  flagOf,
  WrongShape,
} from './shape.ts'

export type CustomerSeen = {
  readonly id: CustomerId
  readonly isDeleted: boolean
  readonly metadata: Readonly<Record<string, string>>
}

export type PaymentMethodSeen = {
  readonly id: PaymentMethodId
  /** Stripe's type: `card`, `us_bank_account`, `sepa_debit`… */
  readonly kind: string
  /** The card's brand, the bank's name, or empty. */
  readonly brand: string
  readonly last4: string
  readonly expiresMonth?: number
  readonly expiresYear?: number
  /** Absent when it is not attached (any more), so it cannot be charged. */
  readonly customer?: CustomerId
}

export type MandateSeen = {
  readonly id: string
  /** active, pending or inactive. */
  readonly status: string
  readonly method?: PaymentMethodId
}

export function paymentMethodCalls(call: Call, metadata: FullMetadata) {
  return {
    /** @throws StripeFault */
    createCustomer: (scope: StripeScope, wanted: Write & { name: string; email?: string }): Promise<CustomerSeen> =>
      call(scope, {
        operation: 'customers.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.customers.create(
            {
              name: wanted.name,
              metadata: metadata(scope, wanted.metadata),
              ...(wanted.email !== undefined && { email: wanted.email }),
            },
            options,
          ),
        read: (body) => readCustomer(body, scope),
      }),

    /** Undefined when this account never had it; a deleted one is found with `isDeleted`. @throws StripeFault */
    findCustomer: (scope: StripeScope, id: CustomerId): Promise<CustomerSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'customers.retrieve',
          send: (client, options) => client.customers.retrieve(id, {}, options),
          read: (body) => readCustomer(body, scope, id),
        }),
      ),

    /** @throws StripeFault */
    findPaymentMethod: (scope: StripeScope, id: PaymentMethodId): Promise<PaymentMethodSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'payment_methods.retrieve',
          send: (client, options) => client.paymentMethods.retrieve(id, {}, options),
          read: (body) => readPaymentMethod(objectOf(body, { object: 'payment_method', prefix: id, mode: scope.mode })),
        }),
      ),

    /** What a payer allowed an account to take by debit. @throws StripeFault */
    findMandate: (scope: StripeScope, id: string): Promise<MandateSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'mandates.retrieve',
          send: (client, options) => client.mandates.retrieve(id, {}, options),
          read: (body) => {
            const fields = objectOf(body, { object: 'mandate', prefix: id, mode: scope.mode })
            const method = idOf<PaymentMethodId>(fields, 'payment_method')
            return present({ id, status: textOf(fields, 'status'), method })
          },
        }),
      ),
  }
}

function readCustomer(body: unknown, scope: StripeScope, id?: CustomerId): CustomerSeen {
  const fields = objectOf(body, { object: 'customer', prefix: id ?? 'cus_', mode: scope.mode })
  return { id: textOf(fields, 'id') as CustomerId, isDeleted: fields['deleted'] === true, metadata: metadataOf(fields) }
}

/** From a PaymentMethod object whose kind was already checked. */
export function readPaymentMethod(fields: Fields): PaymentMethodSeen {
  const kind = textOf(fields, 'type')
  const details = expandedOf(fields, kind) ?? {}
  return present({
    id: textOf(fields, 'id') as PaymentMethodId,
    kind,
    brand: optionalText(details, 'brand') ?? optionalText(details, 'bank_name') ?? '',
    last4: optionalText(details, 'last4') ?? '',
    expiresMonth: wholeNumber(details['exp_month']),
    expiresYear: wholeNumber(details['exp_year']),
    customer: idOf<CustomerId>(fields, 'customer'),
  })
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}

const brandNames: Readonly<Record<string, string>> = {
  amex: 'American Express',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  discover: 'Discover',
  eftpos_au: 'eftpos',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
}

const kindNames: Readonly<Record<string, string>> = {
  card: 'Card',
  us_bank_account: 'Bank account',
  au_becs_debit: 'Bank account',
  nz_bank_account: 'Bank account',
  bacs_debit: 'Bank account',
  acss_debit: 'Bank account',
  sepa_debit: 'SEPA account',
  payto: 'PayTo',
}

/** `Visa ••4242`, `Bank account ••6789`, or the plain kind where no digits are known. */
function methodLabel(method: { readonly kind: string; readonly brand: string; readonly last4: string }): string {
  const name =
    (method.kind === 'card' && brandNames[method.brand]) || kindNames[method.kind] || method.kind.replaceAll('_', ' ')
  return method.last4 ? `${name} ••${method.last4}` : name
}

/** The label of what a charge was paid with, from the charge's own record of it. */
export function chargedMethodLabel(details: Fields | undefined): string {
  const kind = details && optionalText(details, 'type')
  if (!details || !kind) return 'Unknown method'
  const used = expandedOf(details, kind) ?? {}
  return methodLabel({ kind, brand: optionalText(used, 'brand') ?? '', last4: optionalText(used, 'last4') ?? '' })
}

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
export function readSetupIntent(body: unknown, scope: StripeScope, id?: SetupIntentId): SetupIntentSeen {
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
