/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { applicationFees } from './application-fee.ts'
import { balanceSettings } from './balance-settings.ts'
import { payouts } from './payout.ts'
import { topups } from './topups/topup.ts'

export const payoutModules: readonly ObjectModule[] = [applicationFees, balanceSettings, payouts, topups]
