/** Writes what balance settings may change, as a change of the account, which tells of it under both names. */
import type Stripe from 'stripe'
import { changeAccount } from '../connect/requirements/change.ts'
import type { Space } from '../world/space.ts'
import type { PayoutSettings } from './kinds.ts'
import { describeBalanceSettings } from './settings.ts'
import type { AccountPayouts } from './settings.ts'

/** Returns the settings as they are now. Nothing is told when nothing changed. */
export function changePayoutSettings(
  space: Space,
  change: { readonly account: AccountPayouts; readonly beside: PayoutSettings },
): Stripe.BalanceSettings {
  const { root } = space.world
  changeAccount(space, () => {
    const { settings } = root.get('account', space.accountId).object
    const changed = { ...settings, payouts: change.account } as Stripe.Account.Settings
    root.update('account', space.accountId, { object: { settings: changed } })
    if (root.find('payout_settings', space.accountId) === undefined)
      root.insert('payout_settings', space.accountId, { object: change.beside, hidden: {} })
    else root.update('payout_settings', space.accountId, { object: change.beside })
  })
  return describeBalanceSettings(space)
}
