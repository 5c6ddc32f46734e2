/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Outcome, type Problem } from '#kernel'

const problems = {
  void_not_open: {
    title: 'Only an open invoice can be voided',
    cause: 'This invoice is not open any more.',
    nextStep: 'Issue a credit note for an invoice that was paid.',
    status: 409,
  },
  void_has_payments: {
    title: 'This invoice has payments',
    cause: 'Money or credit is on it. Void is only for invoices without payments.',
    nextStep: 'Refund the payment, or use a credit note.',
    status: 409,
  },
  void_payment_running: {
    title: 'A payment is running',
    cause: 'A payment of this invoice is on its way, and it may still succeed.',
    nextStep: 'Wait until it is final, or cancel it, then void the invoice.',
    status: 409,
  },
  void_reason_missing: {
    title: 'Reason missing',
    cause: 'The reason is kept with the voided invoice.',
    nextStep: 'Enter a reason of up to 500 characters.',
    status: 422,
  },
  credit_reason_missing: {
    title: 'Reason missing',
    cause: 'The reason is printed on the credit note.',
    nextStep: 'Enter a reason of up to 500 characters.',
    status: 422,
  },
  credit_not_issued: {
    title: 'Nothing to credit',
    cause: 'Only an invoice that was issued and not voided can be credited.',
    nextStep: 'Open another invoice.',
    status: 409,
  },
  credit_not_positive: {
    title: 'Enter an amount',
    cause: 'A credit is more than 0.00 and ends on a step of the currency.',
    nextStep: 'Enter an amount such as 20.00.',
    status: 422,
  },
  credit_exceeds_invoice: (left: string) => ({
    title: 'Credit larger than the invoice',
    cause: `Credit must be ${left} or less. That is what is left to credit on this invoice; a deposit is returned, not credited.`,
    nextStep: 'Enter a smaller amount.',
    status: 409,
  }),
  deposit_used: {
    title: 'This deposit has been used',
    cause: 'The payment paid a deposit that was refunded or applied since.',
    nextStep: 'Reverse its use first.',
    status: 409,
  },
  allocation_reversed: {
    title: 'Already taken back',
    cause: 'This allocation was reversed before.',
    nextStep: 'Load the invoice again.',
    status: 409,
  },
} as const satisfies Record<string, Problem | ((left: string) => Problem)>

export type BillingProblem = keyof typeof problems

/** @param left what is still possible, written as money, where the sentence names it. */
export function refuse<Code extends BillingProblem>(
  code: Code,
  where: { readonly field?: string; readonly left?: string } = {},
): Outcome<never, Code> {
  const problem: Problem | ((left: string) => Problem) = problems[code]
  return refused(code, typeof problem === 'function' ? problem(where.left ?? '') : problem, where.field)
}
