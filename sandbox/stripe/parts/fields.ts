/** Parameters and parts that several objects share: addresses, billing details, shipping, payment method types. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { clearable, email, group, list, oneOf, required, text } from '../protocol/parameters.ts'
import type { Parameter, Values } from '../protocol/parameters.ts'

const addressShape = {
  city: clearable(text(500)),
  country: clearable(text(2)),
  line1: clearable(text(500)),
  line2: clearable(text(500)),
  postal_code: clearable(text(500)),
  state: clearable(text(500)),
}

export function addressGroup(): Parameter<Values<typeof addressShape>> {
  return group(addressShape)
}

export function buildAddress(given: Values<typeof addressShape> | null | undefined): Stripe.Address {
  return {
    city: given?.city ?? null,
    country: given?.country ?? null,
    line1: given?.line1 ?? null,
    line2: given?.line2 ?? null,
    postal_code: given?.postal_code ?? null,
    state: given?.state ?? null,
  }
}

const billingShape = {
  address: clearable(addressGroup()),
  email: clearable(email()),
  name: clearable(text(500)),
  phone: clearable(text(100)),
  tax_id: text(100),
}

export function billingDetails(): Parameter<Values<typeof billingShape>> {
  return group(billingShape)
}

/** Billing details after a change: a part that was not sent stays. */
export function changeBilling(
  before: Stripe.PaymentMethod.BillingDetails,
  change: Values<typeof billingShape> | undefined,
): Stripe.PaymentMethod.BillingDetails {
  if (change === undefined) return before
  return {
    address: change.address === undefined ? before.address : buildAddress(change.address),
    email: change.email === undefined ? before.email : change.email,
    name: change.name === undefined ? before.name : change.name,
    phone: change.phone === undefined ? before.phone : change.phone,
    tax_id: change.tax_id ?? before.tax_id,
  }
}

export const noBilling: Stripe.PaymentMethod.BillingDetails = {
  address: buildAddress(undefined),
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}

const parcel = group({
  address: required(addressGroup()),
  name: required(text(500)),
  phone: text(100),
  carrier: text(500),
  tracking_number: text(500),
})

/** Where the thing that is paid for goes, read into the shape a payment shows it in. */
export function paymentShipping(): Parameter<Stripe.PaymentIntent.Shipping> {
  return {
    isRequired: false,
    read(value, path) {
      const given = parcel.read(value, path)
      return {
        address: buildAddress(given.address),
        carrier: given.carrier ?? null,
        name: given.name,
        phone: given.phone ?? null,
        tracking_number: given.tracking_number ?? null,
      }
    },
  }
}

/** Types Stripe has; cards and bank debits can be charged here. */
const methodTypes = [
  'card',
  'acss_debit',
  'affirm',
  'afterpay_clearpay',
  'alipay',
  'alma',
  'amazon_pay',
  'au_becs_debit',
  'bacs_debit',
  'bancontact',
  'billie',
  'bizum',
  'blik',
  'boleto',
  'card_present',
  'cashapp',
  'crypto',
  'customer_balance',
  'eps',
  'fpx',
  'giropay',
  'grabpay',
  'ideal',
  'interac_present',
  'kakao_pay',
  'klarna',
  'konbini',
  'kr_card',
  'link',
  'mb_way',
  'mobilepay',
  'multibanco',
  'naver_pay',
  'nz_bank_account',
  'oxxo',
  'p24',
  'pay_by_bank',
  'payco',
  'paynow',
  'paypal',
  'paypay',
  'payto',
  'pix',
  'promptpay',
  'revolut_pay',
  'samsung_pay',
  'satispay',
  'scalapay',
  'sepa_debit',
  'sequra',
  'sofort',
  'sunbit',
  'swish',
  'twint',
  'upi',
  'us_bank_account',
  'wechat_pay',
  'zip',
] as const

export type MethodType = (typeof methodTypes)[number]

export function methodType(): Parameter<MethodType> {
  return oneOf(...methodTypes)
}

function methodTypeList(): Parameter<readonly MethodType[]> {
  return list(methodType(), { min: 1 })
}

/** The four ways to say which methods are offered. */
export const methodChoice = {
  allowed_payment_method_types: methodTypeList(),
  payment_method_types: methodTypeList(),
  excluded_payment_method_types: list(methodType()),
  payment_method_configuration: text(255),
}

export interface ChosenMethods {
  readonly allowed_payment_method_types?: readonly MethodType[] | undefined
  readonly payment_method_types?: readonly MethodType[] | undefined
  readonly excluded_payment_method_types?: readonly MethodType[] | undefined
  readonly payment_method_configuration?: string | undefined
  readonly automatic_payment_methods?: { readonly enabled?: boolean | undefined } | null | undefined
}

/** Throws StripeRefusal when the choice is made twice (SBX-12). */
export function checkMethodChoice(params: ChosenMethods): void {
  const named =
    params.allowed_payment_method_types === undefined ? 'payment_method_types' : 'allowed_payment_method_types'
  if (params[named] === undefined) return
  const others = ['automatic_payment_methods', 'excluded_payment_method_types', 'payment_method_configuration'] as const
  const clash = others.find(
    (other) =>
      params[other] !== undefined && (other !== 'automatic_payment_methods' || params[other]?.enabled === true),
  )
  if (clash !== undefined) {
    throw refuse(`You may only specify one of these parameters: ${named}, ${clash}.`, { param: clash })
  }
  if (params.allowed_payment_method_types !== undefined && params.payment_method_types !== undefined) {
    throw refuse('You may only specify one of these parameters: allowed_payment_method_types, payment_method_types.', {
      param: 'payment_method_types',
    })
  }
}
