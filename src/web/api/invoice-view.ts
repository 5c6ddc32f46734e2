/**
 * What a screen shows of an invoice: the document, the money on it, what may be done and why not, and its story. It asks the modules
 * and repeats none of their rules (ARC-6): each `can` names the same reasons the deeds refuse with.
 */
import { addDays, localDateAt, plainDecimal, publicId } from '#kernel'
import {
  describeInvoice,
  getInvoice,
  listCreditNotes,
  listInvoiceLines,
  type InvoiceLine,
  type InvoiceDescription,
} from '#billing'
import { findChargingConnection, findConnection, isJoined } from '#connections'
import { findLease } from '#leases'
import {
  findCardMisfit,
  listAttempts,
  listPaymentsOfInvoice,
  isOpen,
  isWorthFollowing,
  paymentProblems,
  paymentStateWords,
  type Payment,
} from '#payments'
import { listFacts, type ScopedHandle } from '#platform'
import { listPaymentFlags, type PaymentFlag } from '#reactions'
import { isHeldByStripe, listRefundsOfPayments, type Refund } from '#refunds'
import { findDefaultMethod, getRenter, methodLabel } from '#renters'
import { getLocation } from '#spaces'
import { judgeDecline } from '#stripe'
import { can, latestAttemptOf, timelineOf, wire, type InvoiceView } from './invoice-schemas.ts'
import { heldByStripe, refundView } from './refund-view.ts'

type Story = Awaited<ReturnType<typeof readStory>>

/** Everything the screen shows, read in one transaction, so that its parts agree. */
async function readStory(rows: ScopedHandle, invoiceId: string) {
  const invoice = await getInvoice(rows, invoiceId)
  const renter = await getRenter(rows, invoice.renterId)
  const payments = await listPaymentsOfInvoice(rows, invoiceId)
  const paymentIds = payments.map(({ id }) => id)
  const { timeZone } = await getLocation(rows)
  const connection = await findChargingConnection(rows)
  const method = connection && (await findDefaultMethod(rows, { renterId: renter.id, connectionId: connection.id }))
  return {
    invoice,
    renter,
    payments,
    method,
    lines: await listInvoiceLines(rows, invoiceId),
    credits: await listCreditNotes(rows, invoiceId),
    refunds: await listRefundsOfPayments(rows, paymentIds),
    closed: await listClosedConnections(rows, payments),
    attempts: await listAttempts(rows, paymentIds),
    flags: await listPaymentFlags(rows, paymentIds),
    facts: await listFacts(rows, { invoice: invoiceId }),
    lease: invoice.leaseId ? await findLease(rows, invoice.leaseId) : undefined,
    hasConnection: connection !== undefined,
    hasMethod: method !== undefined,
    allowsManual: renter.manualPaymentsAllowed,
    timeZone,
    today: localDateAt(rows.clock.now(), timeZone),
    isTest: rows.scope.mode === 'test',
  }
}

/** The connections of these payments that were disconnected: Stripe can neither be asked nor told about what went through them. */
export async function listClosedConnections(
  rows: ScopedHandle,
  payments: readonly Payment[],
): Promise<ReadonlySet<string>> {
  const closed = new Set<string>()
  for (const id of new Set(payments.flatMap(({ connectionId }) => connectionId ?? []))) {
    const connection = await findConnection(rows, id)
    if (connection && !isJoined(connection)) closed.add(id)
  }
  return closed
}

export async function readInvoiceView(rows: ScopedHandle, invoiceId: string): Promise<InvoiceView> {
  const story = await readStory(rows, invoiceId)
  return { ...documentView(story), ...moneyView(story), timeline: timelineOf(story), can: judgeActions(story) }
}

function documentView({ invoice, renter, lease, lines, payments, today, isTest }: Story) {
  const described = describeInvoice(invoice, { today, latestAttempt: latestAttemptOf(payments) })
  return {
    id: publicId('invoice', invoice.id),
    number: invoice.number ?? 'Draft',
    kind: invoice.kind,
    status: invoice.status,
    label: labelView(described),
    facts: [...described.facts],
    isTest,
    version: invoice.version,
    renter: {
      id: publicId('renter', renter.id),
      name: renter.name,
      businessName: renter.businessName,
      email: renter.email,
    },
    ...(lease && {
      lease: { id: publicId('lease', lease.id) },
      space: { id: publicId('space', lease.spaceId), number: lease.spaceNumber },
    }),
    seller: invoice.seller,
    buyer: invoice.buyer,
    lines: lines.map((line) => lineView(line, invoice.currency)),
    issueOn: invoice.issueOn,
    dueOn: invoice.dueOn,
    ...(invoice.chargeOn && { chargeOn: invoice.chargeOn }),
  }
}

function lineView(line: InvoiceLine, currency: string): InvoiceView['lines'][number] {
  const money = (amountMinor: bigint) => wire({ amountMinor, currency })
  return {
    kind: line.kind,
    description: line.description,
    quantity: line.quantity,
    unit: money(line.unitMinor),
    net: money(line.netMinor),
    tax: money(line.taxMinor),
    total: money(line.totalMinor),
    taxName: line.taxName,
    taxPercent: plainDecimal(line.taxPercent),
    ...(line.serviceStart && { serviceStart: line.serviceStart }),
    // The last day as people say it; inside, periods end before a day.
    ...(line.serviceEnd && { serviceEnd: addDays(line.serviceEnd, -1) }),
  }
}

function moneyView({ invoice, payments, refunds, credits, flags, method, allowsManual, timeZone }: Story) {
  const money = (amountMinor: bigint) => wire({ amountMinor, currency: invoice.currency })
  const withoutMethod = allowsManual ? 'Paid by hand' : 'No card on file'
  const misfit = invoice.status === 'open' && invoice.openMinor > 0n ? misfitOf(invoice) : undefined
  return {
    subtotal: money(invoice.subtotalMinor),
    tax: money(invoice.taxMinor),
    total: money(invoice.totalMinor),
    credited: money(invoice.creditedMinor),
    paid: money(invoice.allocatedMinor),
    balance: money(invoice.openMinor),
    payments: payments.map((payment) => paymentView(payment, refunds, flags)),
    refunds: refunds.map((refund) => refundView(refund, timeZone)),
    credits: credits.map(({ id, number, totalMinor, reason }) => ({
      id: publicId('creditNote', id),
      number,
      total: money(totalMinor),
      reason,
    })),
    collection: {
      ...(method && { method: { id: publicId('method', method.id), label: methodLabel(method) } }),
      text: method ? [`Card on file: ${methodLabel(method)}`, ...(misfit ? [misfit] : [])].join('. ') : withoutMethod,
    },
  }
}

/** The one label of an invoice with its tone and what stands beside it (UI-56, UI-57). */
export function labelView({ label, tone, detail }: InvoiceDescription): InvoiceView['label'] {
  return { text: label, tone, ...(detail !== undefined && { detail }) }
}

function paymentView(
  payment: Payment,
  refunds: readonly Refund[],
  flags: readonly PaymentFlag[],
): InvoiceView['payments'][number] {
  const gone = refunds.filter(
    (refund) => refund.paymentId === payment.id && refund.state !== 'failed' && refund.state !== 'canceled',
  )
  const left =
    payment.state === 'succeeded' && payment.connectionId && !gone.some(isHeldByStripe)
      ? payment.amountMinor - gone.reduce((sum, refund) => sum + refund.amountMinor, 0n)
      : 0n
  const reason = payment.failureCode
    ? judgeDecline({ code: payment.failureCode, declineCode: payment.declineCode, adviceCode: payment.adviceCode })
        .staffSentence
    : undefined
  const flag = flags.find(({ paymentId, isOpen: isOpenFlag }) => paymentId === payment.id && isOpenFlag)
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
    ...(payment.receiptUrl && { receiptUrl: payment.receiptUrl }),
    ...(flag && left > 0n && { warning: warningOf(flag) }),
    stripeIds: [payment.stripePaymentIntentId, payment.stripeChargeId, payment.balanceTransactionId].filter(
      (id) => id !== undefined,
    ),
  }
}

/** Nothing is given back by itself: whether the payer was the renter is known to the operator alone. */
function warningOf({ detail }: PaymentFlag): string {
  return `The card network says that this payment was probably fraud (${detail}). If you do not know the payer, refund it before it is disputed.`
}

/** Each action with the reason it is not possible now (UI-166, UI-39). */
function judgeActions(story: Story): InvoiceView['can'] {
  const { invoice, payments, hasConnection, hasMethod, allowsManual } = story
  const running = payments.find((payment) => payment.connectionId && isOpen(payment.state))
  const isPayable = invoice.status === 'open' && invoice.openMinor > 0n
  const notPayable =
    !isPayable && (invoice.status === 'void' ? 'This invoice is voided.' : 'Nothing is owed on this invoice.')
  const payment =
    running &&
    (running.state === 'requires_action'
      ? 'A payment waits for the renter.'
      : `A payment is already running: ${paymentStateWords[running.state]}.`)
  const touched = invoice.allocatedMinor > 0n || invoice.appliedCreditMinor > 0n || invoice.creditedMinor > 0n
  return {
    takePayment: can(
      notPayable ||
        payment ||
        (!hasConnection && 'Connect Stripe to take payments.') ||
        (!hasMethod && 'No card on file.') ||
        misfitOf(invoice),
    ),
    recordPayment: can(notPayable || payment || (!allowsManual && 'Manual payments are not allowed for this renter.')),
    refund: can(judgeRefund(story)),
    void: can(
      (invoice.status !== 'open' && 'Only an open invoice can be voided.') ||
        (touched && 'This invoice has payments or credits. Refund or credit it first.') ||
        (payment && 'A payment is running.'),
    ),
    addCard: can(!hasConnection && 'Connect Stripe first.'),
    checkAgain: can(!isFollowed(story) && 'Nothing is waiting for Stripe.'),
    authenticate: can(running?.state !== 'requires_action' && 'Nothing waits for the renter.'),
    cancelPayment: can(running?.state !== 'requires_action' && 'No payment waits that could be cancelled.'),
  }
}

/** Said beside the card and on the button, because a charge that cannot be made makes no payment that could say it. */
function misfitOf(invoice: Story['invoice']): string | undefined {
  const misfit = findCardMisfit(invoice)
  return misfit && `${paymentProblems[misfit].title}. ${paymentProblems[misfit].nextStep}`
}

function judgeRefund({ payments, refunds, closed }: Story): string | undefined {
  if (!payments.some(({ state }) => state === 'succeeded')) return 'Nothing has been paid.'
  const left = payments.filter((payment) => BigInt(paymentView(payment, refunds, []).refundable.amountMinor) > 0n)
  if (left.length === 0) return refunds.some(isHeldByStripe) ? heldByStripe : 'Nothing is left to refund by card.'
  const isOut = left.every(({ connectionId }) => connectionId && closed.has(connectionId))
  return isOut ? 'The Stripe account of this payment is disconnected.' : undefined
}

function isFollowed({ payments, refunds, closed }: Story): boolean {
  const open = payments.filter(({ connectionId }) => connectionId && !closed.has(connectionId))
  const isOfOpen = ({ paymentId }: Refund) => open.some(({ id }) => id === paymentId)
  return (
    open.some(isWorthFollowing) ||
    refunds.some((one) => isOfOpen(one) && one.stripeRefundId && one.state !== 'failed' && one.state !== 'canceled')
  )
}
