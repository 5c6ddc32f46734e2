/** The operations of /v2; what they are about lives with v1. */
import type { ObjectModule } from '../protocol/operation.ts'
import { v2AccountLinks } from './account-links.ts'
import { v2Accounts } from './accounts.ts'
import { v2EventDestinations } from './event-destinations.ts'

export const v2Modules: readonly ObjectModule[] = [v2AccountLinks, v2Accounts, v2EventDestinations]
