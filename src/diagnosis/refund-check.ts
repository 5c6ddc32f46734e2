/**
 * D8 (STR-109): a refund larger than what the balance has. What is told is what the refund itself knows from its last look; of several the
 * oldest is told in full, because it goes first. Whether it waits here or at Stripe is one cause: it changes hands by itself.
 */
import { formatMoney, publicId } from '#kernel'
import { findPayment } from '#payments'
import type { ScopedHandle } from '#platform'
import { isHeldByStripe, listRefundsShortOfFunds, missingMinor, type Refund } from '#refunds'
import { at, counted, found, ok, type Evidence, type Finding, type Remedy } from './finding.ts'

/** How many wait, and the oldest of them. */
export type ShortRefunds = { readonly count: number; readonly refund: Refund; readonly invoiceId: string | undefined }

const addFunds = { label: 'Add funds in Stripe', link: { to: 'stripe_balance' } } as const

export async function findShortRefunds(rows: ScopedHandle): Promise<ShortRefunds | undefined> {
  const [refund, ...others] = await listRefundsShortOfFunds(rows)
  if (!refund) return undefined
  const invoiceId = (await findPayment(rows, refund.paymentId))?.invoiceId
  return { count: 1 + others.length, refund, invoiceId: invoiceId && publicId('invoice', invoiceId) }
}

export function judgeRefunds(oldest: ShortRefunds | undefined): Finding {
  if (!oldest) return ok('No refund waits for funds.')
  const amount = formatMoney(oldest.refund)
  const others = oldest.count > 1 ? ` ${counted(oldest.count - 1, 'more waits', 'more wait')} behind it.` : ''
  const evidence = evidenceOf(oldest)
  if (isHeldByStripe(oldest.refund)) {
    const text = `The balance does not suffice for a refund of ${amount}. Stripe holds this refund and sends it when funds settle. It is never sent a second time.`
    return found('short_of_funds', `${text}${others}`, { evidence, remedies: [...seeInvoice(oldest), addFunds] })
  }
  const text = `The balance does not suffice for a refund of ${amount}. ${whenOf(oldest.refund)}`
  const refundId = publicId('refund', oldest.refund.id)
  const remedies: readonly Remedy[] = [
    { label: 'Send automatically when funds arrive', deed: 'refund_wait', refundId },
    { label: 'Send to Stripe now', deed: 'refund_send', refundId },
    { label: 'Cancel', deed: 'refund_cancel', refundId },
    addFunds,
  ]
  return found('short_of_funds', `${text}${others}`, { evidence, remedies })
}

function whenOf({ funds }: Refund): string {
  return funds?.expectedAt
    ? 'It is sent by itself, once, when funds settle.'
    : 'Not enough is on its way. It is sent by itself, once, as soon as the balance suffices.'
}

function evidenceOf({ refund, invoiceId, count }: ShortRefunds): readonly Evidence[] {
  const { funds, currency } = refund
  const money = (label: string, amountMinor: bigint | undefined): readonly Evidence[] =>
    amountMinor === undefined ? [] : [{ label, value: formatMoney({ amountMinor, currency }) }]
  const link = invoiceId === undefined ? {} : ({ link: { to: 'invoice', id: invoiceId } } as const)
  return [
    // Not its reason: what is written here goes into reports, and a reason may hold a name.
    { label: 'Refund', value: formatMoney(refund), ...link },
    ...money('Available', funds?.availableMinor),
    ...money('Missing', missingMinor(refund)),
    ...at('Expected', funds?.expectedAt),
    ...at('Balance looked at', funds?.seenAt),
    ...(count > 1 ? [{ label: 'Refunds that wait', value: String(count) }] : []),
  ]
}

function seeInvoice({ invoiceId }: ShortRefunds): readonly Remedy[] {
  return invoiceId === undefined ? [] : [{ label: 'Open the invoice', link: { to: 'invoice', id: invoiceId } }]
}
