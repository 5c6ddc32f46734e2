/**
 * Whether paid bookings are open (H11, STR-34): exactly while the connection that takes new money may take it. What surprises: it is
 * stored nowhere and set by nobody; it is read from that connection each time, so a page cannot stay open after Stripe has closed the
 * account. A connection made with Connect is open by its derived status, one with own keys while it works and Stripe lets it charge.
 */
import { findOwnKeysConnection, inactiveAccountSentence, isHeld, type Connection } from '#connections'
import { listChargingChoices, readAccountView } from '#onboarding'
import type { ScopedHandle } from '#platform'

/** `why` is for the operator's eyes: it may name what Stripe said of the account. */
export type Opening = { readonly isOpen: true } | { readonly isOpen: false; readonly why: string }

export async function readOpening(rows: ScopedHandle): Promise<Opening> {
  const charging = (await listChargingChoices(rows)).find(({ connection }) => connection.isCharging)
  if (!charging) return { isOpen: false, why: await whyNothingCharges(rows) }
  const { connection, mayCharge } = charging
  const mayTake = mayCharge && !isHeld(connection) && (connection.kind === 'connect' || connection.chargesEnabled)
  if (mayTake) return { isOpen: true }
  if (connection.writesFrozenReason)
    return { isOpen: false, why: `Payments are paused: ${connection.writesFrozenReason}.` }
  if (connection.kind === 'own_keys') return { isOpen: false, why: whyKeysDoNot(connection) }
  return { isOpen: false, why: (await readAccountView(rows)).badge.sentence }
}

function whyKeysDoNot({ state, disabledReason }: Connection): string {
  if (state === 'broken') return 'Stripe no longer accepts your key. Replace it under Integrations.'
  if (state === 'connected') return inactiveAccountSentence(disabledReason)
  return 'Your keys are not connected. Connect them under Integrations.'
}

/** Nothing was ever connected, the account is not ready yet, or everything was disconnected. */
async function whyNothingCharges(rows: ScopedHandle): Promise<string> {
  const { stripeStatusDetail, badge } = await readAccountView(rows)
  if (stripeStatusDetail === 'disconnected' && (await findOwnKeysConnection(rows)))
    return 'No connection takes new payments. Choose one under Settings, Payments.'
  if (stripeStatusDetail !== 'not_connected') return badge.sentence
  return 'No Stripe account is connected. Connect Stripe, or add your own keys under Integrations.'
}
