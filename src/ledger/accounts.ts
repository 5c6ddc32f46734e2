/**
 * The chart of accounts (money.md §1.2). Every book (operator, mode, currency) has the same; an operator cannot add any. `subject`
 * names what a line of that account is about, and is asked for on every line.
 */
export const accounts = {
  receivable: { code: '1100', subject: 'invoice' },
  stripe_clearing: { code: '1200', subject: 'connection' },
  charges_unsettled: { code: '1210', subject: 'payment' },
  manual_receipts: { code: '1310', subject: 'payment' },
  suspense: { code: '1900', subject: 'cause' },
  deposits_charged: { code: '2100', subject: 'deposit' },
  deposits_held: { code: '2110', subject: 'deposit' },
  unapplied_payments: { code: '2200', subject: 'payment' },
  unapplied_credit_notes: { code: '2210', subject: 'credit_note' },
  tax_payable: { code: '2300', subject: 'document' },
  refunds_in_flight: { code: '2400', subject: 'refund' },
  'income.rent': { code: '4100', subject: 'invoice_line' },
  'income.booking': { code: '4110', subject: 'invoice_line' },
  'income.add_on': { code: '4120', subject: 'invoice_line' },
  'income.late_fee': { code: '4130', subject: 'invoice_line' },
  'income.deposit_retained': { code: '4140', subject: 'invoice_line' },
  'income.damage': { code: '4150', subject: 'invoice_line' },
  'income.other': { code: '4160', subject: 'invoice_line' },
  'income.discount': { code: '4170', subject: 'invoice_line' },
  stripe_fees: { code: '5100', subject: 'balance_transaction' },
  application_fees: { code: '5120', subject: 'balance_transaction' },
} as const

export type Account = keyof typeof accounts

export function isAccount(name: string): name is Account {
  return name in accounts
}
