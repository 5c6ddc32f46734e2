/** What a new invoice and a changed one are made of, out of the parameters of a call. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { getCustomer } from '../objects/customer.ts'
import { getByParameter, getByPath, idOf } from '../parts/reference.ts'
import type { Call } from '../protocol/operation.ts'
import { changeMetadata } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { changeInvoice, createDraft, finalizesAt, notEditable, scheduleAdvance } from './drafts.ts'
import { checkCollection, lateParameters } from './invoice-parameters.ts'
import type { creatingInvoice, updatingInvoice } from './invoice-parameters.ts'

type Updating = Values<typeof updatingInvoice>

const day = 86_400

/** A method that may pay for the customer. Throws StripeRefusal for one of somebody else. */
export function getPayersMethod(
  space: Space,
  customer: string,
  named: { id: string; param: string },
): Row<'payment_method'> {
  const method = getByParameter(space, 'payment_method', named)
  if (idOf(method.object.customer) === customer) return method
  const message = `The customer does not have a payment method with the ID ${named.id}. The payment method must be attached to the customer.`
  throw refuse(message, { code: 'resource_missing', param: named.param })
}

/** Seconds at which a draft finalizes itself; null when it does not. */
function readFinalizesAt(space: Space, params: Updating, advances: boolean): number | null {
  const { automatically_finalizes_at: at } = params
  if (at !== undefined && at <= space.world.nowSeconds())
    throw refuse('The timestamp must be in the future.', { param: 'automatically_finalizes_at' })
  if (at !== undefined && !advances)
    throw refuse('`automatically_finalizes_at` needs `auto_advance`.', { param: 'automatically_finalizes_at' })
  return advances ? (at ?? finalizesAt(space.world.nowSeconds())) : null
}

function readDueDate(params: Updating, createdAt: number): number | null {
  if (params.days_until_due !== undefined) return createdAt + params.days_until_due * day
  return params.due_date ?? null
}

export function createInvoice(call: Call<Values<typeof creatingInvoice>>): Row<'invoice'> {
  const { space, params } = call
  const collection = params.collection_method ?? 'charge_automatically'
  checkCollection(params, collection, false)
  const { id: customer, object } = getCustomer(space, params.customer)
  if (collection === 'send_invoice' && object.email === null) {
    throw refuse(
      'Missing email. In order to create invoices that are sent to the customer, the customer must have a valid email.',
      { param: 'customer' },
    )
  }
  const method = params.default_payment_method
  if (method !== undefined) getPayersMethod(space, customer, { id: method, param: 'default_payment_method' })
  const advances = params.auto_advance ?? false
  const home = call.account.object.default_currency ?? 'usd'
  return createDraft(space, {
    customer,
    currency: params.currency ?? object.currency ?? home,
    advancesItself: advances,
    finalizesAt: readFinalizesAt(space, params, advances),
    collection,
    dueDate: readDueDate(params, space.world.nowSeconds()),
    defaultMethod: method ?? null,
    description: params.description ?? null,
    footer: params.footer ?? null,
    metadata: changeMetadata({}, params.metadata),
    number: params.number ?? null,
    statementDescriptor: params.statement_descriptor ?? null,
    methodTypes: params.payment_settings?.payment_method_types ?? null,
    effectiveAt: params.effective_at ?? null,
    customFields: params.custom_fields ?? null,
    takesPending: params.pending_invoice_items_behavior === 'include',
  })
}

export function updateInvoice(call: Call<Updating>): Row<'invoice'> {
  const { space, params } = call
  const before = getByPath(call, 'invoice')
  const isDraft = before.object.status === 'draft'
  const given = Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (!isDraft && given.some((name) => !lateParameters.includes(name))) throw notEditable()
  const collection = params.collection_method ?? String(before.object.collection_method)
  checkCollection(params, collection, before.object.due_date !== null)
  const method = params.default_payment_method
  if (method !== undefined)
    getPayersMethod(space, idOf(before.object.customer) ?? '', { id: method, param: 'default_payment_method' })
  const row = changeInvoice(space, before, {
    ...describe(params, before.object),
    ...(isDraft && describeAdvance(space, params, before.object)),
    metadata: changeMetadata(before.object.metadata ?? {}, params.metadata),
  })
  if (isDraft) scheduleAdvance(space, row)
  return row
}

const plainNames = [
  'auto_advance',
  'collection_method',
  'default_payment_method',
  'description',
  'effective_at',
  'footer',
  'number',
  'statement_descriptor',
] as const

function describe(params: Updating, before: Stripe.Invoice): Partial<Stripe.Invoice> {
  const named = Object.fromEntries(
    plainNames.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])),
  ) as Partial<Stripe.Invoice>
  const { custom_fields: fields, payment_settings: settings } = params
  const dueDate = readDueDate(params, before.created)
  const isCharged = params.collection_method === 'charge_automatically'
  return {
    ...named,
    ...(fields !== undefined && { custom_fields: fields === null ? null : [...fields] }),
    ...(dueDate !== null && { due_date: dueDate }),
    ...(isCharged && { due_date: null }),
    ...(settings?.payment_method_types !== undefined && {
      payment_settings: {
        ...before.payment_settings,
        payment_method_types: settings.payment_method_types === null ? null : [...settings.payment_method_types],
      },
    }),
  }
}

/** When a draft goes on by itself, after what was said about it. */
function describeAdvance(space: Space, params: Updating, before: Stripe.Invoice): Partial<Stripe.Invoice> {
  if (params.auto_advance === undefined && params.automatically_finalizes_at === undefined) return {}
  const advances = params.auto_advance ?? before.auto_advance ?? false
  const at = readFinalizesAt(space, params, advances)
  const collection = params.collection_method ?? before.collection_method
  return { automatically_finalizes_at: at, next_payment_attempt: collection === 'send_invoice' ? null : at }
}
