/** What is under way on a connection, and what leaving it touches, as lists on the wire: words, sums and addresses in the console. */
import { groupKinds, type Group, type Item } from '#draining'
import { publicId } from '#kernel'
import type { ConsolePath } from '#web/paths'
import { z } from '@hono/zod-openapi'
import { moneySchema } from './context.ts'

export const itemAnswer = z.strictObject({
  label: z.string(),
  /** Where it stands, as the operator reads it. */
  state: z.string().optional(),
  amount: moneySchema.optional(),
  /** Its page in the console. */
  href: z.string().optional(),
  /** What it is called in Stripe. */
  stripeId: z.string().optional(),
})
export const groupAnswer = z.strictObject({
  kind: z.enum(groupKinds),
  /** With its count, such as `2 bank debits processing`. */
  title: z.string(),
  count: z.number().int(),
  sums: z.array(moneySchema),
  items: z.array(itemAnswer),
})
/** @returns how a group of so many is called. */
const titles: Readonly<Record<Group['kind'], readonly [one: string, many: string]>> = {
  payments: ['payment under way', 'payments under way'],
  debits: ['bank debit processing', 'bank debits processing'],
  refunds_pending: ['refund on its way', 'refunds on their way'],
  refunds_waiting: ['refund not sent yet', 'refunds not sent yet'],
  setups: ['card being saved', 'cards being saved'],
  payouts: ['payout on its way to your bank', 'payouts on their way to your bank'],
  leases: ['lease paid automatically', 'leases paid automatically'],
  invoices_due: ['invoice due within 30 days', 'invoices due within 30 days'],
  bookings: ['booking waiting for payment', 'bookings waiting for payment'],
  saved_methods: ['saved method', 'saved methods'],
}

export function groupView({ kind, count, sums, items }: Group, path: ConsolePath): z.infer<typeof groupAnswer> {
  const title = `${count} ${titles[kind][count === 1 ? 0 : 1]}`
  return {
    kind,
    title,
    count,
    sums: sums.map((sum) => ({ amountMinor: sum.amountMinor.toString(), currency: sum.currency })),
    items: items.map((item) => itemView(item, path)),
  }
}

export function itemView(item: Item, path: ConsolePath): z.infer<typeof itemAnswer> {
  const { label, state, amountMinor, currency, stripeId } = item
  const href = hrefOf(item, path)
  return {
    label,
    ...(state && { state: stateWords[state] ?? state }),
    ...(amountMinor && currency && { amount: { amountMinor, currency } }),
    ...(href && { href }),
    ...(stripeId && { stripeId }),
  }
}

function hrefOf({ invoiceId, leaseId, renterId, payoutId }: Item, path: ConsolePath): string | undefined {
  if (invoiceId) return path('invoice', { invoiceId: publicId('invoice', invoiceId) })
  if (leaseId) return path('lease', { leaseId: publicId('lease', leaseId) })
  if (payoutId) return path('payout', { payoutId: publicId('payout', payoutId) })
  return renterId && path('renter', { renterId: publicId('renter', renterId) })
}

/** Payments, refunds and setups share these words where their states do. */
const stateWords: Readonly<Record<string, string>> = {
  created: 'Not sent yet',
  requires_action: 'Waits for the renter',
  processing: 'The bank is processing it',
  authorized: 'Authorised, not captured',
  unknown: 'Checking with Stripe',
  succeeded: 'Paid, the fee is being booked',
  failed: 'Waits for another try',
  requested: 'Not sent yet',
  waiting_funds: 'Waiting for funds',
  submitting: 'Sending to Stripe',
  pending: 'Pending at the bank',
}
