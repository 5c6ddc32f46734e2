/**
 * What a screen shows of a refund: its state in words, what it waits for, and what may still be decided about it (UI-173, STR-109), on its
 * invoice and in the list of all (UI-94).
 */
import { listInvoicesById, type Invoice } from '#billing'
import { localDateAt, publicId } from '#kernel'
import { isAllowed, type Role } from '#operators'
import { listPaymentsById, type Payment } from '#payments'
import type { ScopedHandle } from '#platform'
import {
  isHeldByStripe,
  listRefundsOfPayments,
  listRetried,
  mayStep,
  missingMinor,
  refundStates,
  refundStateWords,
  type Refund,
} from '#refunds'
import { billingName, listRentersById } from '#renters'
import { getLocation } from '#spaces'
import { z } from '@hono/zod-openapi'
import { moneySchema } from './context.ts'
import { can, canSchema, wire, type InvoiceView } from './invoice-schemas.ts'

type RefundView = InvoiceView['refunds'][number]

export const heldByStripe = 'Stripe holds this refund and sends it when funds settle.'

export function refundView(refund: Refund, timeZone: string): RefundView {
  const detail = detailOf(refund)
  return {
    id: publicId('refund', refund.id),
    at: refund.updatedAt.toISOString(),
    paymentId: publicId('payment', refund.paymentId),
    amount: wire(refund),
    state: refund.state,
    stateLabel: refundStateWords[refund.state],
    reason: refund.reason,
    ...(detail !== undefined && { detail }),
    ...(refund.state === 'waiting_funds' && { waiting: waitingView(refund, timeZone) }),
  }
}

function waitingView(refund: Refund, timeZone: string): NonNullable<RefundView['waiting']> {
  const { funds, currency } = refund
  if (!funds) return {}
  const missing = missingMinor(refund)
  const money = (amountMinor: bigint) => wire({ amountMinor, currency })
  return {
    seenAt: funds.seenAt.toISOString(),
    ...(funds.availableMinor !== undefined && { available: money(funds.availableMinor) }),
    ...(missing !== undefined && { missing: money(missing) }),
    ...(funds.aheadMinor > 0n && { ahead: money(funds.aheadMinor) }),
    ...(funds.expectedAt && { expectedOn: localDateAt(funds.expectedAt, timeZone) }),
  }
}

const disputed = 'The bank has already taken this money back while it decides.'
/** Reasons that Stripe gives as words, in ours; the others are told as they are. */
const reasonWords: Readonly<Record<string, string>> = {
  charge_disputed: disputed,
  refund_disputed_payment: disputed,
  balance_insufficient: 'The balance at Stripe did not suffice.',
  permission: 'The key of this connection may not refund.',
  insufficient_funds: 'Stripe held it, and no funds came in time.',
}

function detailOf(refund: Refund): string | undefined {
  if (isHeldByStripe(refund)) return heldByStripe
  if (refund.state === 'waiting_funds') return waitingWords(refund)
  const { failureReason, state } = refund
  if (!failureReason) return undefined
  const reason = reasonWords[failureReason] ?? `Reason: ${failureReason.replaceAll('_', ' ')}.`
  return state === 'failed' ? `${reason} The money is owed again.` : reason
}

function waitingWords({ funds }: Refund): string {
  if (funds?.availableMinor === undefined)
    return 'The balance at Stripe does not suffice. It is sent by itself, once, as soon as it does.'
  return funds.expectedAt
    ? 'It is sent by itself, once, when funds settle. You do not need to retry.'
    : 'Not enough is on its way to this balance. It is sent by itself, once, as soon as the balance suffices; funds can be added in Stripe.'
}

const named = z.strictObject({ id: z.string(), name: z.string() })

export const refundRowSchema = z.strictObject({
  id: z.string(),
  requestedAt: z.string(),
  renter: named,
  amount: moneySchema,
  /** The way the payment came, and goes back. */
  method: z.string(),
  /** Absent for a refund of money that belongs to no invoice. */
  invoice: z.strictObject({ id: z.string(), number: z.string() }).optional(),
  state: z.enum(refundStates),
  stateLabel: z.string(),
  reason: z.string(),
  detail: z.string().optional(),
  expectedOn: z.string().optional(),
  can: z.strictObject({ cancel: canSchema, sendNow: canSchema, wait: canSchema, retry: canSchema }),
})
export type RefundRow = z.infer<typeof refundRowSchema>

/** @param role of whoever looks: what they may not decide is refused with that reason. */
export async function readRefundRows(
  rows: ScopedHandle,
  refunds: readonly Refund[],
  role: Role,
): Promise<readonly RefundRow[]> {
  const payments = await listPaymentsById(rows, idsOf(refunds.map(({ paymentId }) => paymentId)))
  const renters = await listRentersById(rows, idsOf(payments.map(({ renterId }) => renterId)))
  const invoices = await listInvoicesById(rows, idsOf(payments.flatMap(({ invoiceId }) => invoiceId ?? [])))
  const failed = refunds.filter(({ state }) => state === 'failed')
  const siblings = await listRefundsOfPayments(rows, idsOf(failed.map(({ paymentId }) => paymentId)))
  const retried = await listRetried(rows, idsOf(failed.map(({ id }) => id)))
  const { timeZone } = await getLocation(rows)
  return refunds.map((refund) => {
    const payment = payments.find(({ id }) => id === refund.paymentId)!
    const renter = renters.find(({ id }) => id === payment.renterId)!
    const invoice = invoices.find(({ id }) => id === payment.invoiceId)
    const others = siblings.filter(({ paymentId }) => paymentId === payment.id)
    const isRetried = retried.has(refund.id)
    return {
      ...rowOf(refund, { payment, invoice, timeZone }),
      renter: { id: publicId('renter', renter.id), name: billingName(renter) },
      can: judgeRefundActions({ refund, payment, others, isRetried, mayRefund: isAllowed(role, 'refund.create') }),
    }
  })
}

const idsOf = (ids: readonly string[]): readonly string[] => [...new Set(ids)]

type About = { readonly payment: Payment; readonly invoice: Invoice | undefined; readonly timeZone: string }

function rowOf(refund: Refund, { payment, invoice, timeZone }: About): Omit<RefundRow, 'renter' | 'can'> {
  const { detail, waiting, ...view } = refundView(refund, timeZone)
  // A badge holds the first sentence of a state, the rest stands below it.
  const [stateLabel = '', ...rest] = view.stateLabel.split('. ')
  const further = [...rest, ...(detail === undefined ? [] : [detail])].join(' ')
  return {
    id: view.id,
    requestedAt: refund.createdAt.toISOString(),
    amount: view.amount,
    method: payment.methodLabel,
    ...(invoice && { invoice: { id: publicId('invoice', invoice.id), number: invoice.number ?? 'Draft' } }),
    state: refund.state,
    stateLabel,
    reason: refund.reason,
    ...(further !== '' && { detail: further }),
    ...(waiting?.expectedOn !== undefined && { expectedOn: waiting.expectedOn }),
  }
}

const secondOne = 'Stripe still holds this refund. A second one would pay twice.'

type Judged = {
  readonly refund: Refund
  readonly payment: Payment
  /** All refunds of the same payment, for one that failed. */
  readonly others: readonly Refund[]
  readonly isRetried: boolean
  readonly mayRefund: boolean
}

/** What can be done about it now, each with the reason where it cannot (UI-94). The deeds look again under their locks. */
function judgeRefundActions({ refund, payment, others, isRetried, mayRefund }: Judged): RefundRow['can'] {
  const role = !mayRefund && 'Your role may look at refunds and not decide about them.'
  const isUnsent = mayStep(refund.state, 'canceled')
  const left = payment.amountMinor - sum(others.filter(({ state }) => state !== 'failed' && state !== 'canceled'))
  return {
    cancel: can(
      role ||
        (refund.state === 'requires_action' &&
          'Stripe waits for the renter. It can be cancelled in Stripe’s Dashboard.') ||
        (!isUnsent && 'Only before Stripe has it or while it needs the renter’s action.'),
    ),
    sendNow: can(role || ((!isUnsent || refund.whenShort === 'send') && 'Only while it waits here.')),
    wait: can(role || ((!isUnsent || refund.whenShort === 'wait') && 'Only while it is about to be sent.')),
    retry: can(
      role ||
        (isHeldByStripe(refund) && secondOne) ||
        (refund.state !== 'failed' && 'Only a refund that failed is sent again.') ||
        (isRetried && 'It was sent again as a new refund.') ||
        (others.some(isHeldByStripe) && secondOne) ||
        (left < refund.amountMinor && 'The rest of this payment is refunded or being refunded.'),
    ),
  }
}

function sum(refunds: readonly Refund[]): bigint {
  return refunds.reduce((total, { amountMinor }) => total + amountMinor, 0n)
}
