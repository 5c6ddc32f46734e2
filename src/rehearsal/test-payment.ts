/**
 * The noun: a test payment, and how far it has come (UI-130). Pure. What surprises: "delivered" may come after "Paid", because Stripe's
 * answer to the charge already settles it; the delivery then proves the webhook.
 */
import { currencyOf, type Mode, type Money } from '#kernel'
import type { Invoice } from '#billing'
import { isHeld, type Connection, type WebhookStanding } from '#connections'
import { healthDetail, refusedCause } from '#endpoints'
import { isOpen, type Payment } from '#payments'
import { judgeDecline, minimumAmountMinor } from '#stripe'
import { problems, type RehearsalProblem } from './problems.ts'

/** 1.00 of the currency, or the least that Stripe charges where that is more. */
export function testAmount(currency: string): Money {
  const one = 10n ** BigInt(currencyOf(currency).exponent)
  const least = minimumAmountMinor(currency)
  return { amountMinor: one < least ? least : one, currency }
}

/** Why none can be made now; undefined when one can. */
export function findHindrance(mode: Mode, connection: Connection | undefined): RehearsalProblem | undefined {
  if (mode === 'live') return 'live_moves_money'
  if (!connection || connection.state === 'disconnecting' || connection.state === 'disconnected') return 'not_connected'
  return isHeld(connection) ? 'payments_held' : undefined
}

/** The same for a screen: whether its button can be pressed, and why not. */
export function judgeTestPayment(
  mode: Mode,
  connection: Connection | undefined,
): { readonly allowed: boolean; readonly reason?: string } {
  const hindrance = findHindrance(mode, connection)
  if (!hindrance) return { allowed: true }
  const { cause, nextStep } = problems[hindrance]
  return { allowed: false, reason: mode === 'live' ? cause : `${cause} ${nextStep}` }
}

export type TestStep = { readonly name: 'created' | 'charged' | 'delivered' | 'paid'; readonly at: Date | undefined }

export type TestPayment = {
  readonly invoice: Invoice
  readonly state: 'running' | 'paid' | 'failed'
  /** Nothing more is waited for. */
  readonly isOver: boolean
  readonly steps: readonly TestStep[]
  /** Why it did not come further, most likely; absent while all is well. */
  readonly cause?: string
}

export type TestFacts = {
  readonly invoice: Invoice
  readonly payment: Payment
  readonly connection: Connection
  readonly standing: WebhookStanding
  /** When the newest attempt was asked for. */
  readonly createdAt: Date
  /** When Stripe had answered the charge. */
  readonly chargedAt: Date | undefined
  readonly deliveredAt: Date | undefined
  readonly now: Date
}

const patienceMs = 30_000

/** What is shown of it now. A cause is told after 30 seconds, or at once where waiting would change nothing. */
export function tellTestPayment(facts: TestFacts): TestPayment {
  const { invoice, payment, createdAt, chargedAt, deliveredAt, now } = facts
  const isPaid = stateOf(payment) === 'paid'
  const isLate = now.getTime() - createdAt.getTime() >= patienceMs
  const isFailed = stateOf(payment) === 'failed'
  const isUndelivered = isPaid && !deliveredAt && (isLate || !mayDeliver(facts))
  const cause = isPaid ? isUndelivered && whyUndelivered(facts) : (isFailed || isLate) && whyUnpaid(facts)
  return {
    invoice,
    state: stateOf(payment),
    isOver: isFailed || isUndelivered || (isPaid && deliveredAt !== undefined),
    steps: [
      { name: 'created', at: createdAt },
      { name: 'charged', at: isPaid ? earlier(chargedAt, payment.settledAt) : undefined },
      { name: 'delivered', at: deliveredAt },
      { name: 'paid', at: isPaid ? payment.settledAt : undefined },
    ],
    ...(cause && { cause }),
  }
}

/** A webhook may settle the charge before its own answer is here. */
function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one && other && one < other ? one : (other ?? one)
}

function stateOf({ state }: Payment): TestPayment['state'] {
  if (state === 'succeeded') return 'paid'
  return isOpen(state) ? 'running' : 'failed'
}

/** An endpoint of the operator's own that is not there or switched off will not bring anything, however long one waits. */
function mayDeliver({ connection, standing }: TestFacts): boolean {
  return connection.kind === 'connect' || (standing !== 'missing' && standing !== 'disabled')
}

function whyUndelivered({ connection, standing, createdAt }: TestFacts): string {
  const paid = 'The payment settled by asking Stripe, and no delivery told of it.'
  if (connection.kind === 'connect')
    return `${paid} News of connected accounts come by the endpoint of this installation: ask whoever runs it to look at Administration, Installation.`
  const { webhookLastRefusedAt: refusedAt, endpointCheck } = connection
  if (refusedAt !== null && refusedAt >= createdAt) return `${paid} A delivery came and was refused. ${refusedCause}`
  if (standing === 'missing' || standing === 'disabled' || standing === 'partial')
    return `${paid} ${healthDetail(standing, endpointCheck?.missingRequired)}`
  return `${paid} Look in Stripe whether the delivery failed, and that the address of the webhook is reachable.`
}

function whyUnpaid({ payment, connection }: TestFacts): string {
  if (payment.failureCode !== undefined) {
    const { failureCode: code, declineCode, adviceCode } = payment
    return judgeDecline({ code, declineCode, adviceCode }).staffSentence
  }
  if (payment.state === 'canceled') return 'The payment was cancelled before it was charged.'
  if (isHeld(connection)) return problems.payments_held.cause
  return 'Stripe has not answered the charge yet. Nothing is charged twice; Rentroll asks again by itself.'
}
