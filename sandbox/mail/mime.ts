/**
 * Reads a finished mail (RFC 5322 and MIME) the way a mail program would: head, plain text, HTML, attachments.
 * It is good enough for what mail libraries produce, not for every mail ever sent: the first plain and the first HTML
 * body win, whatever is nested deeper than ten parts is an attachment.
 */
import { decodeCharset, decodeHeaderText, decodeTransfer } from './mime-encodings.ts'
import { findHeader, parseAddresses, parseHeaders, parseParameters } from './mime-headers.ts'
import type { Address, Header } from './mime-headers.ts'

export interface Attachment {
  filename: string
  contentType: string
  content: Uint8Array
}

export interface ParsedMail {
  /** In the order sent, with encoded words decoded. */
  headers: Header[]
  messageId: string
  from: Address | null
  to: Address[]
  cc: Address[]
  bcc: Address[]
  subject: string
  text: string | null
  html: string | null
  attachments: Attachment[]
}

/** Thrown by `parseMail`; the message is a sentence for whoever sent the bytes. */
export class NotAMail extends Error {}

interface Part {
  headers: Header[]
  body: string
}

/** Reads one mail from its bytes. Throws `NotAMail` when there is no From header or no blank line after the head. */
export function parseMail(raw: Uint8Array): ParsedMail {
  const part = splitPart(Buffer.from(raw).toString('latin1'))
  if (part === null) throw new NotAMail('The body is no mail: no empty line ends its head.')
  const from = parseAddresses(findHeader(part.headers, 'from'))[0] ?? null
  if (from === null) throw new NotAMail('The mail has no From address.')
  const bodies: Bodies = { text: null, html: null, attachments: [] }
  collect(part, bodies, 0)
  const recipients = (name: string) => parseAddresses(findHeader(part.headers, name))
  return {
    headers: part.headers.map(({ name, value }) => ({ name, value: decodeHeaderText(value) })),
    messageId: findHeader(part.headers, 'message-id'),
    from,
    to: recipients('to'),
    cc: recipients('cc'),
    bcc: recipients('bcc'),
    subject: decodeHeaderText(findHeader(part.headers, 'subject')),
    ...bodies,
  }
}

type Bodies = Pick<ParsedMail, 'text' | 'html' | 'attachments'>

const MAX_DEPTH = 10

function splitPart(source: string): Part | null {
  if (/^\r?\n/.test(source)) return { headers: [], body: source.replace(/^\r?\n/, '') }
  const gap = /\r?\n\r?\n/.exec(source)
  if (gap === null) return null
  return { headers: parseHeaders(source.slice(0, gap.index)), body: source.slice(gap.index + gap[0].length) }
}

function collect(part: Part, bodies: Bodies, depth: number): void {
  const type = parseParameters(findHeader(part.headers, 'content-type') || 'text/plain')
  const boundary = type.parameters.get('boundary')
  if (type.value.startsWith('multipart/') && boundary !== undefined && depth < MAX_DEPTH) {
    for (const child of splitMultipart(part.body, boundary)) collect(child, bodies, depth + 1)
    return
  }
  const disposition = parseParameters(findHeader(part.headers, 'content-disposition'))
  const content = decodeTransfer(part.body, findHeader(part.headers, 'content-transfer-encoding'))
  const filename = disposition.parameters.get('filename') ?? type.parameters.get('name') ?? ''
  const isBody = disposition.value !== 'attachment' && filename === ''
  const text = () => decodeCharset(content, type.parameters.get('charset') ?? 'utf-8').replace(/\r\n/g, '\n')
  if (isBody && type.value === 'text/plain' && bodies.text === null) bodies.text = text()
  else if (isBody && type.value === 'text/html' && bodies.html === null) bodies.html = text()
  else bodies.attachments.push({ filename: filename || 'unnamed', contentType: type.value, content })
}

/** The line break before a boundary belongs to the boundary; what stands before the first and after the last is dropped. */
function splitMultipart(body: string, boundary: string): Part[] {
  const marker = boundary.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const [, ...sections] = `\n${body}`.split(new RegExp(`\\r?\\n--${marker}(?=--|[ \\t]*\\r?\\n|$)`))
  const parts: Part[] = []
  for (const section of sections) {
    if (section.startsWith('--')) break
    const part = splitPart(section.replace(/^[ \t]*\r?\n/, ''))
    if (part !== null) parts.push(part)
  }
  return parts
}
