/**
 * How an account is paid out. There is one source of truth: the schedule, the delay, the descriptor and the debiting of
 * negative balances are the account's own `settings.payouts`, which balance settings show in other words; only what an
 * account does not show is kept beside it. Settings are the same in test and live, like the account.
 */
import type Stripe from 'stripe'
import { defaultDelayDays } from '../facts.ts'
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
