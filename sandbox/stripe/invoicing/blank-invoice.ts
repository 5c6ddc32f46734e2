/** A new invoice as an object, with everything that is empty at the start. */
import type Stripe from 'stripe'
import { idOf } from '../parts/reference.ts'
import type { Space } from '../world/space.ts'

export interface InvoiceSeed {
  readonly customer: string
  /** Three small letters. */
  readonly currency: string
  readonly advancesItself: boolean
  /** Seconds; only for an invoice that advances by itself. */
  readonly finalizesAt: number | null
  readonly collection: 'charge_automatically' | 'send_invoice'
  /** Seconds; only for an invoice that is sent. */
  readonly dueDate: number | null
  readonly defaultMethod: string | null
  readonly description: string | null
  readonly footer: string | null
  readonly metadata: Record<string, string>
  readonly number: string | null
  readonly statementDescriptor: string | null
  readonly methodTypes: readonly string[] | null
  readonly effectiveAt: number | null
  readonly customFields: readonly Stripe.Invoice.CustomField[] | null
}

const nothingYet = {
  amount_due: 0,
  amount_overpaid: 0,
  amount_paid: 0,
  amount_remaining: 0,
  amount_shipping: 0,
  attempt_count: 0,
  attempted: false,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  starting_balance: 0,
  subtotal: 0,
  subtotal_excluding_tax: 0,
  total: 0,
  total_excluding_tax: 0,
} as const

/** Parts of invoices that this sandbox does not have, or that come later. */
const none = {
  account_tax_ids: null,
  application: null,
  customer_account: null,
  default_source: null,
  ending_balance: null,
  from_invoice: null,
  hosted_invoice_url: null,
  invoice_pdf: null,
  last_finalization_error: null,
  latest_revision: null,
  on_behalf_of: null,
  parent: null,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  test_clock: null,
} as const

export function blankInvoice(space: Space, seed: InvoiceSeed): Stripe.Invoice {
  const now = space.world.nowSeconds()
  const id = space.world.ids.id('in')
  return {
    id,
    object: 'invoice',
    ...nothingYet,
    ...none,
    ...describeParties(space, seed),
    auto_advance: seed.advancesItself,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: seed.finalizesAt,
    billing_reason: 'manual',
    collection_method: seed.collection,
    created: now,
    currency: seed.currency,
    custom_fields: seed.customFields === null ? null : [...seed.customFields],
    default_payment_method: seed.defaultMethod,
    default_tax_rates: [],
    description: seed.description,
    discounts: [],
    due_date: seed.dueDate,
    effective_at: seed.effectiveAt,
    footer: seed.footer,
    issuer: { type: 'self' },
    lines: { object: 'list', data: [], has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode: space.isLive,
    metadata: seed.metadata,
    next_payment_attempt: seed.collection === 'charge_automatically' ? seed.finalizesAt : null,
    number: seed.number,
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: seed.methodTypes === null ? null : [...seed.methodTypes],
    },
    period_end: now,
    period_start: now,
    statement_descriptor: seed.statementDescriptor,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    total_discount_amounts: [],
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: now,
  }
}

/** Who bills whom, as both are called now. */
function describeParties(
  space: Space,
  seed: InvoiceSeed,
): Pick<
  Stripe.Invoice,
  | 'account_country'
  | 'account_name'
  | 'customer'
  | 'customer_address'
  | 'customer_email'
  | 'customer_name'
  | 'customer_phone'
  | 'customer_shipping'
  | 'customer_tax_exempt'
  | 'customer_tax_ids'
> {
  const { object: customer } = space.get('customer', seed.customer)
  const { object: account } = space.world.root.get('account', space.accountId)
  return {
    account_country: account.country ?? null,
    account_name: account.business_profile?.name ?? account.settings?.dashboard.display_name ?? null,
    customer: idOf(customer),
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: customer.shipping,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: [],
  }
}
