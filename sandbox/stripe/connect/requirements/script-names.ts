/** The conclusions Stripe can be told to come to (SBX-28), and how the selector calls them. */

export const scriptNames = [
  'complete',
  'saved_for_later',
  'missing_identity_document',
  'directors_missing',
  'under_review',
  'no_bank_account',
  'due_later',
  'past_due',
  'rejected_fraud',
  'unknown_disabled_reason',
  'platform_paused',
  'future_requirements',
] as const

export type ScriptName = (typeof scriptNames)[number]

/** For the selector "What should Stripe conclude?". */
export const scriptLabels: Readonly<Record<ScriptName, string>> = {
  complete: 'Everything is in order: charges and payouts on',
  saved_for_later: 'Saved for later: nothing submitted',
  missing_identity_document: 'An identity document is missing',
  directors_missing: 'Details of directors are missing',
  under_review: 'Stripe is reviewing the account',
  no_bank_account: 'No bank account: payouts off',
  due_later: 'Something is due in 7 days',
  past_due: 'Something is past due: charges off',
  rejected_fraud: 'Rejected: fraud',
  unknown_disabled_reason: 'Disabled for a reason nobody knows',
  platform_paused: 'Paused by the platform',
  future_requirements: 'Something will be asked for in 30 days',
}
