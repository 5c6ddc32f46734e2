/**
 * What a screen shows of an invoice: the document, the money on it, what may be done and why not, and its story. It asks the modules
 * and repeats none of their rules (ARC-6): each `can` names the same reasons the deeds refuse with.
 */
import { addDays, localDateAt, publicId, type Money } from '#kernel'
import { describeInvoice, getInvoice, listCreditNotes, listInvoiceLines, type Invoice, type LatestAttempt } from '#billing'
import { findChargingConnection } from '#connections'
import { findLease } from '#leases'
import { listAttempts, listPaymentsOfInvoice, isOpen, isWorthFollowing, paymentStateWords, type Payment } from '#payments'
import { listFacts, type ScopedHandle } from '#platform'
import { listRefundsOfPayments, refundStateWords, type Refund } from '#refunds'
import { findDefaultMethod, getRenter, methodLabel } from '#renters'
import { getLocation } from '#spaces'
import { judgeDecline } from '#stripe'
import type { InvoiceView } from './invoice-schemas.ts'
import { timelineOf } from './invoice-timeline.ts'

export async function readInvoiceView(rows: ScopedHandle, invoiceId: string): Promise<InvoiceView> {
  const invoice = await getInvoice(rows, invoiceId)
  const [renter, lines, payments, credits] = [await getRenter(rows, invoice.renterId), await listInvoiceLines(rows, invoiceId), await listPaymentsOfInvoice(rows, invoiceId), await listCreditNotes(rows, invoiceId)]
  const refunds = await listRefundsOfPayments(rows, payments.map(({ id }) => id))
  const attempts = await listAttempts(rows, payments.map(({ id }) => id))
  const lease = invoice.leaseId ? await findLease(rows, invoice.leaseId) : undefined
  const { timeZone } = await getLocation(rows)
  const connection = await findChargingConnection(rows)
  const method = connection && (await findDefaultMethod(rows, { renterId: renter.id, connectionId: connection.id }))
  const described = describeInvoice(invoice, { today: localDateAt(rows.clock.now(), timeZone), latestAttempt: latestAttemptOf(payments) })
  const money = (amountMinor: bigint): Money => ({ amountMinor, currency: invoice.currency })
  const chargedBy = { hasConnection: connection !== undefined, hasMethod: method !== undefined, allowsManual: renter.manualPaymentsAllowed }
  return {
    id: publicId('invoice', invoice.id),
    number: invoice.number ?? 'Draft',
    kind: invoice.kind,
    status: invoice.status,
    label: { text: described.label, tone: described.tone, ...(described.detail !== undefined && { detail: described.detail }) },
    facts: [...described.facts],
    isTest: rows.scope.mode === 'test',
    version: invoice.version,
    renter: { id: publicId('renter', renter.id), name: renter.name, businessName: renter.businessName, email: renter.email },
    ...(lease && { lease: { id: publicId('lease', lease.id) }, space: { id: publicId('space', lease.spaceId), number: lease.spaceNumber } }),
    seller: invoice.seller,
    buyer: invoice.buyer,
    lines: lines.map((line) => ({
      kind: line.kind,
      description: line.description,
      quantity: line.quantity,
      unit: wire(money(line.unitMinor)),
      net: wire(money(line.netMinor)),
      tax: wire(money(line.taxMinor)),
      total: wire(money(line.totalMinor)),
      taxName: line.taxName,
      taxPercent: line.taxPercent,
      ...(line.serviceStart && { serviceStart: line.serviceStart }),
      ...(line.serviceEnd && { serviceEnd: addDays(line.serviceEnd, -1) }),
    })),
    subtotal: wire(money(invoice.subtotalMinor)),
    tax: wire(money(invoice.taxMinor)),
    total: wire(money(invoice.totalMinor)),
    credited: wire(money(invoice.creditedMinor)),
    paid: wire(money(invoice.allocatedMinor)),
    balance: wire(money(invoice.openMinor)),
    issueOn: invoice.issueOn,
    dueOn: invoice.dueOn,
    ...(invoice.chargeOn && { chargeOn: invoice.chargeOn }),
    payments: payments.map((payment) => paymentView(payment, refunds)),
    refunds: refunds.map(refundView),
    credits: credits.map((credit) => ({ id: publicId('creditNote', credit.id), number: credit.number, total: wire(money(credit.totalMinor)), reason: credit.reason })),
    timeline: timelineOf({ facts: await listFacts(rows, { invoice: invoice.id }), payments, refunds, attempts, credits, invoice }),
    collection: {
      ...(method && { method: { id: publicId('method', method.id), label: methodLabel(method) } }),
      text: method ? `Card on file: ${methodLabel(method)}` : renter.manualPaymentsAllowed ? 'Paid by hand' : 'No card on file',
    },
    can: judgeActions({ invoice, payments, refunds, ...chargedBy }),
  }
}

/** Amounts leave as integers in strings (STK-65). */
export function wire({ amountMinor, currency }: Money): { amountMinor: string; currency: string } {
  return { amountMinor: amountMinor.toString(), currency }
}

/** What the label asks of payments: the newest attempt, unless money arrived after it failed. */
export function latestAttemptOf(payments: readonly Payment[]): LatestAttempt {
  const newest = [...payments].sort((one, other) => other.updatedAt.getTime() - one.updatedAt.getTime())[0]
  if (!newest?.connectionId) return 'none'
  return newest.state === 'created' ? 'submitted' : newest.state
}

function paymentView(payment: Payment, refunds: readonly Refund[]): InvoiceView['payments'][number] {
  const gone = refunds.filter((refund) => refund.paymentId === payment.id && refund.state !== 'failed' && refund.state !== 'canceled')
  const left = payment.state === 'succeeded' && payment.connectionId ? payment.amountMinor - gone.reduce((sum, refund) => sum + refund.amountMinor, 0n) : 0n
  const reason = payment.failureCode ? judgeDecline({ code: payment.failureCode, declineCode: payment.declineCode, adviceCode: payment.adviceCode }).staffSentence : undefined
  return {
    id: publicId('payment', payment.id),
    at: payment.updatedAt.toISOString(),
    method: payment.methodLabel,
    state: payment.state,
    stateLabel: paymentStateWords[payment.state],
    amount: wire({ amountMinor: payment.amountMinor, currency: payment.currency }),
    refundable: wire({ amountMinor: left, currency: payment.currency }),
    ...(reason !== undefined && { reason }),
    ...(payment.reference && { reference: payment.reference }),
    stripeIds: [payment.stripePaymentIntentId, payment.stripeChargeId, payment.balanceTransactionId].filter((id) => id !== undefined),
  }
}

function refundView(refund: Refund): InvoiceView['refunds'][number] {
  const detail = refund.state === 'pending' && refund.pendingReason === 'insufficient_funds' ? 'Stripe holds this refund and sends it when funds settle.' : refund.failureReason && `Reason: ${refund.failureReason.replaceAll('_', ' ')}.`
  return {
    id: publicId('refund', refund.id),
    at: refund.updatedAt.toISOString(),
    paymentId: publicId('payment', refund.paymentId),
    amount: wire({ amountMinor: refund.amountMinor, currency: refund.currency }),
    state: refund.state,
    stateLabel: refundStateWords[refund.state],
    reason: refund.reason,
    ...(detail && { detail }),
  }
}

type Situation = { readonly invoice: Invoice; readonly payments: readonly Payment[]; readonly refunds: readonly Refund[]; readonly hasConnection: boolean; readonly hasMethod: boolean; readonly allowsManual: boolean }

/** Each action with the reason it is not possible now (UI-166, UI-39). */
function judgeActions({ invoice, payments, refunds, hasConnection, hasMethod, allowsManual }: Situation): InvoiceView['can'] {
  const running = payments.find((payment) => payment.connectionId && isOpen(payment.state))
  const isPayable = invoice.status === 'open' && invoice.openMinor > 0n
  const notPayable = !isPayable && (invoice.status === 'void' ? 'This invoice is voided.' : 'Nothing is owed on this invoice.')
  const payment = running && (running.state === 'requires_action' ? 'A payment waits for the renter.' : `A payment is already running: ${paymentStateWords[running.state].toLowerCase()}.`)
  const refundable = payments.some((one) => BigInt(paymentView(one, refunds).refundable.amountMinor) > 0n)
  const touched = invoice.allocatedMinor > 0n || invoice.appliedCreditMinor > 0n || invoice.creditedMinor > 0n
  const isFollowed = payments.some((one) => one.connectionId && isWorthFollowing(one)) || refunds.some((one) => one.stripeRefundId && one.state !== 'failed' && one.state !== 'canceled')
  return {
    takePayment: can(notPayable || payment || (!hasConnection && 'Connect Stripe to take payments.') || (!hasMethod && 'No card on file.')),
    recordPayment: can(notPayable || payment || (!allowsManual && 'Manual payments are not allowed for this renter.')),
    refund: can(!refundable && (payments.some(({ state }) => state === 'succeeded') ? 'Nothing is left to refund by card.' : 'Nothing has been paid.')),
    void: can((invoice.status !== 'open' && 'Only an open invoice can be voided.') || (touched && 'This invoice has payments or credits. Refund or credit it first.') || (payment && 'A payment is running.')),
    addCard: can(!hasConnection && 'Connect Stripe first.'),
    checkAgain: can(!isFollowed && 'Nothing is waiting for Stripe.'),
    authenticate: can(running?.state !== 'requires_action' && 'Nothing waits for the renter.'),
    cancelPayment: can(running?.state !== 'requires_action' && 'No payment waits that could be cancelled.'),
  }
}

export function can(reason: string | false | undefined): { allowed: boolean; reason?: string } {
  return reason ? { allowed: false, reason } : { allowed: true }
}
