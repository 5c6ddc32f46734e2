/**
 * What people paste, before Stripe is asked: clean-up (STR-19), the grammar of each field (STR-143) and the mix-ups (STR-23 a to e).
 * Pure. The clean-up takes away what copying adds: quotes, white space, zero-width characters, `export NAME=`.
 */
import type { AccountId, Mode } from '#kernel'
import { refuse, type Refused } from './problems.ts'

export type CredentialsInput = {
  readonly publishableKey: string
  /** Empty or the dots: the saved one stays. */
  readonly secretKey: string
  readonly accountId: string
  /** Empty or the dots: nothing changes. */
  readonly webhookSecret: string
}

export type JudgedCredentials = {
  readonly publishableKey: string
  /** Undefined: keep the saved one. */
  readonly secretKey: string | undefined
  readonly accountId: AccountId | undefined
  /** Undefined: keep the saved ones. */
  readonly webhookSecret: string | undefined
}

const unseen = /[\s\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/gu

export function cleanInput(text: string): string {
  const named = text.replace(/^[\s\u200B\uFEFF]*(?:export\s+)?[A-Z][A-Z0-9_]*\s*=/u, '')
  return named.replace(unseen, '').replace(/^["'`“”‘’«»]+|["'`“”‘’«»]+$/gu, '')
}

/** A field that still shows our dots, or nothing, means: unchanged. */
export function isMask(text: string): boolean {
  return text === '' || text.includes('•')
}

export function modeOfKey(key: string): Mode | undefined {
  const [, mode] = /^(?:pk|sk|rk)_(test|live)_/.exec(key) ?? []
  return mode === 'test' || mode === 'live' ? mode : undefined
}

/** Issued by the sandbox: the word stands right after the mode (SBX-7). */
export function isSandboxKey(key: string): boolean {
  return /^(?:pk|sk|rk)_(?:test|live)_sandbox/.test(key)
}

export function kindOfSecretKey(key: string): 'secret' | 'restricted' {
  return key.startsWith('rk_') ? 'restricted' : 'secret'
}

/** Cleaned and well-formed credentials of one mode, or the sentence of the first field at fault. */
export function judgeCredentials(
  input: CredentialsInput,
  hasSavedKey: boolean,
): { ok: true; value: JudgedCredentials } | Refused {
  const publishableKey = cleanInput(input.publishableKey)
  const secretText = cleanInput(input.secretKey)
  const webhookText = cleanInput(input.webhookSecret)
  const accountText = cleanInput(input.accountId)
  const secretKey = isMask(secretText) && hasSavedKey ? undefined : secretText
  const refusal =
    judgePublishableKey(publishableKey) ??
    (secretKey === undefined ? undefined : judgeSecretKey(secretKey)) ??
    (secretKey === undefined ? undefined : judgeModes(publishableKey, secretKey)) ??
    (accountText === '' ? undefined : judgeAccountId(accountText)) ??
    (isMask(webhookText) ? undefined : judgeWebhookSecret(webhookText))
  if (refusal) return refusal
  const value = {
    publishableKey,
    secretKey,
    accountId: accountText === '' ? undefined : (accountText as AccountId),
    webhookSecret: isMask(webhookText) ? undefined : webhookText,
  }
  return { ok: true, value }
}

function judgePublishableKey(key: string): Refused | undefined {
  const field = '/publishableKey'
  const words = { field: 'Publishable Key', prefixes: 'pk_test_ or pk_live_' }
  if (key === '') return refuse('field_missing', { field, words })
  if (key.startsWith('sk_org_')) return refuse('organisation_key', { field })
  if (/^(sk|rk)_/.test(key)) return refuse('secret_in_publishable', { field })
  if (key.startsWith('whsec_')) return refuse('webhook_secret_in_key', { field })
  if (/^pk_(test|live)_[A-Za-z0-9]{10,}$/.test(key)) return undefined
  return looksCut(key, ['pk_test_', 'pk_live_'])
    ? refuse('key_incomplete', { field })
    : refuse('prefix_wrong', { field, words })
}

function judgeSecretKey(key: string): Refused | undefined {
  const field = '/secretKey'
  const words = { field: 'Secret Key', prefixes: 'sk_test_, sk_live_, rk_test_ or rk_live_' }
  if (key === '') return refuse('field_missing', { field, words })
  if (key.startsWith('pk_')) return refuse('publishable_in_secret', { field })
  if (key.startsWith('whsec_')) return refuse('webhook_secret_in_key', { field })
  if (key.startsWith('sk_org_')) return refuse('organisation_key', { field })
  if (/^(sk|rk)_(test|live)_[A-Za-z0-9]{10,}$/.test(key)) return undefined
  const isCut = looksCut(key, ['sk_test_', 'sk_live_', 'rk_test_', 'rk_live_'])
  return isCut ? refuse('key_incomplete', { field }) : refuse('prefix_wrong', { field, words })
}

/** The right beginning, and then too little, dots, stars or odd characters; or a beginning cut short itself. */
function looksCut(key: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix) || prefix.startsWith(key)) || /[…*]/.test(key)
}

function judgeModes(publishableKey: string, secretKey: string): Refused | undefined {
  const [publishableMode, secretMode] = [modeOfKey(publishableKey), modeOfKey(secretKey)]
  if (publishableMode === secretMode || !publishableMode || !secretMode) return undefined
  return refuse('keys_of_two_modes', { field: '/secretKey', words: { publishableMode, secretMode } })
}

function judgeAccountId(id: string): Refused | undefined {
  return /^acct_[A-Za-z0-9]{8,}$/.test(id) ? undefined : refuse('account_form', { field: '/accountId' })
}

export function judgeWebhookSecret(secret: string): Refused | undefined {
  const field = '/webhookSecret'
  if (secret.startsWith('sk_org_')) return refuse('organisation_key', { field })
  if (/^(pk|sk|rk)_/.test(secret)) {
    return refuse('key_in_webhook_secret', {
      field,
      words: { kind: secret.startsWith('pk_') ? 'publishable' : 'secret' },
    })
  }
  return /^whsec_[A-Za-z0-9+/=_-]{16,}$/.test(secret) ? undefined : refuse('webhook_secret_form', { field })
}
