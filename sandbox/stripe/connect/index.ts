/** The operations of this folder; one file per Stripe object. */
import type { ObjectModule } from '../protocol/operation.ts'
import { accounts } from './accounts/accounts.ts'
import { capabilities } from './capabilities.ts'
import { externalAccounts } from './external-accounts.ts'
import { links } from './links.ts'
import { persons } from './people/persons.ts'

export const connectModules: readonly ObjectModule[] = [accounts, capabilities, externalAccounts, links, persons]
