/** The mails of sign-up and sign-in. Plain words, one link, nothing loaded from anywhere. */
import type { Mail } from '#platform'

export type Letter = {
  readonly to: string
  readonly subject: string
  readonly lines: readonly string[]
  readonly link?: { readonly label: string; readonly url: string }
}

/** @param id the same for every try of this mail. @param at when it is sent, by the application's clock. */
export function composeMail(letter: Letter, { id, at }: { readonly id: string; readonly at: Date }): Mail {
  const { to, subject, lines, link } = letter
  const text = [...lines, ...(link ? [`${link.label}: ${link.url}`] : [])].join('\n\n')
  const paragraphs = lines.map((line) => `<p>${escapeHtml(line)}</p>`)
  const anchor = link ? `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>` : ''
  return { to, subject, text, html: `${paragraphs.join('')}${anchor}`, messageId: id, at }
}

export function signUpLetter(to: string, { name, url }: { readonly name: string; readonly url: string }): Letter {
  const lines = [
    `Hello ${name},`,
    'Confirm this address to open your Rentroll workspace. The link works for 10 minutes, once.',
    'If you did not ask for this, nothing needs to be done.',
  ]
  return { to, subject: 'Confirm your address', lines, link: { label: 'Confirm the address', url } }
}

export function knownAddressLetter(to: string, url: string): Letter {
  const lines = [
    'Someone tried to sign up with your address. You already have an account, so nothing was changed.',
    'If it was you, sign in instead. If you forgot your password, you can set a new one there.',
  ]
  return { to, subject: 'You already have an account', lines, link: { label: 'Sign in', url } }
}

export function resetLetter(to: string, url: string): Letter {
  const lines = [
    'Someone asked to set a new password for your account. The link works for 10 minutes, once.',
    'If it was not you, nothing needs to be done: your password stays as it is.',
  ]
  return { to, subject: 'Set a new password', lines, link: { label: 'Set a new password', url } }
}

export function passwordChangedLetter(to: string): Letter {
  const lines = [
    'The password of your account was changed, and all other sessions were ended.',
    'If it was not you, set a new password from the sign-in page at once.',
  ]
  return { to, subject: 'Your password was changed', lines }
}

export function manyFailuresLetter(to: string, url: string): Letter {
  const lines = [
    'Ten sign-ins to your account failed in a row. Further tries have to wait longer each time.',
    'If it was not you, your password is still secret; choose a longer one if others might guess it.',
  ]
  return { to, subject: 'Failed sign-ins to your account', lines, link: { label: 'Set a new password', url } }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
