/**
 * Outgoing mail. With MAIL_URL it goes by SMTP; in sandbox mode the finished message is handed to the sandbox's outbox over HTTP and
 * nothing leaves the machine (SBX-75). A message carries an id of its own, so that a repeat is recognised and kept once.
 */
import nodemailer from 'nodemailer'
import { guardedFetch } from './http.ts'

export type Mail = {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** The same for every try of one mail (SBX-78). */
  readonly messageId: string
  readonly at: Date
}

export type Mailer = {
  /** @throws when the server did not take the mail; the caller's job tries again. */
  send(mail: Mail): Promise<void>
  readonly isOutbox: boolean
}

/** @param outbox the sandbox's address for finished messages; used when no SMTP server is set. */
export function createMailer(options: {
  mailUrl?: string | undefined
  from: string
  outbox?: string | undefined
}): Mailer {
  if (options.mailUrl) {
    const transport = nodemailer.createTransport({
      url: options.mailUrl,
      connectionTimeout: 20_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never)
    return { isOutbox: false, send: async (mail) => void (await transport.sendMail(message(mail, options.from))) }
  }
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    isOutbox: true,
    async send(mail) {
      const composed = await composer.sendMail(message(mail, options.from))
      if (!options.outbox) throw new Error('No mail server is set. Set MAIL_URL.')
      const reply = await guardedFetch(options.outbox, {
        method: 'POST',
        headers: { 'content-type': 'message/rfc822' },
        body: new Uint8Array(composed.message as Buffer),
      })
      if (!reply.ok) throw new Error(`the outbox answered ${reply.status}`)
    },
  }
}

function message(mail: Mail, from: string) {
  return {
    from,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: mail.at,
    messageId: `<${mail.messageId}@rentroll>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}
