/** What a new Checkout Session may be told, and what contradicts itself. */
import { notSupported, refuse } from '../errors.ts'
import { currency } from '../money/amounts.ts'
import {
  email,
  group,
  objectId,
  integer,
  list,
  metadata,
  oneOf,
  required,
  text,
  timestamp,
  url,
} from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import { checkMethodChoice, methodChoice, paymentShipping } from './fields.ts'

const lineItem = group(
  {
    price: objectId(),
    price_data: group(
      {
        currency: required(currency()),
        product: objectId(),
        product_data: group(
          { name: required(text(250)), description: text(), metadata: metadata(), images: list(url(), { max: 8 }) },
          ['tax_code', 'tax_details', 'unit_label'],
        ),
        unit_amount: required(integer({ min: 0 })),
        tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
      },
      ['recurring', 'unit_amount_decimal'],
    ),
    quantity: integer({ min: 1 }),
    metadata: metadata(),
  },
  ['adjustable_quantity', 'tax_rates', 'dynamic_tax_rates'],
)

const intentData = group(
  {
    application_fee_amount: integer({ min: 0 }),
    capture_method: oneOf('automatic', 'automatic_async', 'manual'),
    description: text(),
    metadata: metadata(),
    receipt_email: email(),
    setup_future_usage: oneOf('on_session', 'off_session'),
    shipping: paymentShipping(),
    statement_descriptor: text(22),
    statement_descriptor_suffix: text(22),
  },
  ['on_behalf_of', 'transfer_data', 'transfer_group'],
)

const locales = [
  'auto',
  'de',
  'en',
  'en-GB',
  'es',
  'fr',
  'fr-CA',
  'it',
  'ja',
  'nl',
  'pl',
  'pt',
  'pt-BR',
  'sv',
  'zh',
] as const

export const creatingSession = {
  ...methodChoice,
  mode: required(oneOf('payment', 'setup', 'subscription')),
  line_items: list(lineItem, { min: 1, max: 100 }),
  success_url: url(),
  cancel_url: url(),
  client_reference_id: text(200),
  currency: currency(),
  customer: objectId(),
  customer_email: email(),
  customer_creation: oneOf('always', 'if_required'),
  expires_at: timestamp(),
  locale: oneOf(...locales),
  metadata: metadata(),
  payment_intent_data: intentData,
  setup_intent_data: group({ description: text(), metadata: metadata() }, ['on_behalf_of']),
  saved_payment_method_options: group({
    allow_redisplay_filters: list(oneOf('always', 'limited', 'unspecified')),
    payment_method_remove: oneOf('disabled', 'enabled'),
    payment_method_save: oneOf('disabled', 'enabled'),
  }),
  submit_type: oneOf('auto', 'book', 'donate', 'pay'),
  billing_address_collection: oneOf('auto', 'required'),
  ui_mode: oneOf('hosted_page', 'embedded_page', 'elements', 'form'),
}

export const unbuiltOfSessions = [
  'adaptive_pricing',
  'after_expiration',
  'allow_promotion_codes',
  'automatic_tax',
  'branding_settings',
  'consent_collection',
  'custom_fields',
  'custom_text',
  'customer_account',
  'customer_update',
  'discounts',
  'integration_identifier',
  'invoice_creation',
  'managed_payments',
  'name_collection',
  'optional_items',
  'origin_context',
  'payment_method_collection',
  'payment_method_data',
  'payment_method_options',
  'permissions',
  'phone_number_collection',
  'redirect_on_completion',
  'return_url',
  'shipping_address_collection',
  'shipping_options',
  'subscription_data',
  'tax_id_collection',
  'wallet_options',
]

export type CreatingSession = Values<typeof creatingSession>

/** Throws StripeRefusal for what is missing, contradicts the mode, or is not built. */
export function checkNewSession(params: CreatingSession): void {
  const { mode } = params
  checkMethodChoice(params)
  if (mode === 'subscription') throw notSupported('Checkout Sessions in subscription mode', 'mode')
  if (params.ui_mode !== undefined && params.ui_mode !== 'hosted_page')
    throw notSupported(`the ui_mode ${params.ui_mode}`, 'ui_mode')
  if (params.success_url === undefined) {
    throw refuse('Missing required param: success_url.', { code: 'parameter_missing', param: 'success_url' })
  }
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw refuse('You may only specify one of these parameters: customer, customer_email.', { param: 'customer_email' })
  }
  if (params.customer !== undefined && params.customer_creation !== undefined) {
    throw refuse('You may only specify one of these parameters: customer, customer_creation.', {
      param: 'customer_creation',
    })
  }
  const foreign = mode === 'payment' ? 'setup_intent_data' : 'payment_intent_data'
  if (params[foreign] !== undefined)
    throw refuse(`You can not pass \`${foreign}\` in \`${mode}\` mode.`, { param: foreign })
  if (mode === 'payment' && params.line_items === undefined) {
    throw refuse('`line_items` is required in payment mode.', { code: 'parameter_missing', param: 'line_items' })
  }
  if (mode === 'setup' && params.line_items !== undefined)
    throw refuse('You can not pass `line_items` in `setup` mode.', { param: 'line_items' })
  if (
    mode === 'setup' &&
    params.currency === undefined &&
    params.allowed_payment_method_types === undefined &&
    params.payment_method_types === undefined
  ) {
    throw refuse('`currency` is required in setup mode when the payment method types are not given.', {
      code: 'parameter_missing',
      param: 'currency',
    })
  }
}
