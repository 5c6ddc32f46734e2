/**
 * The postings of money going back (money.md P18 to P21s). The source is debited when the refund is promised; Stripe's own balance moves
 * only when Stripe books it (MON-6), so `refunds_in_flight` names what is still on the way.
 */
import { localDateAt } from '#kernel'
import { post, type Line } from '#ledger'
import { feeLines } from '#payments'
import type { ScopedHandle } from '#platform'
import { getLocation } from '#spaces'
import type { BalanceTransactionSeen } from '#stripe'
import type { Refund } from './refund.ts'

const today = async (rows: ScopedHandle) => localDateAt(rows.clock.now(), (await getLocation(rows)).timeZone)

/** P18, or P21s for one made in Stripe's Dashboard: promised to the renter. */
export async function postPromised(rows: ScopedHandle, refund: Refund): Promise<void> {
  await post(rows, {
    rule: refund.source.suspenseMinor > 0n ? 'P21s' : 'P18',
    cause: { kind: 'refund', id: refund.id, step: 'promised' },
    effectiveOn: await today(rows),
    actor: refund.requestedBy,
    memo: refund.reason,
    lines: [
      ...sourceLines(refund),
      {
        account: 'refunds_in_flight',
        currency: refund.currency,
        amountMinor: -refund.amountMinor,
        subjectId: refund.id,
      },
    ],
  })
}

/** P20: it failed or was cancelled; the renter is owed again from where it came. */
export async function postTakenBack(rows: ScopedHandle, refund: Refund): Promise<void> {
  const promised = [
    ...sourceLines(refund),
    {
      account: 'refunds_in_flight',
      currency: refund.currency,
      amountMinor: -refund.amountMinor,
      subjectId: refund.id,
    } as Line,
  ]
  await post(rows, {
    rule: 'P20',
    cause: { kind: 'refund', id: refund.id, step: 'taken back' },
    effectiveOn: await today(rows),
    actor: refund.requestedBy,
    lines: promised.map((line) => ({ ...line, amountMinor: -line.amountMinor })),
  })
}

function sourceLines({ source, paymentId, id, currency }: Refund): Line[] {
  const lines: Line[] = [
    { account: 'unapplied_payments', currency, amountMinor: source.unappliedMinor, subjectId: paymentId },
    {
      account: 'unapplied_credit_notes',
      currency,
      amountMinor: source.creditMinor,
      subjectId: source.creditNoteId ?? '',
    },
    { account: 'deposits_held', currency, amountMinor: source.depositMinor, subjectId: source.depositId ?? '' },
    { account: 'suspense', currency, amountMinor: source.suspenseMinor, subjectId: id },
  ]
  return lines.filter(({ amountMinor }) => amountMinor !== 0n)
}

/** P19 and P20b: Stripe took the money from its balance, or put it back. Another currency is booked with payouts (P32). */
export async function postBalanceTransaction(
  rows: ScopedHandle,
  about: { refund: Refund; connectionId: string; transaction: BalanceTransactionSeen; rule: 'P19' | 'P20b' },
): Promise<boolean> {
  const { refund, transaction } = about
  if (transaction.currency !== refund.currency) return false
  const common = { currency: transaction.currency, balanceTransactionId: transaction.id }
  const lines: Line[] = [
    { ...common, account: 'stripe_clearing', amountMinor: transaction.netMinor, subjectId: about.connectionId },
    ...feeLines(transaction, common),
    { ...common, account: 'refunds_in_flight', amountMinor: -transaction.amountMinor, subjectId: refund.id },
  ]
  await post(rows, {
    rule: about.rule,
    cause: { kind: 'balance_transaction', id: transaction.id, step: 'seen' },
    effectiveOn: await today(rows),
    actor: 'stripe',
    lines: lines.filter(({ amountMinor }) => amountMinor !== 0n),
  })
  return true
}
