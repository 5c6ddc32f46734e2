/** What an invoice may be told at its creation and its update. */
import { notSupported, refuse } from '../errors.ts'
import { currency } from '../money/amounts.ts'
import { methodType } from '../parts/fields.ts'
import {
  clearable,
  flag,
  group,
  integer,
  list,
  metadata,
  objectId,
  oneOf,
  required,
  text,
  timestamp,
} from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'

const writable = {
  auto_advance: flag(),
  automatic_tax: group({ enabled: required(flag()) }, ['liability']),
  automatically_finalizes_at: timestamp(),
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  custom_fields: clearable(list(group({ name: required(text(40)), value: required(text(140)) }), { max: 4 })),
  days_until_due: integer({ min: 0, max: 1825 }),
  default_payment_method: objectId(),
  description: text(1500),
  due_date: timestamp(),
  footer: text(5000),
  metadata: metadata(),
  payment_settings: group({ payment_method_types: clearable(list(methodType(), { min: 1 })) }, [
    'default_mandate',
    'payment_method_options',
  ]),
  statement_descriptor: text(22),
}

export const creatingInvoice = {
  ...writable,
  currency: currency(),
  customer: required(objectId()),
  effective_at: timestamp(),
  number: text(26),
  pending_invoice_items_behavior: oneOf('exclude', 'include'),
}

export const updatingInvoice = {
  ...writable,
  effective_at: clearable(timestamp()),
  number: clearable(text(26)),
}

export const unbuiltOfInvoices = [
  'account_tax_ids',
  'application_fee_amount',
  'default_source',
  'default_tax_rates',
  'discounts',
  'issuer',
  'on_behalf_of',
  'rendering',
  'shipping_cost',
  'shipping_details',
  'transfer_data',
]

/** What may still be said once the invoice is final. */
export const lateParameters: readonly string[] = ['auto_advance', 'default_payment_method', 'metadata']

type Collecting = Values<typeof writable>

/** Throws StripeRefusal for what contradicts itself or is not done. */
export function checkCollection(params: Collecting, collection: string, hasDueDate: boolean): void {
  if (params.automatic_tax?.enabled === true) throw notSupported('automatic tax', 'automatic_tax[enabled]')
  const { days_until_due: days, due_date: date } = params
  if (days !== undefined && date !== undefined)
    throw refuse('You may only specify one of these parameters: days_until_due, due_date.', { param: 'due_date' })
  const isDated = days !== undefined || date !== undefined
  const param = days === undefined ? 'due_date' : 'days_until_due'
  if (collection === 'charge_automatically' && isDated)
    throw refuse(`You can only specify \`${param}\` if the collection method is \`send_invoice\`.`, { param })
  if (collection === 'send_invoice' && !isDated && !hasDueDate) {
    throw refuse("If invoice collection method is 'send_invoice', you must specify `days_until_due` or `due_date`.", {
      code: 'parameter_missing',
      param: 'days_until_due',
    })
  }
}
