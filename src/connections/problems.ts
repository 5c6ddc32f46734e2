/**
 * What saving, testing and repairing a connection can refuse, in the words of STR-23; cause and next step read one after the other
 * are that text. The screen finds the button that belongs to a message (Swap, Move it, Keep current) by its code.
 */
import { refused, type Problem, type Refusal } from '#kernel'
import type { StripeFault } from '#stripe'
import { permissionFor } from './connection-state.ts'

const unable = 'Unable to verify credentials'

const problems = {
  keys_of_two_modes: (words: Words) => ({
    title: unable,
    cause: `The publishable key is a ${words.publishableMode} key and the secret key is a ${words.secretMode} key.`,
    nextStep: 'Copy both from the same mode.',
    status: 422,
  }),
  publishable_in_secret: {
    title: unable,
    cause: 'This is a publishable key. The secret key starts with sk_ or rk_.',
    nextStep: 'The two fields look swapped.',
    status: 422,
  },
  secret_in_publishable: {
    title: unable,
    cause: 'This is a secret key. The publishable key starts with pk_.',
    nextStep: 'The two fields look swapped.',
    status: 422,
  },
  webhook_secret_in_key: {
    title: unable,
    cause: 'This is a webhook signing secret.',
    nextStep: 'It belongs in Webhook Secret.',
    status: 422,
  },
  key_in_webhook_secret: (words: Words) => ({
    title: unable,
    cause: `This is a ${words.kind} key, not a webhook signing secret.`,
    nextStep: `It belongs in ${words.kind === 'publishable' ? 'Publishable Key' : 'Secret Key'}.`,
    status: 422,
  }),
  organisation_key: {
    title: unable,
    cause: 'Organisation keys act on many accounts and are not accepted.',
    nextStep: 'Create a restricted key in the account itself.',
    status: 422,
  },
  key_incomplete: {
    title: unable,
    cause: 'The key looks incomplete.',
    nextStep: 'Copy it again with the copy button; do not select it by hand.',
    status: 422,
  },
  prefix_wrong: (words: Words) => ({
    title: unable,
    cause: `${words.field} must start with ${words.prefixes}.`,
    nextStep: 'Copy it from Developers → API keys in Stripe.',
    status: 422,
  }),
  field_missing: (words: Words) => ({
    title: unable,
    cause: `${words.field} is empty.`,
    nextStep: `Paste it; it starts with ${words.prefixes}.`,
    status: 422,
  }),
  other_mode_tab: (words: Words) => ({
    title: unable,
    cause: `These are ${words.secretMode} keys and you are in the ${words.tab} tab.`,
    nextStep: `Save them under ${words.otherTab}, or paste the keys of this mode.`,
    status: 422,
  }),
  live_needs_postgresql: {
    title: unable,
    cause:
      'Live keys need PostgreSQL. This installation runs on the built-in demo database, which does not survive a power cut.',
    nextStep: 'Set DATABASE_URL and try again.',
    status: 422,
  },
  sandbox_key_at_stripe: {
    title: unable,
    cause: 'These keys were issued by the sandbox, and this installation talks to Stripe itself.',
    nextStep: 'Paste keys of your Stripe account.',
    status: 422,
  },
  real_key_at_sandbox: {
    title: unable,
    cause: 'These are live keys of a real account, and this installation talks to the sandbox.',
    nextStep: 'Use the keys the sandbox printed, or set RENTROLL_SANDBOX=off and DATABASE_URL for real money.',
    status: 422,
  },
  key_unknown: {
    title: unable,
    cause: 'Stripe does not know this key (or it was rolled or expired).',
    nextStep: 'Copy the full key again from Developers → API keys.',
    status: 422,
  },
  keys_of_two_accounts: (words: Words) => ({
    title: unable,
    cause: `The two keys belong to different Stripe accounts (secret: ${words.account ?? 'account unknown'}).`,
    nextStep: 'Copy both from one account.',
    status: 422,
  }),
  account_not_allowed: (words: Words) => ({
    title: unable,
    cause: `The secret key may not act for ${words.account}.`,
    nextStep: 'Leave Account ID empty unless your key belongs to a Connect platform.',
    status: 422,
  }),
  permission_missing: (words: Words) => ({
    title: unable,
    cause: `The restricted key lacks: ${words.permissions}.`,
    nextStep: 'Add them in Stripe, then press Save again. Nothing was changed.',
    status: 422,
  }),
  answer_not_from_stripe: {
    title: unable,
    cause: 'The answer did not come from Stripe (a proxy may be in the way).',
    nextStep: 'Let this server reach Stripe directly, then press Save again. Nothing was changed.',
    status: 422,
  },
  stripe_unreachable: (words: Words) => ({
    title: 'Connection test failed',
    cause: `We could not reach Stripe (${words.reason}).`,
    nextStep: 'Your credentials were neither accepted nor refused; try again. Existing settings still apply.',
    status: 503,
  }),
  different_account: (words: Words) => ({
    title: 'Different Stripe account',
    cause: `These keys belong to ${words.account}, you are connected to ${words.currentAccount}. Saved cards stay with the old account: ${words.renters} with autopay would need a new method.`,
    nextStep: 'Keep current: nothing was changed. Or switch the account.',
    status: 409,
  }),
  changed_meanwhile: {
    title: 'Changed in another window',
    cause: 'Somebody saved other credentials while these were being verified. Theirs are in use.',
    nextStep: 'Reload the page, then save again if yours are the right ones.',
    status: 409,
  },
  no_connection: {
    title: 'Not connected',
    cause: 'There is no Stripe connection in this mode yet.',
    nextStep: 'Paste the keys and press Save Credentials first.',
    status: 409,
  },
  webhook_secret_form: {
    title: 'This is not a webhook signing secret',
    cause: 'A signing secret starts with whsec_ and is longer than what was pasted.',
    nextStep: 'Copy it in Stripe from the endpoint, under Signing secret.',
    status: 422,
  },
  account_form: {
    title: unable,
    cause: 'Account ID must start with acct_.',
    nextStep: 'Leave it empty unless your key belongs to a Connect platform.',
    status: 422,
  },
  endpoint_exists: (words: Words) => ({
    title: 'The endpoint is there already',
    cause: `An endpoint at Stripe points to ${words.url}. Its signing secret is shown by Stripe alone.`,
    nextStep: 'Paste its secret here, or create a fresh endpoint in its place.',
    status: 409,
  }),
  endpoints_used_up: (words: Words) => ({
    title: 'Stripe allows 16 endpoints',
    cause: `This Stripe account already has 16 webhook endpoints. Delete one you no longer use: ${words.urls}`,
    nextStep: 'Delete one in Stripe, then try again.',
    status: 409,
  }),
  endpoint_absent: (words: Words) => ({
    title: 'Webhook missing',
    cause: `No endpoint at Stripe points to ${words.url}.`,
    nextStep: 'Press Create it for me.',
    status: 409,
  }),
  endpoint_permission: {
    title: 'The key may not change webhook endpoints',
    cause: 'The restricted key lacks: Webhook Endpoints (write).',
    nextStep: 'Add it in Stripe, or create the endpoint by hand with the address and the events shown here.',
    status: 409,
  },
  answer_lost: {
    title: 'Stripe’s answer was lost',
    cause: 'The change was sent, but no usable answer came, so it is not known whether Stripe carried it out.',
    nextStep: 'Press Check now to see the endpoint as it is, then decide.',
    status: 503,
  },
  endpoint_not_public: (words: Words) => ({
    title: 'This address is not public',
    cause: `Stripe delivers only to public https addresses. ${words.base} is not one.`,
    nextStep: 'Set PUBLIC_URL to the public address of this installation and start again.',
    status: 409,
  }),
} as const satisfies Record<string, Problem | ((words: Words) => Problem)>

/** What a sentence names. A missing one would read `undefined`, so each caller gives those of its code. */
export type Words = Readonly<
  Partial<
    Record<
      | 'account'
      | 'base'
      | 'currentAccount'
      | 'field'
      | 'kind'
      | 'otherTab'
      | 'permissions'
      | 'prefixes'
      | 'publishableMode'
      | 'reason'
      | 'renters'
      | 'secretMode'
      | 'tab'
      | 'url'
      | 'urls',
      string
    >
  >
>

export type ConnectionProblem = keyof typeof problems
export type Refused = { readonly ok: false; readonly refusal: Refusal<ConnectionProblem> }

/** @param field the field at fault as a JSON pointer. */
export function refuse(
  code: ConnectionProblem,
  about: { readonly field?: string; readonly words?: Words } = {},
): Refused {
  const problem = problems[code]
  return refused(code, typeof problem === 'function' ? problem(about.words ?? {}) : problem, about.field)
}

/** Shown in amber beside a connection that is saved all the same (STR-23l). */
export function inactiveAccountSentence(disabledReason: string | null | undefined): string {
  return `Connected, but Stripe does not let this account take payments yet: ${disabledReasonInWords(disabledReason)}. Finish it in Stripe.`
}

const disabledReasons: Readonly<Record<string, string>> = {
  'action_required.requested_capabilities': 'requested features need more details',
  listed: 'the account is on a list Stripe is checking',
  other: 'Stripe is reviewing the account',
  platform_paused: 'the platform has paused the account',
  'rejected.fraud': 'Stripe rejected the account because of suspected fraud',
  'rejected.incomplete_verification': 'Stripe rejected the account because details are missing',
  'rejected.listed': 'Stripe rejected the account because it is on a list',
  'rejected.other': 'Stripe rejected the account',
  'rejected.platform_fraud': 'the platform rejected the account because of suspected fraud',
  'rejected.platform_other': 'the platform rejected the account',
  'rejected.platform_terms_of_service': 'the platform rejected the account because of its terms',
  'rejected.terms_of_service': 'Stripe rejected the account because of its terms',
  'requirements.past_due': 'details Stripe asked for are overdue',
  'requirements.pending_verification': 'Stripe is checking the details',
  under_review: 'Stripe is reviewing the account',
}

/** A reason we do not know is shown as Stripe spells it (STR-134). */
export function disabledReasonInWords(reason: string | null | undefined): string {
  if (!reason) return 'Stripe gave no reason'
  return disabledReasons[reason] ?? reason
}

/** `acct_1AbC…1a2b` as `acct_…1a2b`. */
export function shortAccount(id: string): string {
  return id.length > 12 ? `acct_…${id.slice(-4)}` : id
}

const networkWords: Readonly<Record<string, string>> = {
  timeout: 'timeout',
  refused: 'refused',
  tls: 'TLS',
  dns: 'DNS',
  closed: 'connection closed',
}

/** What stood in the way of a read, as the person reads it: a key refused, a permission, a proxy, or no answer (STR-23 f, i, j, k). */
export function refusalOfFault(fault: StripeFault): Refused {
  if (fault.kind === 'auth') return refuse('key_unknown', { field: '/secretKey' })
  if (fault.kind === 'permission')
    return refuse('permission_missing', { field: '/secretKey', words: { permissions: permissionFor(fault.operation) } })
  if (fault.kind === 'unexpected_response' || fault.kind === 'missing') return refuse('answer_not_from_stripe')
  return refuse('stripe_unreachable', { words: { reason: reasonOf(fault) } })
}

/** In the brackets of STR-23k: timeout, refused, TLS, HTTP 503. */
export function reasonOf(fault: StripeFault): string {
  if (fault.kind === 'network') return networkWords[fault.code ?? ''] ?? 'no answer'
  return `HTTP ${fault.httpStatus ?? 'unknown'}`
}
