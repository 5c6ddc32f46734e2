/**
 * How an account is paid out. There is one source of truth: the schedule, the delay, the descriptor and the debiting of
 * negative balances are the account's own `settings.payouts`, which balance settings show in other words; only what an
 * account does not show is kept beside it. Settings are the same in test and live, like the account.
 */
import type Stripe from 'stripe'
import { defaultDelayDays } from '../facts.ts'
import { emit } from '../objects/event.ts'
import type { Space } from '../world/space.ts'
import type { PayoutSettings } from './kinds.ts'

export type AccountPayouts = Stripe.Account.Settings.Payouts

const defaults: AccountPayouts = {
  debit_negative_balances: true,
  schedule: { delay_days: defaultDelayDays, interval: 'daily' },
  statement_descriptor: null,
}

/** The account's `settings.payouts`, or Stripe's defaults for an account that has none yet. */
export function readAccountPayouts(space: Space): AccountPayouts {
  return space.world.root.get('account', space.accountId).object.settings?.payouts ?? defaults
}

export function readPayoutSettings(space: Space): PayoutSettings {
  const row = space.world.root.find('payout_settings', space.accountId)
  return row?.object ?? { minimumBalances: {}, hasDelayOverride: false }
}

/** The balance settings as Stripe shows them. */
export function describeBalanceSettings(space: Space): Stripe.BalanceSettings {
  const account = space.world.root.get('account', space.accountId).object
  const payouts = readAccountPayouts(space)
  const { minimumBalances, hasDelayOverride } = readPayoutSettings(space)
  const { interval, delay_days: delay, monthly_payout_days: monthly, weekly_payout_days: weekly } = payouts.schedule
  const isOverridden = hasDelayOverride || delay !== defaultDelayDays
  return {
    object: 'balance_settings',
    payments: {
      debit_negative_balances: payouts.debit_negative_balances,
      payouts: {
        automatic_transfer_rules_by_currency: null,
        minimum_balance_by_currency: Object.keys(minimumBalances).length === 0 ? null : { ...minimumBalances },
        schedule: {
          interval,
          ...(monthly !== undefined && { monthly_payout_days: monthly }),
          ...(weekly !== undefined && { weekly_payout_days: weekly }),
        },
        statement_descriptor: payouts.statement_descriptor,
        status: account.payouts_enabled ? 'enabled' : 'disabled',
      },
      settlement_timing: {
        delay_days: delay,
        ...(isOverridden && { delay_days_override: delay }),
        start_of_day: null,
      },
    },
  }
}

/** Writes both parts and tells of what changed: nothing is told when nothing did. */
export function changePayoutSettings(
  space: Space,
  change: { readonly account: AccountPayouts; readonly beside: PayoutSettings },
): Stripe.BalanceSettings {
  const { root } = space.world
  const before = describeBalanceSettings(space)
  const account = root.get('account', space.accountId).object
  const settings = { ...account.settings, payouts: change.account } as Stripe.Account.Settings
  const changed = root.update('account', space.accountId, { object: { settings } }).object
  if (root.find('payout_settings', space.accountId) === undefined)
    root.insert('payout_settings', space.accountId, { object: change.beside, hidden: {} })
  else root.update('payout_settings', space.accountId, { object: change.beside })
  const after = describeBalanceSettings(space)
  if (JSON.stringify(account.settings) !== JSON.stringify(changed.settings))
    emit(space, { type: 'account.updated', object: changed, before: account })
  if (JSON.stringify(before) !== JSON.stringify(after))
    emit(space, { type: 'balance_settings.updated', object: after, before })
  return after
}
