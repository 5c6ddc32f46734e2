/** What is kept of bank debits, and of the tokens that stand for a card or a bank account. */
import type Stripe from 'stripe'

export interface DebitKinds {
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
export const debitIndexes = {} as const
