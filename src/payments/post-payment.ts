/**
 * The postings of money in (money.md P6, P7, P10). What surprises is the mirror rule (MON-6): Stripe's own balance is written only from
 * its balance transactions. A succeeded payment waits in `charges_unsettled` until Stripe has booked it, in either order.
 */
import { localDateAt } from '#kernel'
import { post, type Line } from '#ledger'
import type { ScopedHandle } from '#platform'
import type { BalanceTransactionSeen } from '#stripe'
import type { Payment } from './payment.ts'

export type PostedBy = { readonly actor: string; readonly timeZone: string }

/** P6: Stripe says the payment succeeded; gross amount, the renter's currency. */
export async function postSucceeded(rows: ScopedHandle, payment: Payment, by: PostedBy): Promise<void> {
  await postReceived(rows, {
    payment,
    by,
    rule: 'P6',
    account: 'charges_unsettled',
    effectiveOn: localDateAt(rows.clock.now(), by.timeZone),
  })
}

/** P10: money received by hand; dated when it was received. */
export async function postManualReceipt(rows: ScopedHandle, payment: Payment, by: PostedBy): Promise<void> {
  await postReceived(rows, { payment, by, rule: 'P10', account: 'manual_receipts', effectiveOn: payment.receivedOn! })
}

async function postReceived(
  rows: ScopedHandle,
  entry: {
    payment: Payment
    by: PostedBy
    rule: string
    account: 'charges_unsettled' | 'manual_receipts'
    effectiveOn: string
  },
): Promise<void> {
  const { payment, account } = entry
  const common = { currency: payment.currency, subjectId: payment.id, renterId: payment.renterId }
  await post(rows, {
    rule: entry.rule,
    cause: { kind: 'payment', id: payment.id, step: 'succeeded' },
    effectiveOn: entry.effectiveOn,
    actor: entry.by.actor,
    lines: [
      { ...common, account, amountMinor: payment.amountMinor, tags: { method: payment.method } },
      { ...common, account: 'unapplied_payments', amountMinor: -payment.amountMinor },
    ],
  })
}

/**
 * P7: Stripe booked the charge. The net reaches the Stripe balance, the fees are ours, and the waiting account is emptied.
 * @returns false when Stripe settled it in another currency, which P32 books together with payouts.
 */
export async function postChargeSettled(
  rows: ScopedHandle,
  about: { payment: Payment; connectionId: string; transaction: BalanceTransactionSeen; by: PostedBy },
): Promise<boolean> {
  const { payment, transaction, by } = about
  if (transaction.currency !== payment.currency) return false
  const common = { currency: transaction.currency, balanceTransactionId: transaction.id, renterId: payment.renterId }
  await post(rows, {
    rule: 'P7',
    cause: { kind: 'balance_transaction', id: transaction.id, step: 'seen' },
    effectiveOn: localDateAt(rows.clock.now(), by.timeZone),
    actor: by.actor,
    lines: [
      {
        ...common,
        account: 'stripe_clearing' as const,
        amountMinor: transaction.netMinor,
        subjectId: about.connectionId,
      },
      ...feeLines(transaction, common),
      {
        ...common,
        account: 'charges_unsettled' as const,
        amountMinor: -transaction.amountMinor,
        subjectId: payment.id,
      },
    ].filter(({ amountMinor }) => amountMinor !== 0n),
  })
  return true
}

/** One line per account; unknown fee types are Stripe's fees (P7). Without details the whole fee is Stripe's. */
export function feeLines(
  transaction: BalanceTransactionSeen,
  common: Omit<Line, 'account' | 'amountMinor' | 'subjectId'>,
): Line[] {
  const application = transaction.feeDetails
    .filter(({ type }) => type === 'application_fee')
    .reduce((sum, fee) => sum + fee.amountMinor, 0n)
  return [
    { ...common, account: 'stripe_fees', amountMinor: transaction.feeMinor - application, subjectId: transaction.id },
    { ...common, account: 'application_fees', amountMinor: application, subjectId: transaction.id },
  ]
}
