/**
 * `/_sandbox/mail`: POST takes a finished mail (RFC 5322), GET lists or shows, DELETE forgets. The same addresses serve
 * people and programs: JSON when the caller asks for it, else a page. A mail's HTML has an address of its own, so that it
 * can be shown in a frame under a policy that allows neither scripts nor network.
 */
import { json, redirect } from '../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../http.ts'
import { ownPagesOnly } from '../pages/form.ts'
import type { ColourScheme } from './mail-pages.ts'
import { FRAME_FLAGS, listPage, messagePage, unknownMailPage } from './mail-pages.ts'
import type { Mailbox, MailFilter } from './mailbox.ts'
import { decideFate } from './mail-faults.ts'
import type { MailFaults } from './mail-faults.ts'
import type { Message } from './message.ts'
import { NotAMail } from './mime.ts'

const MAX_MAIL_BYTES = 20 * 1024 * 1024
const DEFAULT_LIMIT = 200

/** With `faults` mails can be refused, kept back and bounced, and the page says how many faults are armed. */
export function mailRoutes(mailbox: Mailbox, { faults }: { faults?: MailFaults } = {}): Route[] {
  const at = '/_sandbox/mail'
  const activeFaults = (): number => faults?.list().length ?? 0
  return [
    { method: 'POST', pattern: at, handle: (request) => receive(mailbox, request, faults) },
    { method: 'GET', pattern: at, handle: (request) => list({ mailbox, request, activeFaults }) },
    { method: 'DELETE', pattern: at, handle: () => json({ removed: mailbox.clear() }) },
    ownPagesOnly({
      method: 'POST',
      pattern: `${at}/clear`,
      handle: () => {
        mailbox.clear()
        return redirect(at)
      },
    }),
    {
      method: 'GET',
      pattern: `${at}/:id`,
      handle: (request, { id = '' }) => show({ mailbox, request, id, activeFaults }),
    },
    {
      method: 'DELETE',
      pattern: `${at}/:id`,
      handle: (_, { id = '' }) => (mailbox.remove(id) ? json({ removed: 1 }) : unknownMail(id)),
    },
    {
      method: 'GET',
      pattern: `${at}/:id/html`,
      handle: ({ url }, { id = '' }) => frame({ mailbox, id, scheme: readScheme(url) }),
    },
    { method: 'GET', pattern: `${at}/:id/source`, handle: (_, { id = '' }) => source(mailbox, id) },
    {
      method: 'GET',
      pattern: `${at}/:id/attachments/:position`,
      handle: (_, { id = '', position = '' }) => attachment({ mailbox, id, position: Number(position) }),
    },
  ]
}

function receive(mailbox: Mailbox, request: SandboxRequest, faults: MailFaults | undefined): SandboxReply {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'message/rfc822') {
    return problem(415, 'Send the finished mail as the body, with Content-Type: message/rfc822.')
  }
  if (request.body.byteLength > MAX_MAIL_BYTES) return problem(413, 'The mail is larger than 20 MB.')
  try {
    const fate = decideFate(request.body, faults)
    if (fate.refusal !== null) return problem(fate.refusal.status, fate.refusal.message)
    const { id, isNew } = mailbox.receive(request.body, { delayMs: fate.delayMs })
    if (isNew && fate.bounce !== null) mailbox.receive(fate.bounce.raw, { delayMs: fate.bounce.delayMs })
    return json({ id, duplicate: !isNew }, isNew ? 201 : 200)
  } catch (error) {
    if (error instanceof NotAMail) return problem(400, error.message)
    throw error
  }
}

interface Asked {
  mailbox: Mailbox
  request: SandboxRequest
  activeFaults: () => number
}

function list({ mailbox, request, activeFaults }: Asked): SandboxReply {
  const query = request.url.searchParams
  const since = query.get('since') ?? ''
  const sinceMs = since === '' ? undefined : Date.parse(since)
  if (sinceMs !== undefined && Number.isNaN(sinceMs)) {
    return problem(400, 'since must be an instant such as 2026-11-21T14:03:00Z.')
  }
  const filter: MailFilter = {
    to: query.get('to') ?? '',
    subject: query.get('subject') ?? '',
    ...(sinceMs === undefined ? {} : { sinceMs }),
    limit: readLimit(query.get('limit')),
  }
  const messages = mailbox.list(filter)
  if (!wantsJson(request)) return listPage({ mailbox, messages, filter, since, activeFaults: activeFaults() })
  return json({ messages: messages.map(publicMessage), total: mailbox.count(), unread: mailbox.unreadCount() })
}

function readLimit(text: string | null): number {
  const limit = Number(text ?? DEFAULT_LIMIT)
  return Number.isInteger(limit) && limit > 0 ? limit : DEFAULT_LIMIT
}

function show({ mailbox, request, id, activeFaults }: Asked & { id: string }): SandboxReply {
  const message = mailbox.find(id)
  if (message === undefined) {
    return wantsJson(request) ? unknownMail(id) : unknownMailPage(activeFaults())
  }
  if (wantsJson(request)) return json(publicMessage(message))
  mailbox.markRead(id)
  return messagePage({ message, scheme: readScheme(request.url), activeFaults: activeFaults() })
}

function readScheme(url: URL): ColourScheme {
  return url.searchParams.get('view') === 'dark' ? 'dark' : 'light'
}

function publicMessage(message: Message) {
  return { object: 'mail', ...message }
}

function wantsJson(request: SandboxRequest): boolean {
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

/**
 * The mail's own HTML, alone, in an origin that is nobody's. Its styles count; nothing loads, runs or leaves by itself, and
 * links open a new tab. Scripts are stopped by `default-src 'none'` and not by the sandbox flag, because accessibility
 * checkers hang on a frame whose scripting is switched off altogether.
 */
function frame({ mailbox, id, scheme }: { mailbox: Mailbox; id: string; scheme: ColourScheme }): SandboxReply {
  const message = mailbox.find(id)
  if (message === undefined || message.html === null) return unknownMail(id)
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    `sandbox ${FRAME_FLAGS}`,
  ]
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  return { status: 200, headers, body: asSeenIn(scheme, message.html) }
}

/**
 * Shows the mail as a reader with light or dark colours would see it, whatever the browser prefers: the media query that
 * asks for the wanted scheme becomes one that always holds, the other one that never does. Links open a new tab, because
 * product pages refuse to be framed.
 */
function asSeenIn(scheme: ColourScheme, html: string): string {
  const query = /\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi
  const coloured = html.replace(query, (_, asked: string) => {
    return asked.toLowerCase() === scheme ? '(min-width: 0)' : '(max-width: 0)'
  })
  const additions = `<base target="_blank"><style>:root { color-scheme: ${scheme} !important }</style>`
  const head = /<head\b[^>]*>/i
  return head.test(coloured) ? coloured.replace(head, (tag) => tag + additions) : additions + coloured
}

function source(mailbox: Mailbox, id: string): SandboxReply {
  const raw = mailbox.findRaw(id)
  if (raw === undefined) return unknownMail(id)
  return download({ content: raw, filename: `${id}.eml`, contentType: 'message/rfc822' })
}

function attachment({ mailbox, id, position }: { mailbox: Mailbox; id: string; position: number }): SandboxReply {
  const found = mailbox.findAttachment({ id, position })
  return found === undefined ? unknownMail(id) : download(found)
}

/** Always saved, never shown: a file sent by mail must not run under the sandbox's own origin. */
function download(file: { content: Uint8Array; filename: string; contentType: string }): SandboxReply {
  const headers = {
    'content-type': /^[\w.+-]+\/[\w.+-]+$/.test(file.contentType) ? file.contentType : 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename).replace(/['()*]/g, '_')}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body: Buffer.from(file.content) }
}

function unknownMail(id: string): SandboxReply {
  return problem(404, `There is no mail ${JSON.stringify(id.slice(0, 40))} in the outbox.`)
}

function problem(status: number, message: string): SandboxReply {
  return json({ error: { message } }, status)
}
