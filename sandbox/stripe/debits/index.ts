/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { tokens } from './tokens.ts'

export const debitModules: readonly ObjectModule[] = [tokens]
