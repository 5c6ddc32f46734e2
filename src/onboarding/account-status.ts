/**
 * Where a connected account stands (STR-34): one pure function of the account as last fetched, first matching row wins. Whatever is
 * unknown or absent fails closed. What surprises: an account that may not charge although nothing is due is under review only when Stripe
 * gives no reason, or one that means a review; with any other reason it is restricted, because waiting would not help.
 */
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

type Words = { readonly tone: 'green' | 'yellow' | 'red' | 'grey'; readonly label: string; readonly sentence: string }

const words: Readonly<Record<StatusDetail, Words>> = {
  not_connected: {
    tone: 'grey',
    label: 'Not connected',
    sentence: 'Connect Stripe to take cards and bank debits. Setting it up takes about five minutes.',
  },
  disconnected: {
    tone: 'grey',
    label: 'Disconnected',
    sentence: 'Nothing is charged through this Stripe account any more. What was paid stays readable.',
  },
  rejected: {
    tone: 'red',
    label: 'Rejected by Stripe',
    sentence:
      'Stripe does not serve this account. Ask Stripe support for the reason; nothing can be changed from here.',
  },
  pending: {
    tone: 'yellow',
    label: 'Onboarding not finished',
    sentence: 'Stripe still needs details before it takes payments. Resume onboarding where you left it.',
  },
  under_review: {
    tone: 'yellow',
    label: 'Under review',
    sentence:
      'Stripe is checking what you sent. It usually takes a day or two, and nothing needs to be done meanwhile.',
  },
  restricted: {
    tone: 'red',
    label: 'Restricted',
    sentence: 'Stripe does not let this account take payments. Resume onboarding to see what it asks for.',
  },
  active_payouts_blocked: {
    tone: 'red',
    label: 'Active, payouts stopped',
    sentence: 'Payments are taken, but Stripe pays nothing out. Check the bank account in Stripe.',
  },
  active_action_required: {
    tone: 'yellow',
    label: 'Active, details needed',
    sentence: 'Payments are taken. Stripe asks for details; without them it will stop payments or payouts.',
  },
  active: { tone: 'green', label: 'Active', sentence: 'Payments are taken and paid out.' },
}

/** How the screen says it. */
export function statusWords(detail: StatusDetail): Words {
  return words[detail]
}
