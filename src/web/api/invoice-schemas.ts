/** The shapes of an invoice on the wire. Amounts are integers in strings, dates local texts, instants ISO texts. */
import { z } from '@hono/zod-openapi'
import { moneySchema } from './context.ts'

const tone = z.enum(['grey', 'yellow', 'red', 'blue', 'green', 'orange', 'purple'])
export const canSchema = z.strictObject({ allowed: z.boolean(), reason: z.string().optional() })
export const labelSchema = z.strictObject({ text: z.string(), tone, detail: z.string().optional() })
const party = z.strictObject({
  name: z.string(),
  businessName: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  address: z.string().optional(),
  taxNumber: z.string().optional(),
})
const named = z.strictObject({ id: z.string(), name: z.string() })
const numbered = z.strictObject({ id: z.string(), number: z.string() })

const invoiceRowSchema = z.strictObject({
  id: z.string(),
  number: z.string(),
  kind: z.string(),
  renter: named,
  issueOn: z.string(),
  dueOn: z.string(),
  total: moneySchema,
  balance: moneySchema,
  label: labelSchema,
  facts: z.array(z.string()),
})

export const invoiceListSchema = z.strictObject({
  rows: z.array(invoiceRowSchema),
  next: z.string().optional(),
  count: z.number(),
  isCountCapped: z.boolean(),
  figures: z.strictObject({ outstanding: z.array(moneySchema), overdue: z.array(moneySchema) }),
})

const lineSchema = z.strictObject({
  kind: z.string(),
  description: z.string(),
  quantity: z.string(),
  unit: moneySchema,
  net: moneySchema,
  tax: moneySchema,
  total: moneySchema,
  taxName: z.string(),
  taxPercent: z.string(),
  serviceStart: z.string().optional(),
  serviceEnd: z.string().optional(),
})

const paymentSchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  method: z.string(),
  state: z.string(),
  stateLabel: z.string(),
  amount: moneySchema,
  refundable: moneySchema,
  fee: moneySchema.optional(),
  reason: z.string().optional(),
  reference: z.string().optional(),
  receiptUrl: z.string().optional(),
  warning: z.string().optional(),
  stripeIds: z.array(z.string()),
})

const refundSchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  paymentId: z.string(),
  amount: moneySchema,
  state: z.string(),
  stateLabel: z.string(),
  reason: z.string(),
  detail: z.string().optional(),
})
const creditSchema = z.strictObject({ id: z.string(), number: z.string(), total: moneySchema, reason: z.string() })
const eventSchema = z.strictObject({
  at: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  actor: z.string(),
  amount: moneySchema.optional(),
})

export const invoiceSchema = z.strictObject({
  id: z.string(),
  number: z.string(),
  kind: z.string(),
  status: z.string(),
  label: labelSchema,
  facts: z.array(z.string()),
  isTest: z.boolean(),
  version: z.number(),
  renter: named.extend({ businessName: z.string(), email: z.string() }),
  lease: z.strictObject({ id: z.string() }).optional(),
  space: numbered.optional(),
  seller: party,
  buyer: party,
  lines: z.array(lineSchema),
  subtotal: moneySchema,
  tax: moneySchema,
  total: moneySchema,
  credited: moneySchema,
  paid: moneySchema,
  balance: moneySchema,
  issueOn: z.string(),
  dueOn: z.string(),
  chargeOn: z.string().optional(),
  payments: z.array(paymentSchema),
  refunds: z.array(refundSchema),
  credits: z.array(creditSchema),
  timeline: z.array(eventSchema),
  collection: z.strictObject({
    method: z.strictObject({ id: z.string(), label: z.string() }).optional(),
    text: z.string(),
  }),
  can: z.strictObject({
    takePayment: canSchema,
    recordPayment: canSchema,
    refund: canSchema,
    void: canSchema,
    addCard: canSchema,
    checkAgain: canSchema,
    authenticate: canSchema,
    cancelPayment: canSchema,
  }),
})
export type InvoiceView = z.infer<typeof invoiceSchema>
