/** Checking out a space (move-in): a preview with its hash, and the deed that only does what was previewed. */
import { addDays, plainDecimal, publicId } from '#kernel'
import { firstInvoice, previewFirstInvoice } from '#billing'
import { checkOutSpace, previewCheckOut, type CheckOutPreview } from '#leases'
import { isAllowed, type Role } from '#operators'
import { inScope } from '#platform'
import { readPaymentReadiness } from '#renters'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  moneySchema,
  operatorApp,
  withMode,
  type ApiContext,
} from './context.ts'
import { wire } from './invoice-schemas.ts'
import { apiRefusal, getValue } from './problems.ts'

const amountText = z.string().trim().min(1, 'Enter an amount.').max(20, 'Enter an amount such as 120.00.')

const wishFields = {
  spaceId: idOf('space'),
  interval: z.string(),
  startOn: z.string(),
  deposit: z.union([z.enum(['standard', 'none']), z.strictObject({ custom: amountText })]),
  rateOverride: z.strictObject({ price: amountText, reason: z.string().trim().max(500) }).optional(),
}

const lineSchema = z.strictObject({
  kind: z.string(),
  description: z.string(),
  net: moneySchema,
  tax: moneySchema,
  total: moneySchema,
  taxName: z.string(),
  taxPercent: z.string(),
  formula: z.string().optional(),
})

const datesSchema = { issueOn: z.string(), dueOn: z.string(), chargeOn: z.string().optional() }

const previewSchema = z.strictObject({
  invoice: z.strictObject({
    lines: z.array(lineSchema),
    subtotal: moneySchema,
    tax: moneySchema,
    total: moneySchema,
    ...datesSchema,
  }),
  next: z.array(z.strictObject({ periodStart: z.string(), periodEnd: z.string(), total: moneySchema, ...datesSchema })),
  notes: z.array(z.string()),
  banners: z.array(z.strictObject({ code: z.string(), title: z.string(), text: z.string() })),
  previewHash: z.string(),
  agreement: z.strictObject({ version: z.number(), title: z.string() }).optional(),
  agreementText: z.string().optional(),
})

const previewRoute = createRoute({
  method: 'post',
  path: '/check-out/preview',
  'x-permission': 'lease.checkout',
  request: {
    params: inOperator({}),
    query: withMode({}),
    body: jsonBody(z.strictObject({ ...wishFields, renterId: idOf('renter').optional() })),
  },
  responses: { 200: jsonAnswer(previewSchema, 'What the check-out would do; nothing is written.') },
})

const checkOutRoute = createRoute({
  method: 'post',
  path: '/check-out',
  'x-permission': 'lease.checkout',
  request: {
    params: inOperator({}),
    query: withMode({}),
    body: jsonBody(
      z.strictObject({
        ...wishFields,
        renterId: idOf('renter'),
        requestKey: z.uuid('The form has lost its key. Reload the page.'),
        acceptance: z.strictObject({ name: z.string().max(200, 'Use at most 200 characters.') }),
        previewHash: z.string(),
      }),
    ),
  },
  responses: {
    201: jsonAnswer(
      z.strictObject({ leaseId: z.string(), invoiceId: z.string(), state: z.string() }),
      'The lease and its first invoice; the same again when the form was sent before.',
    ),
  },
})

export function checkOutRoutes({ database }: ApiContext) {
  const ground = { database, firstInvoice, previewFirstInvoice, readPaymentReadiness }
  return operatorApp()
    .openapi(previewRoute, async (c) => {
      const preview = await inScope(database, c.var.scope, (rows) => previewCheckOut(ground, rows, c.req.valid('json')))
      return c.json(previewView(getValue(preview)), 200)
    })
    .openapi(checkOutRoute, async (c) => {
      const { requestKey, acceptance, ...wish } = c.req.valid('json')
      if (wish.rateOverride) assertMayPrice(c.var.person.role)
      const by = { draftId: requestKey, acceptedName: acceptance.name, actor: c.var.person.name }
      const { leaseId, invoiceId, state } = getValue(await checkOutSpace(ground, c.var.scope, { ...wish, ...by }))
      return c.json({ leaseId: publicId('lease', leaseId), invoiceId: publicId('invoice', invoiceId), state }, 201)
    })
}

/** A price of one's own is more than checking out (BIL-15). @throws RefusalAnswer 403 */
function assertMayPrice(role: Role): void {
  if (!isAllowed(role, 'lease.price')) throw apiRefusal('not_allowed')
}

function previewView(preview: CheckOutPreview): z.infer<typeof previewSchema> {
  const { invoice, agreement } = preview
  const money = (amountMinor: bigint) => wire({ amountMinor, currency: invoice.currency })
  const { issueOn, dueOn, chargeOn } = invoice
  return {
    invoice: {
      lines: invoice.lines.map((line) => ({
        kind: line.kind,
        description: line.description,
        net: money(line.netMinor),
        tax: money(line.taxMinor),
        total: money(line.totalMinor),
        taxName: line.taxName,
        taxPercent: plainDecimal(line.taxPercent),
        ...(line.formula !== undefined && { formula: line.formula }),
      })),
      subtotal: money(invoice.subtotalMinor),
      tax: money(invoice.taxMinor),
      total: money(invoice.totalMinor),
      issueOn,
      dueOn,
      ...(chargeOn !== undefined && { chargeOn }),
    },
    // People read the last day of a period, not the first day after it.
    next: invoice.next.map(({ totalMinor, periodEnd, ...dates }) => {
      return { ...dates, periodEnd: addDays(periodEnd, -1), total: money(totalMinor) }
    }),
    notes: [...preview.notes],
    banners: [...preview.banners],
    previewHash: preview.previewHash,
    ...(agreement && {
      agreement: { version: agreement.version, title: agreement.title },
      agreementText: agreement.text,
    }),
  }
}
