/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { disputes } from './disputes.ts'
import { earlyFraudWarnings } from './early-fraud-warnings.ts'
import { files } from './files.ts'

export const disputeModules: readonly ObjectModule[] = [disputes, earlyFraudWarnings, files]
