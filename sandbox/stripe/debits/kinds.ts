/** What is kept of bank debits, and of the tokens that stand for a card or a bank account. */
import type Stripe from 'stripe'

/** Small deposits on their way to a bank account, until the payer told their amounts. Named by the intent's id. */
interface Microdeposit {
  readonly mandate: string
  readonly wrongTries: number
}

export interface DebitKinds {
  mandate: { object: Stripe.Mandate; hidden: Readonly<Record<string, never>> }
  microdeposit: { object: Microdeposit; hidden: Readonly<Record<string, never>> }
  token: {
    object: Stripe.Token
    hidden: {
      /** Name of the row in the table of test cards; null for a bank account. */
      readonly card: string | null
      /** Number of the bank account; null for a card. */
      readonly accountNumber: string | null
    }
  }
}

/** Fields that lists of these kinds filter by. */
export const debitIndexes = { mandate: ['payment_method'] } as const
