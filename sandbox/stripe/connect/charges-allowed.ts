/** Whether an account may take money: asked by everything that charges. */
import { refuse } from '../errors.ts'
import type { Space } from '../world/space.ts'
import { chargesOffCode } from './facts.ts'
import { accountOf } from './requirements/provided.ts'

/** Throws StripeRefusal 400 for an account whose `charges_enabled` is false, when an intent is confirmed, not before [U]. */
export function checkChargesAllowed(space: Space): void {
  if (accountOf(space).object.charges_enabled) return
  const kind = space.isLive ? 'live charges' : 'charges'
  const message = `Your account cannot currently make ${kind}. Retrieve the account ${space.accountId} to find out what it still needs: \`requirements.disabled_reason\` says why charges are off.`
  throw refuse(message, { code: chargesOffCode[space.mode] })
}
