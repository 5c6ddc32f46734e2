/**
 * What can be told of pasted keys without asking anyone (UI-121, UI-122): clean-up, and whether a key stands in the wrong field, is cut
 * short or belongs to the other mode. The server judges again; these words are the ones it uses.
 */
import type { Mode } from '#kernel'

export type KeyValues = { publishableKey: string; secretKey: string; accountId: string; webhookSecret: string }
export type KeyFieldName = keyof KeyValues

export type KeyFinding = {
  readonly text: string
  /** Where the pasted value belongs, when it is another field. */
  readonly belongsIn?: KeyFieldName
  /** Only told once typing has paused, because every key is too short at first. */
  readonly isPatient?: boolean
  readonly otherMode?: Mode
}

export type KeyFindings = { readonly [Name in KeyFieldName]?: KeyFinding }

const unseen = /[\s\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/gu

/** Takes away what copying adds: quotes, white space, zero-width characters. */
export function cleanKey(text: string): string {
  return text.replace(unseen, '').replace(/^["'`“”‘’«»]+|["'`“”‘’«»]+$/gu, '')
}

function modeOfKey(key: string): Mode | undefined {
  const [, mode] = /^(?:pk|sk|rk)_(test|live)_/.exec(key) ?? []
  return mode === 'test' || mode === 'live' ? mode : undefined
}

const words = {
  secretInPublishable: 'This is a secret key. The publishable key starts with pk_. The two fields look swapped.',
  publishableInSecret: 'This is a publishable key. The secret key starts with sk_ or rk_. The two fields look swapped.',
  webhookInKey: 'This is a webhook signing secret. It belongs in Webhook Secret.',
  organisation:
    'Organisation keys act on many accounts and are not accepted. Create a restricted key in the account itself.',
  cut: 'The key looks incomplete. Copy it again with the copy button; do not select it by hand.',
} as const

function isCut(key: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix) || prefix.startsWith(key)) || /[…*]/.test(key)
}

function judgeForm(key: string, prefixes: readonly string[], name: string): KeyFinding | undefined {
  const isWhole = prefixes.some(
    (prefix) => key.startsWith(prefix) && /^[A-Za-z0-9]{10,}$/.test(key.slice(prefix.length)),
  )
  if (isWhole) return undefined
  if (isCut(key, prefixes)) return { text: words.cut, isPatient: true }
  const list =
    prefixes.length === 2 ? prefixes.join(' or ') : `${prefixes.slice(0, -1).join(', ')} or ${prefixes.at(-1)}`
  return { text: `${name} must start with ${list}.`, isPatient: true }
}

function judgePublishable(key: string): KeyFinding | undefined {
  if (key === '') return undefined
  if (key.startsWith('sk_org_')) return { text: words.organisation }
  if (/^(sk|rk)_/.test(key)) return { text: words.secretInPublishable, belongsIn: 'secretKey' }
  if (key.startsWith('whsec_')) return { text: words.webhookInKey, belongsIn: 'webhookSecret' }
  return judgeForm(key, ['pk_test_', 'pk_live_'], 'Publishable key')
}

function judgeSecret(key: string): KeyFinding | undefined {
  if (key === '') return undefined
  if (key.startsWith('pk_')) return { text: words.publishableInSecret, belongsIn: 'publishableKey' }
  if (key.startsWith('whsec_')) return { text: words.webhookInKey, belongsIn: 'webhookSecret' }
  if (key.startsWith('sk_org_')) return { text: words.organisation }
  return judgeForm(key, ['sk_test_', 'sk_live_', 'rk_test_', 'rk_live_'], 'Secret key')
}

function judgeWebhookSecret(secret: string): KeyFinding | undefined {
  if (secret === '') return undefined
  if (secret.startsWith('pk_'))
    return { text: 'This is a publishable key. It belongs in Publishable Key.', belongsIn: 'publishableKey' }
  if (/^(sk|rk)_/.test(secret))
    return { text: 'This is a secret key. It belongs in Secret Key.', belongsIn: 'secretKey' }
  if (/^whsec_[A-Za-z0-9+/=_-]{16,}$/.test(secret)) return undefined
  return { text: isCut(secret, ['whsec_']) ? words.cut : 'Webhook secret must start with whsec_.', isPatient: true }
}

function judgeAccount(id: string): KeyFinding | undefined {
  if (id === '' || 'acct_'.startsWith(id) || id.startsWith('acct_')) return undefined
  return { text: 'Account ID must start with acct_.' }
}

/** @param tab the mode the page is in. */
export function judgeKeys(values: KeyValues, tab: Mode): KeyFindings {
  const found: { [Name in KeyFieldName]?: KeyFinding | undefined } = {
    publishableKey: judgePublishable(values.publishableKey),
    secretKey: judgeSecret(values.secretKey),
    accountId: judgeAccount(values.accountId),
    webhookSecret: judgeWebhookSecret(values.webhookSecret),
  }
  const [publishable, secret] = [modeOfKey(values.publishableKey), modeOfKey(values.secretKey)]
  if (!found.publishableKey && !found.secretKey) {
    if (publishable && secret && publishable !== secret) {
      const text = `The publishable key is a ${publishable} key and the secret key is a ${secret} key. Copy both from the same mode.`
      found.publishableKey = { text }
      found.secretKey = { text }
    } else if (secret && secret !== tab) {
      const name = tab === 'test' ? 'Test' : 'Live'
      found.secretKey = { text: `These are ${secret} keys and you are in the ${name} tab.`, otherMode: secret }
    }
  }
  return Object.fromEntries(Object.entries(found).filter(([, finding]) => finding !== undefined)) as KeyFindings
}
