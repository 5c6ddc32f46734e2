/** What this module refuses and why, in the words the person reads (ARC-50, UI-59). */
import { refused, type Outcome, type Problem, type Refusal } from '#kernel'

const problems = {
  stale_settings: {
    title: 'Someone changed this meanwhile',
    cause: 'These settings were saved by someone else after you opened them.',
    nextStep: 'Load them again and repeat your change.',
    status: 409,
  },
  currency_fixed: {
    title: 'The currency is fixed',
    cause: 'An invoice has been finalised in the present currency, so it can no longer change.',
    nextStep: 'Keep the currency, or open a second workspace for the other one.',
    status: 409,
  },
  unknown_country: {
    title: 'Unknown country',
    cause: 'This is not a country code of two letters.',
    nextStep: 'Choose the country from the list.',
    status: 422,
  },
  unknown_currency: {
    title: 'Unknown currency',
    cause: 'Rentroll cannot bill in this currency.',
    nextStep: 'Choose the currency from the list.',
    status: 422,
  },
  unknown_time_zone: {
    title: 'Unknown time zone',
    cause: 'This is not the name of a time zone, such as Australia/Sydney.',
    nextStep: 'Choose the time zone from the list.',
    status: 422,
  },
  unknown_locale: {
    title: 'Unknown language',
    cause: 'This is not a language tag, such as en or en-AU.',
    nextStep: 'Choose the language from the list.',
    status: 422,
  },
  tax_rate_exists: {
    title: 'This tax rate exists already',
    cause: 'A rate with the same name, percentage and treatment is in use.',
    nextStep: 'Use the rate that is there, or give the new one another name.',
    status: 409,
  },
  tax_rate_retired: {
    title: 'This tax rate is retired',
    cause: 'The rate was retired before and is not used on new invoices.',
    nextStep: 'Add a new rate if it is needed again.',
    status: 409,
  },
  untaxed_with_percent: {
    title: 'This treatment has no tax',
    cause: 'Only a taxable rate has a percentage above zero.',
    nextStep: 'Set the percentage to 0, or choose the treatment taxable.',
    status: 422,
  },
  slug_taken: {
    title: 'This address is taken',
    cause: 'Another workspace already uses this address.',
    nextStep: 'Choose another address for your workspace.',
    status: 409,
  },
  link_expired: {
    title: 'This link has expired',
    cause: 'This link has expired. Links work for 10 minutes.',
    nextStep: 'Send a new one.',
    status: 404,
  },
  link_spent: {
    title: 'This link no longer works',
    cause: 'This link was used before, was replaced by a newer one, or was never sent.',
    nextStep: 'Use the newest link in your mail, or start again.',
    status: 404,
  },
  password_too_short: {
    title: 'The password is too short',
    cause: 'Use at least 12 characters. Several words are easy to remember.',
    nextStep: 'Choose a longer password.',
    status: 422,
  },
  password_too_long: {
    title: 'The password is too long',
    cause: 'Use at most 128 characters.',
    nextStep: 'Choose a shorter password.',
    status: 422,
  },
  password_is_personal: {
    title: 'The password repeats who you are',
    cause: 'A password must not be your name, your mail address or the address of your workspace.',
    nextStep: 'Choose another password.',
    status: 422,
  },
  password_is_common: {
    title: 'Too common',
    cause: 'Choose another password: this one is on public lists of stolen passwords.',
    nextStep: 'Choose a password that is not on such a list.',
    status: 422,
  },
  sign_in_refused: {
    title: 'Sign-in did not work',
    cause: 'This address and this password do not belong together.',
    nextStep: 'Check both, or set a new password.',
    status: 401,
  },
  wrong_password: {
    title: 'This is not your password',
    cause: 'The present password you entered is not the right one.',
    nextStep: 'Enter it again, or sign out and set a new password by mail.',
    status: 422,
  },
  session_ended: {
    title: 'Signed out',
    cause: 'Your session ended meanwhile.',
    nextStep: 'Sign in to continue.',
    status: 401,
  },
  too_many_attempts: {
    title: 'Too many attempts',
    cause: 'Too many attempts failed.',
    nextStep: 'Wait, then try again.',
    status: 429,
  },
  passwords_busy: {
    title: 'Too busy',
    cause: 'More people are signing in at once than this installation can check.',
    nextStep: 'Try again in a few seconds.',
    status: 503,
  },
} as const satisfies Record<string, Problem>

export type OperatorsProblem = keyof typeof problems

export function refuse(code: OperatorsProblem, field?: string): Outcome<never, OperatorsProblem> {
  return refused(code, problems[code], field)
}

/** The refusal of an attempt that came too early. @param seconds until the next one is looked at; sent as `Retry-After` (TRU-77). */
export function refuseAttempt(seconds: number): {
  readonly ok: false
  readonly refusal: Refusal<'too_many_attempts'> & { readonly retryAfterSeconds: number }
} {
  const problem = {
    ...problems.too_many_attempts,
    cause: `Too many attempts. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  }
  return { ok: false, refusal: { code: 'too_many_attempts', problem, retryAfterSeconds: seconds } }
}
