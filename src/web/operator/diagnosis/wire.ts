/** What the API answers about the checks, their tones (UI-58), and the addresses their links mean. */
import type { Api } from '#web/api'
import type { ConsoleAddress, ConsolePath } from '#web/paths'
import type { AnswerOf, Tone } from '#web/ui'

export type Diagnosis = AnswerOf<Api, '/api/v1/w/:slug/diagnosis'>
export type Check = Diagnosis['checks'][number]
export type Remedy = Check['remedies'][number]
export type Link = NonNullable<Remedy['link']>
export type Changed = AnswerOf<Api, '/api/v1/w/:slug/diagnosis/repair-webhook', '$post'>

/** How often the open page looks again. */
export const lookEveryMs = 15_000

type Look = { readonly word: string; readonly tone: Tone }

export const looks: Readonly<Record<Check['state'], Look>> = {
  found: { word: 'Found', tone: 'red' },
  cannot_tell: { word: 'Cannot tell', tone: 'grey' },
  ok: { word: 'Passes', tone: 'green' },
}

type DeedPath = { readonly path: string; readonly running: string; readonly decision?: 'wait' | 'send' | 'cancel' }

export const deedPaths: Readonly<Record<NonNullable<Remedy['deed']>, DeedPath>> = {
  repair_webhook: { path: '/diagnosis/repair-webhook', running: 'Repairing…' },
  check_payments: { path: '/diagnosis/check-payments', running: 'Asking Stripe…' },
  test_again: { path: '/diagnosis/test-again', running: 'Testing…' },
  refund_wait: { path: '/diagnosis/refund', running: 'Looking…', decision: 'wait' },
  refund_send: { path: '/diagnosis/refund', running: 'Sending…', decision: 'send' },
  refund_cancel: { path: '/diagnosis/refund', running: 'Cancelling…', decision: 'cancel' },
  check_payouts: { path: '/diagnosis/check-payouts', running: 'Asking Stripe…' },
  retry_payout: { path: '/diagnosis/retry-payout', running: 'Sending again…' },
  mail_link: { path: '/diagnosis/mail-link', running: 'Writing the mail…' },
  mail_again: { path: '/diagnosis/mail-again', running: 'Writing the mail…' },
}

const dashboard = 'https://dashboard.stripe.com'

/** The exact place a link means; those at Stripe are in the mode of the page. */
export function hrefOf({ to, id, href }: Link, path: ConsolePath, { mode }: ConsoleAddress): string {
  if (href !== undefined) return href
  const stripe = mode === 'test' ? `${dashboard}/test` : dashboard
  if (to === 'stripe_keys') return `${stripe}/apikeys`
  if (to === 'stripe_webhooks') return `${stripe}/webhooks`
  if (to === 'stripe_balance') return `${stripe}/balance/overview`
  if (to === 'stripe_account') return `${dashboard}/account`
  if (to === 'stripe_support') return 'https://support.stripe.com/contact'
  if (to === 'payments') return path('payments', {})
  if (to === 'installation') return path('installation', {})
  if (to === 'invoice') return id === undefined ? path('invoices', {}) : path('invoice', { invoiceId: id })
  if (to === 'payout') return id === undefined ? path('payoutList', {}) : path('payout', { payoutId: id })
  if (to === 'inbox') return path('webhooks', {}, { tab: 'inbox', state: 'dead' })
  if (to === 'road') return path('webhooks', {}, { tab: 'health' })
  if (to === 'endpoints') return path('webhooks', {}, { tab: 'endpoints' })
  return to === 'books' ? path('books', {}) : path('integrations', {})
}

export function isElsewhere(href: string): boolean {
  return /^https?:/.test(href)
}

/** `All 12 checks pass`, or how many do not. */
export function verdictOf(checks: readonly Check[]): string {
  const found = checks.filter(({ state }) => state === 'found').length
  const untold = checks.filter(({ state }) => state === 'cannot_tell').length
  if (found > 0) return `${found} of ${checks.length} checks ${found === 1 ? 'fails' : 'fail'}`
  if (untold > 0) return `No trouble found, ${untold} of ${checks.length} checks cannot tell`
  return `All ${checks.length} checks pass`
}
