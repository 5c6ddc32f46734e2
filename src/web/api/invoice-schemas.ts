/**
 * The shapes of an invoice on the wire, and its story, newest first, told from facts with the nouns they name (UI-167). Amounts are integers
 * in strings, dates local texts, instants ISO texts. Pure.
 */
import type { CreditNote, Invoice, LatestAttempt } from '#billing'
import type { Money } from '#kernel'
import type { Attempt, Payment } from '#payments'
import type { Fact, FactName } from '#platform'
import type { Refund } from '#refunds'
import { judgeDecline } from '#stripe'
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

/** The balance as it was last looked at; amounts are absent where it could not be read. */
const waitingSchema = z.strictObject({
  available: moneySchema.optional(),
  missing: moneySchema.optional(),
  /** What older refunds take first. */
  ahead: moneySchema.optional(),
  expectedOn: z.string().optional(),
  seenAt: z.string().optional(),
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
  /** There while it waits here; then it may be sent or cancelled. */
  waiting: waitingSchema.optional(),
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

type Event = InvoiceView['timeline'][number]
type Story = {
  readonly facts: readonly Fact[]
  readonly payments: readonly Payment[]
  readonly refunds: readonly Refund[]
  readonly attempts: readonly Attempt[]
  readonly credits: readonly CreditNote[]
  readonly invoice: Invoice
}

export const factTitles: Partial<Record<FactName, string>> = {
  'invoice.finalised': 'Issued',
  'invoice.paid': 'Paid in full',
  'invoice.reopened': 'Open again',
  'invoice.voided': 'Voided',
  'payment.requested': 'Charge started',
  'payment.action_required': 'The renter must confirm with their bank',
  'payment.processing': 'The bank is processing the payment',
  'payment.failed': 'Payment failed',
  'payment.settled': 'Payment received',
  'payment.recorded': 'Payment recorded by hand',
  'payment.canceled': 'Payment cancelled',
  'refund.requested': 'Refund requested',
  'refund.waiting': 'Refund waits for funds',
  'refund.canceled': 'Refund cancelled',
  'refund.pending': 'Refund pending at the bank',
  'refund.succeeded': 'Refunded',
  'refund.failed': 'Refund failed',
  'payment.flagged': 'Warned of fraud',
  'credit_note.finalised': 'Credit note issued',
  'stripe_invoice.payment_failed': 'A payment of the invoice in Stripe failed',
  'stripe_invoice.voided': 'Voided in Stripe; this invoice stays as it is',
  'stripe_invoice.uncollectible': 'Given up in Stripe; this invoice stays as it is',
  'method.saved': 'Card saved',
  'setup.failed': 'Card not saved',
}

export function timelineOf(story: Story): Event[] {
  return story.facts
    .filter(({ name }) => factTitles[name])
    .map((fact) => eventOf(fact, story))
    .reverse()
}

function eventOf(fact: Fact, { payments, refunds, attempts, credits, invoice }: Story): Event {
  const payment = payments.find(({ id }) => id === fact.ids['payment'])
  const refund = refunds.find(({ id }) => id === fact.ids['refund'])
  const credit = credits.find(({ id }) => id === (fact.ids['creditNote'] ?? fact.ids['credit_note']))
  const amountMinor =
    refund?.amountMinor ??
    credit?.totalMinor ??
    payment?.amountMinor ??
    (fact.name === 'invoice.finalised' ? invoice.totalMinor : undefined)
  const creditWords = credit && `${credit.number}: ${credit.reason}`
  const detail = refund?.reason ?? creditWords ?? (payment && paymentDetail(fact, payment, attempts))
  return {
    at: fact.recordedAt.toISOString(),
    title: factTitles[fact.name]!,
    actor: actorWords(fact.actor),
    ...(detail && { detail }),
    ...(amountMinor !== undefined && { amount: { amountMinor: amountMinor.toString(), currency: invoice.currency } }),
  }
}

/** A declined attempt is explained with its own reason, not with that of a later one. */
function paymentDetail(fact: Fact, payment: Payment, attempts: readonly Attempt[]): string {
  const own = attempts.filter(({ paymentId }) => paymentId === payment.id)
  if (fact.name !== 'payment.failed')
    return payment.reference ? `${payment.methodLabel}, ${payment.reference}` : payment.methodLabel
  const failed = own.filter(({ outcome }) => outcome === 'failed')
  const nearest = failed.reduce<Attempt | undefined>(
    (best, attempt) => (!best || distance(attempt, fact) < distance(best, fact) ? attempt : best),
    undefined,
  )
  if (!nearest) return payment.methodLabel
  return `${nearest.methodLabel}: ${judgeDecline({ code: nearest.failureCode, declineCode: nearest.declineCode }).staffSentence}`
}

function distance(attempt: Attempt, fact: Fact): number {
  return Math.abs(attempt.at.getTime() - fact.recordedAt.getTime())
}

function actorWords(actor: string): string {
  const known: Readonly<Record<string, string>> = { system: 'Rentroll', schedule: 'Schedule', stripe: 'Stripe' }
  return known[actor] ?? actor
}

/** Amounts leave as integers in strings (STK-65). */
export function wire({ amountMinor, currency }: Money): { amountMinor: string; currency: string } {
  return { amountMinor: amountMinor.toString(), currency }
}

export function can(reason: string | false | undefined): { allowed: boolean; reason?: string } {
  return reason ? { allowed: false, reason } : { allowed: true }
}

/** What the label asks of payments: the newest attempt, unless money arrived after it failed. */
export function latestAttemptOf(payments: readonly Payment[]): LatestAttempt {
  const newest = [...payments].sort((one, other) => other.updatedAt.getTime() - one.updatedAt.getTime())[0]
  if (!newest?.connectionId) return 'none'
  return newest.state === 'created' ? 'submitted' : newest.state
}
