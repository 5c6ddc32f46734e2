/** The story of an invoice, newest first, told from facts with the nouns they name (UI-167). Pure. */
import type { CreditNote, Invoice } from '#billing'
import type { Attempt, Payment } from '#payments'
import type { Fact, FactName } from '#platform'
import type { Refund } from '#refunds'
import { judgeDecline } from '#stripe'
import type { InvoiceView } from './invoice-schemas.ts'

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
