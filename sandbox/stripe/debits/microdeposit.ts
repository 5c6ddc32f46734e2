/** Small deposits to an American bank account: how they are announced, and what a payer may answer. */
import type Stripe from 'stripe'
import { microdepositDays } from '../facts.ts'
import { afterBusinessDays } from '../money/amounts.ts'
import type { Space } from '../world/space.ts'

/** The answers of Stripe's test mode. */
export const rightAmounts = [32, 45] as const
export const rightCode = 'SM11AA'
export const exhaustingAmounts = [10, 11] as const
export const exhaustingCode = 'SM33CC'

/** Sends the deposits; returns what the intent tells the payer to do. A new confirmation starts anew. */
export function askForDeposits(
  space: Space,
  intent: string,
  mandate: string,
): Stripe.PaymentIntent.NextAction & Stripe.SetupIntent.NextAction {
  const object = { mandate, wrongTries: 0 }
  if (space.find('microdeposit', intent) === undefined) space.insert('microdeposit', intent, { object, hidden: {} })
  else space.update('microdeposit', intent, { object })
  return {
    type: 'verify_with_microdeposits',
    verify_with_microdeposits: {
      arrival_date: afterBusinessDays(space.world.nowMs(), microdepositDays),
      hosted_verification_url: `${space.world.publicUrl}/microdeposits/${intent}`,
      microdeposit_type: 'amounts',
    },
  }
}
