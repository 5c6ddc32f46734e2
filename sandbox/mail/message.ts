/** One mail of the outbox as pages, tests and the JSON API see it: parsed and judged once, when it arrives. */
import { judgeMail } from './mail-checks.ts'
import type { MailCheck } from './mail-checks.ts'
import { listLinks } from './mail-links.ts'
import type { Address, Header } from './mime-headers.ts'
import { parseMail } from './mime.ts'

export interface Message {
  id: string
  /** Instant on the sandbox clock, ISO 8601 in UTC. */
  receivedAt: string
  messageId: string
  from: Address | null
  to: Address[]
  cc: Address[]
  bcc: Address[]
  subject: string
  text: string | null
  html: string | null
  headers: Header[]
  attachments: { filename: string; contentType: string; sizeBytes: number }[]
  /** Addresses in the order they stand in the mail, each once. */
  links: string[]
  checks: MailCheck[]
  sizeBytes: number
  read: boolean
}

/** Throws `NotAMail` when the bytes are none. */
export function describeMessage({
  raw,
  ...facts
}: Pick<Message, 'id' | 'receivedAt' | 'read'> & { raw: Uint8Array }): Message {
  const { attachments, ...mail } = parseMail(raw)
  return {
    ...facts,
    ...mail,
    attachments: attachments.map(({ filename, contentType, content }) => {
      return { filename, contentType, sizeBytes: content.byteLength }
    }),
    links: listLinks(mail),
    checks: judgeMail(mail),
    sizeBytes: raw.byteLength,
  }
}
