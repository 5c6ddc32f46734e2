/**
 * What every mail of the product must keep to (SBX-77), judged when it arrives and shown beside it: both a text and an
 * HTML part, nothing loaded from outside, no secret, and no Stripe onboarding address, because that one lives for five
 * minutes and belongs to the person who is signed in.
 */
import { decodeEntities } from './mail-links.ts'
import type { Header } from './mime-headers.ts'

export interface MailCheck {
  code: 'both_parts' | 'no_remote_content' | 'no_secret' | 'no_account_link'
  title: string
  passed: boolean
  /** What was found, in words; a secret is named by its kind and never repeated. */
  finding: string
}

interface JudgedMail {
  headers: readonly Header[]
  subject: string
  text: string | null
  html: string | null
}

/** Judges one mail; the order of the checks is fixed. */
export function judgeMail(mail: JudgedMail): MailCheck[] {
  const readable = [mail.subject, mail.text ?? '', decodeEntities(mail.html ?? '')]
  const everything = [...readable, ...mail.headers.map((header) => header.value)].join('\n')
  return [
    check({ code: 'both_parts', title: 'Text and HTML parts', findings: listMissingParts(mail) }),
    check({ code: 'no_remote_content', title: 'No remote content', findings: listRemoteContent(mail.html ?? '') }),
    check({ code: 'no_secret', title: 'No secret', findings: listSecrets(everything) }),
    check({ code: 'no_account_link', title: 'No onboarding address', findings: listAccountLinks(everything) }),
  ]
}

function check({ code, title, findings }: { code: MailCheck['code']; title: string; findings: string[] }): MailCheck {
  return { code, title, passed: findings.length === 0, finding: findings.join(' ') }
}

function listMissingParts({ text, html }: JudgedMail): string[] {
  return [
    ...(text === null || text.trim() === '' ? ['The mail has no text part.'] : []),
    ...(html === null || html.trim() === '' ? ['The mail has no HTML part.'] : []),
  ]
}

const REMOTE: [RegExp, string][] = [
  [
    /<(?:img|video|audio|source|input|embed|track)\b[^>]*\b(?:src|srcset|poster)\s*=\s*["']?\s*(?:https?:)?\/\//i,
    'An image or film',
  ],
  [/\bbackground\s*=\s*["']?\s*(?:https?:)?\/\//i, 'A background picture'],
  [/url\(\s*["']?\s*(?:https?:)?\/\//i, 'A style'],
  [/@import\b|<link\b[^>]*\bhref/i, 'A style sheet'],
  [/<script\b/i, 'A script'],
  [/<(?:iframe|frame|object)\b/i, 'A frame'],
]

function listRemoteContent(html: string): string[] {
  return REMOTE.filter(([pattern]) => pattern.test(html)).map(([, what]) => `${what} is loaded from outside the mail.`)
}

const SECRETS: [RegExp, string][] = [
  [/\bsk_(?:test|live|org)_[A-Za-z0-9]{8,}/, 'a secret key'],
  [/\brk_(?:test|live)_[A-Za-z0-9]{8,}/, 'a restricted key'],
  [/\bwhsec_[A-Za-z0-9+/=]{8,}/, 'a webhook secret'],
  [/\b(?:pi|seti|cs)_\w+_secret_\w+/, 'a client secret'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
]

function listSecrets(everything: string): string[] {
  return SECRETS.filter(([pattern]) => pattern.test(everything)).map(([, what]) => `The mail holds ${what}.`)
}

function listAccountLinks(everything: string): string[] {
  const isFound = /https?:\/\/[^\s"'<>]*(?:connect\.stripe\.com\/(?:setup|express)|\/connect\/setup\/)/i.test(
    everything,
  )
  return isFound ? ['The mail holds the address of a Stripe onboarding form.'] : []
}
