/**
 * What the outbox holds, in memory and in its journal, oldest first. The journal is written before memory changes; when
 * it holds far more lines than mails it is written anew, so that its size follows what is kept.
 */
import { openMailJournal } from './mail-journal.ts'
import type { JournalEntry } from './mail-journal.ts'
import { describeMessage } from './message.ts'
import type { Message } from './message.ts'

interface Held {
  message: Message
  raw: Buffer
}

export interface MailStore {
  kept: ReadonlyMap<string, Held>
  /** The id of the next mail; numbers are never used twice, not even after `clear`. */
  nextId: () => string
  /** Only the newest 5,000 stay (SBX-76). */
  put: (mail: { id: string; receivedAt: string; raw: Uint8Array }) => void
  markRead: (id: string) => void
  remove: (id: string) => void
  clear: () => void
  lostCount: number
}

const MAX_MESSAGES = 5_000

/** Reads the journal of this folder back, or begins an empty store in memory. */
export function openMailStore(folder: string | undefined): MailStore {
  const journal = openMailJournal(folder)
  const state: State = { kept: new Map(), next: 1 }
  let lineCount = journal.entries.length
  for (const entry of journal.entries) apply(state, entry)

  const record = (entry: JournalEntry) => {
    journal.append(entry)
    apply(state, entry)
    if (++lineCount > state.kept.size * 2 + MAX_MESSAGES) rewrite()
  }
  const rewrite = () => {
    const entries = [{ kind: 'numbered', next: state.next } as const, ...[...state.kept.values()].map(storedEntry)]
    journal.rewrite(entries)
    lineCount = entries.length
  }
  return {
    kept: state.kept,
    nextId: () => `mail_${String(state.next).padStart(6, '0')}`,
    put: ({ id, receivedAt, raw }) =>
      record({ kind: 'stored', id, receivedAt, raw: Buffer.from(raw).toString('base64'), read: false }),
    markRead: (id) => record({ kind: 'read', id }),
    remove: (id) => record({ kind: 'removed', id }),
    clear: () => {
      state.kept.clear()
      rewrite()
    },
    lostCount: journal.lostCount,
  }
}

interface State {
  kept: Map<string, Held>
  next: number
}

function apply(state: State, entry: JournalEntry): void {
  switch (entry.kind) {
    case 'stored':
      return keep(state, entry)
    case 'removed':
      return void state.kept.delete(entry.id)
    case 'numbered':
      state.next = Math.max(state.next, entry.next)
      return
    case 'read': {
      const held = state.kept.get(entry.id)
      if (held) held.message = { ...held.message, read: true }
    }
  }
}

function keep(state: State, entry: JournalEntry & { kind: 'stored' }): void {
  const { kept } = state
  const raw = Buffer.from(entry.raw, 'base64')
  const { id, receivedAt, read } = entry
  kept.set(id, { message: describeMessage({ id, receivedAt, read, raw }), raw })
  state.next = Math.max(state.next, Number(id.replace(/\D/g, '')) + 1)
  const oldest = kept.keys().next()
  if (kept.size > MAX_MESSAGES && !oldest.done) kept.delete(oldest.value)
}

function storedEntry({ message, raw }: Held): JournalEntry {
  const { id, receivedAt, read } = message
  return { kind: 'stored', id, receivedAt, raw: raw.toString('base64'), read }
}
