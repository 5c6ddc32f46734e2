/**
 * Where a connected account stands (STR-34): one pure function of the account as last fetched, first matching row wins. Whatever is
 * unknown or absent fails closed. What surprises: an account that may not charge although nothing is due is under review only when Stripe
 * gives no reason, or one that means a review; with any other reason it is restricted, because waiting would not help.
 */
import { disabledReasonInWords } from '#connections'
import type { ConnectedAccountSeen } from '#stripe'

export const statusDetails = [
  'not_connected',
  'disconnected',
  'rejected',
  'pending',
  'under_review',
  'restricted',
  'active_payouts_blocked',
  'active_action_required',
  'active',
] as const
export type StatusDetail = (typeof statusDetails)[number]

export const stripeStatuses = [
  'not_connected',
  'disconnected',
  'rejected',
  'pending',
  'under_review',
  'restricted',
  'active',
] as const
export type StripeStatus = (typeof stripeStatuses)[number]

const reviewReasons: ReadonlySet<string> = new Set(['under_review', 'requirements.pending_verification'])
const knownReasons: ReadonlySet<string> = new Set([
  ...reviewReasons,
  'action_required.requested_capabilities',
  'requirements.past_due',
  'platform_paused',
  'other',
])

/**
 * @param seen undefined while there is no account.
 * @param known.wasActive whether it ever took payments: then its form was finished once, even where Stripe does not say so (v2).
 */
export function deriveStripeStatus(
  seen: ConnectedAccountSeen | undefined,
  { isDisconnected, wasActive = false }: { readonly isDisconnected: boolean; readonly wasActive?: boolean },
): StatusDetail {
  if (!seen) return 'not_connected'
  if (isDisconnected) return 'disconnected'
  const { disabledReason: reason, detailsSubmitted, chargesEnabled, payoutsEnabled, requirements } = seen
  if (reason !== undefined && (reason.startsWith('rejected.') || reason === 'listed')) return 'rejected'
  if (detailsSubmitted === false && !wasActive) return 'pending'
  if (detailsSubmitted === undefined || chargesEnabled === undefined || payoutsEnabled === undefined || !requirements)
    return 'restricted'
  const isDue = requirements.currentlyDue.length > 0 || requirements.pastDue.length > 0
  if (!chargesEnabled) {
    const isReviewed = reason === undefined ? !isDue : reviewReasons.has(reason)
    return isReviewed || (reason === undefined && requirements.pendingVerification.length > 0)
      ? 'under_review'
      : 'restricted'
  }
  if (reason !== undefined && !knownReasons.has(reason)) return 'restricted'
  if (!payoutsEnabled || seen.hasErroredBank) return 'active_payouts_blocked'
  const isComing = (seen.futureRequirements?.currentlyDue.length ?? 0) > 0
  return isDue || requirements.currentDeadline !== undefined || isComing ? 'active_action_required' : 'active'
}

/** The public field (STR-34). */
export function stripeStatusOf(detail: StatusDetail): StripeStatus {
  return detail === 'active_payouts_blocked' || detail === 'active_action_required' ? 'active' : detail
}

/** `stripe_status='active'` and nothing else opens paid bookings (H11). */
export function acceptsPaidBookings(detail: StatusDetail): boolean {
  return stripeStatusOf(detail) === 'active'
}

type Words = {
  readonly tone: 'green' | 'blue' | 'yellow' | 'orange' | 'red' | 'grey'
  readonly label: string
  readonly sentence: string
  /** What its one button says. */
  readonly action: string
}

/** What the sentences name, as far as it is known. Dates are local days in words, such as `28 Nov 2026`. */
export type StatusAbout = {
  readonly disabledReason?: string | undefined
  readonly hasErroredBank?: boolean
  /** What presses most of what Stripe asks for. */
  readonly asked?: string | undefined
  readonly deadline?: string | undefined
  readonly leftOn?: string | undefined
}

const words: Readonly<
  Record<StatusDetail, Omit<Words, 'sentence'> & { readonly say: (about: StatusAbout) => string }>
> = {
  not_connected: {
    tone: 'grey',
    label: 'Not connected',
    action: 'Connect Stripe',
    say: () => 'Connect Stripe to take cards and bank debits.',
  },
  pending: {
    tone: 'blue',
    label: 'Onboarding unfinished',
    action: 'Resume onboarding',
    say: () => 'Stripe still needs details from you.',
  },
  under_review: {
    tone: 'blue',
    label: 'Under review',
    action: 'Check again',
    say: () => 'Stripe is checking your details. Usually minutes, at most a few days. Nothing to do.',
  },
  restricted: {
    tone: 'red',
    label: 'Restricted',
    action: 'Resume onboarding',
    say: (about) => {
      const due = about.deadline === undefined ? '' : ` Due ${about.deadline}.`
      return `Stripe paused payments: ${whyPaused(about)}.${due}`
    },
  },
  active: { tone: 'green', label: 'Connected', action: 'Open Stripe', say: () => 'Payments and payouts work.' },
  active_action_required: {
    tone: 'yellow',
    label: 'Action required',
    action: 'Provide details',
    say: ({ deadline }) =>
      deadline === undefined
        ? 'Everything works. Stripe asks for details and has not said until when.'
        : `Everything works until ${deadline}; then Stripe pauses payments or payouts.`,
  },
  active_payouts_blocked: {
    tone: 'orange',
    label: 'Payouts blocked',
    action: 'Fix bank details',
    say: (about) => `Payments work, money waits at Stripe: ${whyWaiting(about)}.`,
  },
  rejected: {
    tone: 'red',
    label: 'Rejected',
    action: 'Contact Stripe',
    say: ({ disabledReason }) =>
      `Stripe declined this account: ${whyRejected(disabledReason)}. Only Stripe can change that.`,
  },
  disconnected: {
    tone: 'grey',
    label: 'Disconnected',
    action: 'Connect again',
    say: ({ leftOn }) => (leftOn === undefined ? 'Access was removed.' : `Access was removed on ${leftOn}.`),
  },
}

function whyPaused({ disabledReason, asked }: StatusAbout): string {
  if (disabledReason === undefined && asked !== undefined) return lowerFirst(asked)
  return disabledReasonInWords(disabledReason)
}

function whyWaiting({ hasErroredBank, asked, disabledReason }: StatusAbout): string {
  if (hasErroredBank) return 'a payout to your bank account failed'
  if (asked !== undefined) return lowerFirst(asked)
  return disabledReason === undefined ? 'Stripe has stopped payouts' : disabledReasonInWords(disabledReason)
}

/** The words for a reason repeat that the account was rejected; here that stands before them. */
function whyRejected(reason: string | undefined): string {
  const said = disabledReasonInWords(reason).replace(
    /^(Stripe|the platform) rejected the account(?: because (?:of )?)?/,
    '',
  )
  return said === '' ? 'Stripe gave no reason' : said
}

function lowerFirst(text: string): string {
  return text.startsWith('Stripe') ? text : `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}

/** How the status card says it (UI-143). */
export function statusWords(detail: StatusDetail, about: StatusAbout = {}): Words {
  const { say, ...plain } = words[detail]
  return { ...plain, sentence: say(about) }
}
