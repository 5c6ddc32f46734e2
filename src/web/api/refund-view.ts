/** What a screen shows of a refund: its state in words, what it waits for, and what may still be decided about it (UI-173, STR-109). */
import { localDateAt, publicId } from '#kernel'
import { isHeldByStripe, missingMinor, refundStateWords, type Refund } from '#refunds'
import { wire, type InvoiceView } from './invoice-schemas.ts'

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
