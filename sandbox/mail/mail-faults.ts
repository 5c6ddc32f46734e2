/**
 * What the faults of mail do to one message (SBX-47, SBX-78). A refusal is answered with the number a mail server would
 * say: 451 "try again later", 550 "no such mailbox". A bounce is a message of its own (RFC 3464) that comes later, to the
 * sender, from the receiving server; the mail itself was taken.
 */
import type { Faults } from '../stripe/faults/faults.ts'
import type { MailEffect } from '../stripe/faults/effects.ts'
import { parseMail } from './mime.ts'

export type MailFaults = Pick<Faults, 'list' | 'mailEffects'>

interface Fate {
  readonly refusal: { readonly status: number; readonly message: string } | null
  /** Milliseconds of sandbox time until anybody sees the mail. */
  readonly delayMs: number
  readonly bounce: { readonly raw: Uint8Array; readonly delayMs: number } | null
}

const unharmed: Fate = { refusal: null, delayMs: 0, bounce: null }

/** Throws `NotAMail` when the bytes are none. */
export function decideFate(raw: Uint8Array, faults: MailFaults | undefined): Fate {
  if (faults === undefined || faults.list().length === 0) return unharmed
  const { messageId, to, from } = parseMail(raw)
  const recipient = to[0]?.address ?? ''
  const subject = { to: to.map(({ address }) => address).join(', '), name: messageId }
  return faults.mailEffects(subject).reduce<Fate>((fate, effect) => {
    return { ...fate, ...changeOf(effect, { messageId, recipient, sender: from?.address ?? '' }) }
  }, unharmed)
}

interface Envelope {
  readonly messageId: string
  readonly recipient: string
  readonly sender: string
}

function changeOf(effect: MailEffect, envelope: Envelope): Partial<Fate> {
  switch (effect.kind) {
    case 'refuse_temporary':
      return { refusal: { status: 451, message: '451 4.3.0 Temporary failure; try again later.' } }
    case 'refuse_permanent':
      return { refusal: { status: 550, message: `550 5.1.1 ${envelope.recipient}: no such mailbox.` } }
    case 'delay':
      return { delayMs: effect.ms }
    case 'bounce_later':
      return { bounce: { raw: writeBounce(envelope), delayMs: effect.ms } }
  }
}

/** A delivery status notification about one recipient. Addresses come from a parsed header, so they hold no line break. */
function writeBounce({ messageId, recipient, sender }: Envelope): Uint8Array {
  const lines = [
    'From: Mail Delivery System <mailer-daemon@sandbox.example>',
    `To: ${sender}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <bounce-${messageId.replaceAll(/[<>]/g, '')}>`,
    `In-Reply-To: <${messageId.replaceAll(/[<>]/g, '')}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
    '',
    '--report',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Your mail to ${recipient} could not be delivered: the mailbox does not exist.`,
    '--report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; sandbox.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 no such mailbox',
    '--report--',
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}
