/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'

export const payoutModules: readonly ObjectModule[] = []
