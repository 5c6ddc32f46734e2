/**
 * The outbox: every mail the product wanted to send, newest first, so that a person or a test can read it instead of a
 * mail server. The same Message-ID is kept once, because the product may hand a mail over twice after a crash (SBX-78).
 */
import { openMailStore } from './mail-store.ts'
import type { Message } from './message.ts'
import type { Address } from './mime-headers.ts'
import { parseMail } from './mime.ts'
import type { Attachment } from './mime.ts'

export interface MailFilter {
  /** A whole address when it holds an `@`, else part of a recipient's name or address. */
  to?: string
  /** Part of the subject, in any case. */
  subject?: string
  /** Mails received at this instant or later, in milliseconds since 1970. */
  sinceMs?: number
  limit?: number
}

export interface Mailbox {
  /**
   * Keeps one finished mail; with `delayMs` it is on its way for so long and seen by nobody. Throws `NotAMail` when the
   * bytes are none.
   */
  receive: (raw: Uint8Array, options?: { delayMs?: number }) => { id: string; isNew: boolean }
  list: (filter?: MailFilter) => Message[]
  find: (id: string) => Message | undefined
  /** The bytes as they were handed over. */
  findRaw: (id: string) => Uint8Array | undefined
  findAttachment: (wanted: { id: string; position: number }) => Attachment | undefined
  markRead: (id: string) => void
  remove: (id: string) => boolean
  /** Empties the outbox and says how many mails were in it. */
  clear: () => number
  count: () => number
  unreadCount: () => number
  /** Mails that a damaged journal could not give back when the sandbox started. */
  lostCount: number
}

/** Opens the outbox. With a folder it survives a restart; `now` is the sandbox clock. */
export function createMailbox({ now, folder }: { now: () => Date; folder?: string }): Mailbox {
  const store = openMailStore(folder)
  const kept = () => [...store.kept.values()].map(({ message }) => message)
  // A mail that is kept back is in the store, so that nothing loses it, and has an arrival in the future.
  const messages = () => kept().filter((message) => Date.parse(message.receivedAt) <= now().getTime())
  return {
    receive(raw, { delayMs = 0 } = {}) {
      const { messageId } = parseMail(raw)
      const twin = messageId === '' ? undefined : kept().find((message) => message.messageId === messageId)
      if (twin !== undefined) return { id: twin.id, isNew: false }
      const id = store.nextId()
      store.put({ id, receivedAt: new Date(now().getTime() + delayMs).toISOString(), raw })
      return { id, isNew: true }
    },
    list({ limit, ...filter } = {}) {
      const matching = messages().filter((message) => matches(message, filter))
      const newestFirst = matching.toReversed().toSorted((one, other) => compareText(other.receivedAt, one.receivedAt))
      return newestFirst.slice(0, limit)
    },
    find: (id) => messages().find((message) => message.id === id),
    findRaw: (id) => store.kept.get(id)?.raw,
    findAttachment({ id, position }) {
      const held = store.kept.get(id)
      return held && parseMail(held.raw).attachments[position]
    },
    markRead(id) {
      if (store.kept.get(id)?.message.read === false) store.markRead(id)
    },
    remove(id) {
      const isKept = store.kept.has(id)
      if (isKept) store.remove(id)
      return isKept
    },
    clear() {
      const count = store.kept.size
      store.clear()
      return count
    },
    count: () => messages().length,
    unreadCount: () => messages().filter((message) => !message.read).length,
    lostCount: store.lostCount,
  }
}

/** Instants in UTC sort as they are written. */
function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function matches(message: Message, { to, subject, sinceMs }: MailFilter): boolean {
  const recipients = [...message.to, ...message.cc, ...message.bcc]
  const wanted = to?.trim().toLowerCase() ?? ''
  const isRecipient = ({ name, address }: Address) =>
    wanted.includes('@') ? address.toLowerCase() === wanted : `${name} ${address}`.toLowerCase().includes(wanted)
  if (wanted !== '' && !recipients.some(isRecipient)) return false
  if (subject && !message.subject.toLowerCase().includes(subject.trim().toLowerCase())) return false
  return sinceMs === undefined || Date.parse(message.receivedAt) >= sinceMs
}
