/** What is kept of connected accounts: their people, capabilities, bank accounts and links. */
import type Stripe from 'stripe'

export interface ConnectKinds {
  external_account: {
    object: Stripe.BankAccount
    hidden: { /** As typed; the object shows the last four only. */ readonly number: string }
  }
}

/** Fields that lists of these kinds filter by. */
export const connectIndexes = {} as const
