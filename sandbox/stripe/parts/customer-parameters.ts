/** What a customer may be told. */
import type Stripe from 'stripe'
import { clearable, email, flag, group, list, metadata, objectId, oneOf, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import { addressGroup, buildAddress } from './fields.ts'

const shipping = group({
  address: addressGroup(),
  name: text(500),
  phone: text(100),
  carrier: text(500),
  tracking_number: text(500),
})

export const writableOfCustomers = {
  address: clearable(addressGroup()),
  business_name: clearable(text(150)),
  individual_name: clearable(text(150)),
  description: clearable(text(5000)),
  email: clearable(email()),
  invoice_prefix: text(12),
  invoice_settings: group({ default_payment_method: clearable(objectId()), footer: clearable(text(5000)) }, [
    'custom_fields',
    'rendering_options',
  ]),
  metadata: metadata(),
  name: clearable(text(256)),
  phone: clearable(text(20)),
  preferred_locales: list(text(20)),
  shipping: clearable(shipping),
  tax_exempt: clearable(oneOf('exempt', 'none', 'reverse')),
  validate: flag(),
}

export const unbuiltOfCustomers = [
  'balance',
  'cash_balance',
  'coupon',
  'default_source',
  'next_invoice_sequence',
  'promotion_code',
  'source',
  'tax',
  'tax_id_data',
  'test_clock',
]

/** A parcel's address and name as a customer shows them. */
export function buildShipping(
  given: Values<{ address: ReturnType<typeof addressGroup> }> & {
    name?: string | undefined
    phone?: string | undefined
  },
): Stripe.Customer.Shipping {
  return {
    address: buildAddress(given.address),
    name: given.name ?? '',
    phone: given.phone ?? null,
  } as Stripe.Customer.Shipping
}
