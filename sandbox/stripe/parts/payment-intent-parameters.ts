/** What a PaymentIntent may be told at its creation, its update and its confirmation. */
import { debitOptions } from '../debits/debit-parameters.ts'
import { mandateData } from '../debits/mandates.ts'
import { refuse } from '../errors.ts'
import { currency } from '../money/amounts.ts'
import {
  clearable,
  email,
  flag,
  group,
  integer,
  metadata,
  objectId,
  oneOf,
  required,
  text,
  url,
} from '../protocol/parameters.ts'
import type { Parameter, Values } from '../protocol/parameters.ts'
import { methodChoice, paymentShipping } from './fields.ts'

/** `true`, `false`, or a group that means true; the group's contents change nothing for cards. */
function offSession(): Parameter<boolean> {
  return { isRequired: false, read: (value, path) => (typeof value === 'object' ? true : flag().read(value, path)) }
}

export const futureUsage = clearable(oneOf('on_session', 'off_session'))

const methodOptions = group(
  {
    card: clearable(
      group({ request_three_d_secure: oneOf('any', 'automatic', 'challenge') }, [
        'capture_method',
        'cvc_token',
        'installments',
        'mandate_options',
        'moto',
        'network',
        'setup_future_usage',
        'statement_descriptor_suffix_kana',
        'statement_descriptor_suffix_kanji',
      ]),
    ),
    ...debitOptions,
  },
  ['link'],
)

export const described = {
  description: clearable(text()),
  metadata: metadata(),
  receipt_email: clearable(email()),
  setup_future_usage: futureUsage,
  shipping: clearable(paymentShipping()),
  statement_descriptor: clearable(text(22)),
  statement_descriptor_suffix: clearable(text(22)),
  transfer_group: clearable(text()),
}

export const confirming = {
  payment_method: objectId(),
  off_session: offSession(),
  return_url: url(),
  error_on_requires_action: flag(),
  payment_method_options: methodOptions,
  mandate: objectId(),
  mandate_data: mandateData,
}

export const captureMethods = oneOf('automatic', 'automatic_async', 'manual')

export const creatingPayment = {
  ...described,
  ...confirming,
  ...methodChoice,
  amount: required(integer({ min: 1 })),
  application_fee_amount: integer({ min: 0 }),
  currency: required(currency()),
  automatic_payment_methods: group({ enabled: required(flag()), allow_redirects: oneOf('always', 'never') }),
  capture_method: captureMethods,
  confirm: flag(),
  confirmation_method: oneOf('automatic', 'manual'),
  customer: objectId(),
}

export const updatingPayment = {
  ...described,
  amount: integer({ min: 1 }),
  application_fee_amount: clearable(integer({ min: 0 })),
  currency: currency(),
  customer: objectId(),
  payment_method: objectId(),
  capture_method: captureMethods,
  payment_method_options: methodOptions,
}

export const unbuiltOfPayments = [
  'amount_details',
  'application_fee_amount',
  'confirmation_token',
  'customer_account',
  'hooks',
  'on_behalf_of',
  'payment_details',
  'payment_method_data',
  'radar_options',
  'transfer_data',
  'use_stripe_sdk',
]

/** Some parameters mean nothing before the confirmation. Throws StripeRefusal. */
export function checkOnlyWithConfirm(params: Values<typeof creatingPayment>, wantsConfirm: boolean): void {
  if (wantsConfirm) return
  const early = (['off_session', 'return_url', 'error_on_requires_action', 'mandate', 'mandate_data'] as const).find(
    (name) => params[name] !== undefined,
  )
  if (early !== undefined)
    throw refuse(`The parameter \`${early}\` can only be used when \`confirm\` is true.`, { param: early })
}
