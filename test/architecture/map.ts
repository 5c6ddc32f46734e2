/**
 * The map of the house, as data: which folders there are, in which order they may know each other, how large things may
 * get. Raise `leastSourceFiles` as the code grows; a  that finds too little to look at has gone blind.
 */

/** From the one that knows least to the one that may know all. A module imports modules before it and none after. */
export const order = [
  'kernel',
  'platform',
  'keys',
  'audit',
  'requests',
  'ledger',
  'stripe',
  'xero',
  'operators',
  'connections',
  'endpoints',
  'onboarding',
  'codes',
  'spaces',
  'welcome',
  'renters',
  'leases',
  'bookings',
  'billing',
  'payments',
  'rehearsal',
  'refunds',
  'disputes',
  'payouts',
  'draining',
  'accounting',
  'reactions',
  'notifications',
  'inbox',
  'recovery',
  'installation',
  'diagnosis',
  'webhooks',
  'web',
] as const

export const webParts = ['paths', 'here', 'ui', 'api', 'operator', 'public'] as const

/** Doors for others; `operator` and `public` are entered by the browser, through their main.tsx. */
export const webPartsWithDoor = ['paths', 'here', 'ui', 'api']

export const limits = {
  fileLines: 300,
  folderFiles: 15,
  /** Folders with one file per thing of the other side; see docs/decisions/0026 and 0030. */
  largerFolders: {
    'src/web/api': 44,
    'src/stripe': 20,
    'src/diagnosis': 20,
    'src/operators': 16,
    'src/web/ui': 16,
  } as Readonly<Record<string, number>>,
  importedModules: 8,
  chain: 5,
}

/** These join many modules by their nature. */
export const joiners = ['inbox', 'webhooks', 'web', 'diagnosis']

/** Names that mean "not thought about yet". */
export const refusedFolders = ['services', 'utils', 'helpers', 'common', 'shared', 'lib', 'types']

/** What a run expects to find; the planted house has expectations of its own. */
export type Expectations = {
  readonly leastSourceFiles: number
  /** Rooms of the map that are still to be built. */
  readonly notBegun: readonly string[]
  readonly statePairs: readonly StatePair[]
}

/** A state file and the CHECK constraint that must  the same list. */
export type StatePair = { readonly file: string; readonly list: string; readonly constraint: string }

export const expectations: Expectations = {
  leastSourceFiles: 200,
  notBegun: ['xero', 'disputes', 'accounting'],
  statePairs: [
    { file: 'src/connections/connection-state.ts', list: 'connectionStates', constraint: 'connections_state_known' },
    {
      file: 'src/endpoints/rotation-state.ts',
      list: 'rotationStates',
      constraint: 'endpoint_rotations_state_known',
    },
    { file: 'src/leases/lease-state.ts', list: 'leaseStates', constraint: 'leases_state_known' },
    { file: 'src/billing/invoice-state.ts', list: 'invoiceStates', constraint: 'invoices_status_known' },
    { file: 'src/payments/payment-state.ts', list: 'paymentStates', constraint: 'payments_state_known' },
    { file: 'src/renters/setup-state.ts', list: 'setupStates', constraint: 'setups_state_known' },
    { file: 'src/payments/money-call-state.ts', list: 'moneyCallStates', constraint: 'money_calls_state_known' },
    { file: 'src/refunds/refund-state.ts', list: 'refundStates', constraint: 'refunds_state_known' },
    { file: 'src/payouts/payout-state.ts', list: 'payoutStates', constraint: 'payouts_state_known' },
    { file: 'src/inbox/inbox-state.ts', list: 'inboxStates', constraint: 'inbox_events_state_known' },
  ],
}

/** Libraries and host names that belong to one folder. */
export const packagePlaces: Readonly<Record<string, string>> = {
  stripe: 'src/stripe/',
  pg: 'src/platform/',
  '@electric-sql/pglite': 'src/platform/',
  'pg-boss': 'src/platform/',
  nodemailer: 'src/platform/',
  pino: 'src/platform/',
  'better-auth': 'src/operators/',
}

/**
 * The first word of a deed's file name; such a file exports one function with the file's name. Words that are nouns as
 * well (`sign`, `pay`, `refund`, `post`) cannot be told apart by their name and are left out.
 */
export const deedVerbs: readonly string[] = `
  accept activate allocate apply archive begin cancel close confirm connect create disconnect finalise find
  finish get invite judge list make mark open prepare raise read receive record remove replace replay
  request resend resume reveal revoke rotate save send start stop submit sync update verify void waive
  withdraw write
`
  .trim()
  .split(/\s+/)
