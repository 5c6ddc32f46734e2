/** What payments refuse, in words (ARC-50). */
import { refused, type Problem } from '#kernel'

export const paymentProblems = {
  request_key_reused: {
    title: 'This was sent before with other values',
    cause: 'Its first sending was accepted as it was. Nothing was done a second time.',
    nextStep: 'Reload the page, look at what is there now, and send again what is still missing.',
    status: 409,
  },
  invoice_not_open: {
    title: 'This invoice takes no payment',
    cause: 'Only an issued invoice with a balance can be paid.',
    nextStep: 'Open the invoice and look at its status.',
    status: 409,
  },
  payment_running: {
    title: 'A payment is already on its way',
    cause: 'Another payment of this invoice is running. A second one could charge twice.',
    nextStep: 'Wait for the first to finish, or cancel it on the invoice.',
    status: 409,
  },
  no_connection: {
    title: 'Card payments are not connected',
    cause: 'No Stripe account takes payments in this mode.',
    nextStep: 'Connect Stripe in Administration, Integrations.',
    status: 409,
  },
  writes_frozen: {
    title: 'Payments are paused',
    cause: 'Calls that move money are switched off for this connection. Nothing is lost; they go out when you resume.',
    nextStep: 'Ask whoever runs this installation to resume them.',
    status: 409,
  },
  no_method: {
    title: 'No card on file',
    cause: 'The renter has no usable saved method on the connected Stripe account.',
    nextStep: 'Add a card for the renter, or record a payment by hand.',
    status: 409,
  },
  amount_too_small: {
    title: 'The amount is too small for a card',
    cause: 'Stripe does not accept so small an amount in this currency.',
    nextStep: 'Record the payment by hand.',
    status: 422,
  },
  amount_too_large: {
    title: 'The amount is too large for one card payment',
    cause: 'Stripe takes at most 99,999,999 minor units in one payment.',
    nextStep: 'Take it in several payments, or record a bank transfer.',
    status: 422,
  },
  manual_not_allowed: {
    title: 'Manual payments are not allowed for this renter',
    cause: 'Allow cash and cheque for this renter first.',
    nextStep: 'Open the renter and allow manual payments.',
    status: 409,
  },
  amount_not_positive: {
    title: 'The amount cannot be recorded',
    cause: 'Enter an amount above zero with the decimals of the currency.',
    nextStep: 'Correct the amount.',
    status: 422,
  },
  received_in_future: {
    title: 'The date is in the future',
    cause: 'A payment can be recorded once it was received, so the date must be today or earlier.',
    nextStep: 'Correct the received date.',
    status: 422,
  },
  nothing_to_authenticate: {
    title: 'Nothing waits for the renter',
    cause: 'This payment does not ask the renter to act.',
    nextStep: 'Open the invoice to see where it stands.',
    status: 409,
  },
  cannot_cancel: {
    title: 'This payment cannot be cancelled now',
    cause: 'It is with the bank or already finished.',
    nextStep: 'Press Check again to see where it stands.',
    status: 409,
  },
  stripe_away: {
    title: 'Stripe did not answer',
    cause: 'The request may or may not have reached Stripe. Nothing is charged twice.',
    nextStep: 'Wait a moment; Rentroll asks Stripe again by itself.',
    status: 503,
  },
} as const satisfies Record<string, Problem>

export type PaymentRefusal = keyof typeof paymentProblems

export function refuse(code: PaymentRefusal, field?: string) {
  return refused(code, paymentProblems[code], field)
}
