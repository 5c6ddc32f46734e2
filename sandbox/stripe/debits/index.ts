/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { debitTimers } from './debit-result.ts'
import { mandates } from './mandates.ts'
import { debitSetupTimers } from './setup-debit.ts'
import { tokens } from './tokens.ts'
import { microdeposits } from './verify-microdeposits.ts'

const results: ObjectModule = { operations: [], timers: { ...debitTimers, ...debitSetupTimers } }

export const debitModules: readonly ObjectModule[] = [mandates, microdeposits, results, tokens]
