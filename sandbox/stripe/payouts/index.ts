/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { balanceSettings } from './balance-settings.ts'
import { payouts } from './payout.ts'

export const payoutModules: readonly ObjectModule[] = [balanceSettings, payouts]
