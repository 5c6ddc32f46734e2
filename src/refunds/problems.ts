/** What refunds refuse, in words (ARC-50). */
import { formatMoney, refused, type Money, type Problem } from '#kernel'
import { paymentProblems } from '#payments'

export const refundProblems = {
  request_key_reused: paymentProblems.request_key_reused,
  payment_missing: {
    title: 'We have no such payment',
    cause: 'The payment does not exist in this mode.',
    nextStep: 'Open the invoice and choose one of its payments.',
    status: 404,
  },
  nothing_paid: {
    title: 'Nothing has been paid',
    cause: 'This payment has not brought any money yet.',
    nextStep: 'Wait until it is paid, or cancel it.',
    status: 409,
  },
  not_refundable_here: {
    title: 'This payment was not made by card',
    cause: 'Money received by hand is given back by hand.',
    nextStep: 'Pay it back outside Rentroll.',
    status: 409,
  },
  not_connected: {
    title: 'The Stripe account of this payment is disconnected',
    cause: 'The money can only go back through the account it was paid to, and Rentroll has no key of it any more.',
    nextStep: 'Refund it in the Stripe Dashboard, or pay it back outside Rentroll.',
    status: 409,
  },
  held_by_stripe: {
    title: 'Stripe still holds a refund of this payment',
    cause: 'Stripe holds this refund and sends it when funds settle. A second one would pay twice.',
    nextStep: 'Wait until it has arrived or failed, or add funds in Stripe.',
    status: 409,
  },
  refund_missing: {
    title: 'We have no such refund',
    cause: 'The refund does not exist in this mode.',
    nextStep: 'Open the invoice to see its refunds.',
    status: 404,
  },
  refund_sent: {
    title: 'The refund is on its way',
    cause: 'It was sent to Stripe, and Stripe alone decides about it now.',
    nextStep: 'Open the invoice to see where it stands.',
    status: 409,
  },
  refund_canceled: {
    title: 'The refund was cancelled',
    cause: 'A cancelled refund is never sent.',
    nextStep: 'Process a new refund of the payment.',
    status: 409,
  },
  refund_not_failed: {
    title: 'The refund has not failed',
    cause: 'Only a refund that failed is sent again as a new one. A second one would pay twice.',
    nextStep: 'Wait until it has arrived or failed.',
    status: 409,
  },
  amount_not_positive: {
    title: 'The amount cannot be refunded',
    cause: 'Enter an amount above zero with the decimals of the currency.',
    nextStep: 'Correct the amount.',
    status: 422,
  },
  refund_exceeds_captured: {
    title: 'Refund larger than the payment',
    cause: 'More cannot go back than was paid and is not yet refunded.',
    nextStep: 'Enter a smaller amount.',
    status: 422,
  },
  reason_missing: {
    title: 'The reason is missing',
    cause: 'A refund is explained in the books by its reason.',
    nextStep: 'Enter a reason of up to 500 characters.',
    status: 422,
  },
  writes_frozen: {
    title: 'Payments are paused',
    cause: 'Calls that move money are switched off for this connection. Nothing is lost.',
    nextStep: 'Ask whoever runs this installation to resume them.',
    status: 409,
  },
} as const satisfies Record<string, Problem>

export type RefundRefusal = keyof typeof refundProblems

export function refuse(code: RefundRefusal, field?: string) {
  return refused(code, refundProblems[code], field)
}

/** Says how much is left (UI-59, STR-129). */
export function refuseTooMuch(left: Money) {
  const amount = formatMoney(left)
  const cause =
    left.amountMinor > 0n
      ? `Refund must be ${amount} or less. That is what is left of this payment.`
      : 'All of this payment has been refunded or is being refunded.'
  return refused('refund_exceeds_captured' as const, { ...refundProblems.refund_exceeds_captured, cause }, '/amount')
}
