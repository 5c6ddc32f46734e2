/** What the sandbox believes about payouts without proof, or by Stripe's documentation where the comment says so (SBX-58). */

const hour = 3_600_000

/** Banks work from Monday to Friday: daily payouts are made on these days, counted as JavaScript does [U]. */
export const bankDays: readonly number[] = [1, 2, 3, 4, 5]

/** A payout is handed to the bank this long after it was made, and its transactions are final this long after [U]. */
export const payoutSentAfterMs = hour
export const payoutReconciledAfterMs = hour

/** Business days from a payout's making to its arrival, at 00:00 UTC [U]. */
export const payoutArrivesAfterDays = 1

/** A bank may send a paid payout back for this many business days after its arrival (stripe types: Payout.status). */
export const payoutFailsWithinDays = 5

/** Business days until a top-up is in the balance, at 00:00 UTC [U]. */
export const topupArrivesAfterDays = 1

/** Last nine digits of a bank account number: how payouts to it end (Stripe docs for the United States and Australia). */
export const failingBankNumbers: Readonly<Record<string, string>> = {
  '111111116': 'no_account',
  '111111113': 'account_closed',
  '222222227': 'insufficient_funds',
  '333333335': 'debit_not_authorized',
  '444444440': 'invalid_currency',
}

/** Why banks refuse payouts (Stripe docs: payout failures), with the words of `failure_message`. */
export const payoutFailures: Readonly<Record<string, string>> = {
  account_closed: 'The bank account has been closed.',
  account_frozen: 'The bank account has been frozen.',
  bank_account_restricted:
    'The bank account has restrictions on either the type, or the number, of payouts allowed. This normally indicates that the bank account is a savings or other non-checking account.',
  bank_ownership_changed: 'The destination bank account is no longer valid because its branch has changed ownership.',
  could_not_process: 'The bank could not process this payout.',
  debit_not_authorized: 'Debit transactions are not approved on the bank account.',
  declined: 'The bank has declined this transfer. Please contact the bank before retrying.',
  incorrect_account_holder_name: 'Your bank notified us that the bank account holder name on file is incorrect.',
  insufficient_funds: 'Your Stripe account has insufficient funds to cover the payout.',
  invalid_account_number: 'The routing number seems correct, but the account number is invalid.',
  invalid_currency:
    'The bank was unable to process this payout because of its currency. This is probably because the bank account cannot accept payments in that currency.',
  no_account:
    'The bank account details on file are probably incorrect. No bank account could be located with those details.',
  unsupported_card: 'The bank no longer supports payouts to this card.',
}

/** Failures that say nothing about the bank account, which stays as it was [U]. */
export const fundsSideFailures = new Set(['insufficient_funds', 'could_not_process'])
