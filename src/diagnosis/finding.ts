/**
 * The noun: what one check says. Ok, found with its cause and remedies, or cannot tell with the reason; never a fourth thing, and never a
 * green light for what was not looked at. The titles are literal (STR-105 to STR-112, UI-160); the order of the catalog is that of the
 * screen. A new check is an entry here, a file with its judge, and a line in checks.ts.
 */
/** Where a link leads; the screens know the addresses. `stripe_*` are exact places in Stripe's Dashboard. */
export const linkTargets = [
  'integrations',
  'endpoints',
  'inbox',
  'road',
  'books',
  'invoice',
  'stripe_keys',
  'stripe_account',
  'stripe_webhooks',
  'stripe_balance',
  'stripe_support',
  'payments',
  'installation',
  'stripe_banks',
  'payout',
] as const
export type Link = { readonly to: (typeof linkTargets)[number]; readonly id?: string }

export const deeds = [
  'repair_webhook',
  'check_payments',
  'test_again',
  'mail_link',
  'mail_again',
  'check_payouts',
  'retry_payout',
  'refund_wait',
  'refund_send',
  'refund_cancel',
] as const
/** Ways that leave for Stripe by a redirect: their address is made at the press (STR-31). */
export const doors = ['onboarding'] as const
/** A deed of ours, some about one refund, an exact place, or a door. */
export type Remedy = { readonly label: string } & (
  | { readonly deed: (typeof deeds)[number]; readonly refundId?: string }
  | { readonly link: Link }
  | { readonly door: (typeof doors)[number] }
)

export type Evidence = { readonly label: string; readonly value: string; readonly link?: Link }

export type Finding = {
  readonly state: 'ok' | 'found' | 'cannot_tell'
  /** A stable word for the cause; empty unless found. One trouble per word is opened and told. */
  readonly cause: string
  /** The cause, or why all is well, or why nobody can tell. */
  readonly text: string
  readonly evidence: readonly Evidence[]
  readonly remedies: readonly Remedy[]
}

type About = { readonly title: string; readonly symptom: string }

export const catalog = {
  unable_to_verify: {
    title: 'Unable to verify credentials',
    symptom: 'Keys cannot be saved, or payments wait because Stripe refuses the key.',
  },
  payments_pending: {
    title: 'Payments stuck in "Pending"',
    symptom: 'Payments turn Paid minutes after the card was charged, or stay Pending.',
  },
  connection_failed: {
    title: 'Connection test failed',
    symptom: 'Test Connection does not pass, and charges wait or are declined.',
  },
  onboarding_stuck: {
    title: "Connect account stuck in 'pending'",
    symptom: 'Stripe Connect was begun and takes no payments.',
  },
  connect_secret: {
    title: 'Webhook secret missing on a connected account event',
    symptom: 'Payments of connected accounts turn Paid minutes late, by polling.',
  },
  payout_failed: {
    title: 'Scheduled payout failed',
    symptom: 'Money you expected at your bank did not arrive, or was sent back.',
  },
  onboarding_directors: {
    title: 'Connect onboarding blocked on director details',
    symptom: 'Stripe asks for details of directors or owners and switches payments or payouts off without them.',
  },
  refund_funds: {
    title: 'Refund larger than available balance',
    symptom: 'A refund shows "Waiting for funds", or "Pending at the bank" for days.',
  },
  account_standing: {
    title: 'Connected account at Stripe',
    symptom: 'Charges wait or are declined, or no money is paid out.',
  },
  moved_unseen: {
    title: 'Moved at Stripe but not here',
    symptom: 'Stripe shows a payment as finished and Rentroll does not.',
  },
  unknown_outcomes: {
    title: 'Outcomes unknown for more than 15 minutes',
    symptom: 'A payment or refund shows "Checking with Stripe".',
  },
  inbox: { title: 'Events waiting or given up', symptom: 'What Stripe reported has not reached its invoice.' },
  endpoint_disabled: { title: 'Webhook endpoint', symptom: 'Stripe delivers nothing any more.' },
  required_events: { title: 'Required events', symptom: 'Some changes at Stripe arrive by polling only.' },
  books: { title: 'Ledger sums to zero', symptom: 'Figures of the books do not agree with each other.' },
  job_queue: { title: 'Job queue age', symptom: 'Charges, mails and checks come late.' },
  mails: { title: 'Mail failures', symptom: 'Renters or owners did not get a mail.' },
  server_clock: { title: 'Server clock', symptom: 'Genuine deliveries are refused as too old.' },
} as const satisfies Record<string, About>

export type CheckCode = keyof typeof catalog
export const checkCodes = Object.keys(catalog) as readonly CheckCode[]

type Details = Partial<Pick<Finding, 'evidence' | 'remedies'>>

export function ok(text: string, { evidence = [] }: Pick<Details, 'evidence'> = {}): Finding {
  return { state: 'ok', cause: '', text, evidence, remedies: [] }
}

export function cannotTell(text: string, { evidence = [], remedies = [] }: Details = {}): Finding {
  return { state: 'cannot_tell', cause: '', text, evidence, remedies }
}

export function found(cause: string, text: string, { evidence = [], remedies = [] }: Details = {}): Finding {
  return { state: 'found', cause, text, evidence, remedies }
}

/** `1 payment`, `3 payments`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** A line of evidence about an instant; none when there is none. The screen writes it in the reader's time zone. */
export function at(label: string, instant: Date | string | null | undefined): readonly Evidence[] {
  if (!instant) return []
  return [{ label, value: typeof instant === 'string' ? instant : instant.toISOString() }]
}
