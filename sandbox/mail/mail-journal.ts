/**
 * The outbox on disk: one line per happening, appended before anybody is answered, so a killed process forgets nothing
 * it had accepted. A line cut short by a power cut is dropped, the file is shortened to the last whole line, and the loss
 * is told to the caller instead of hidden.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type JournalEntry =
  | { kind: 'stored'; id: string; receivedAt: string; raw: string; read: boolean }
  | { kind: 'read'; id: string }
  | { kind: 'removed'; id: string }
  | { kind: 'numbered'; next: number }

export interface MailJournal {
  /** What the file held when it was opened, oldest first. */
  entries: JournalEntry[]
  /** Lines that could not be read back. */
  lostCount: number
  append: (entry: JournalEntry) => void
  /** Replaces the whole file, atomically, by these entries. */
  rewrite: (entries: readonly JournalEntry[]) => void
}

/** Opens (or begins) the journal in this folder; without a folder everything lives in memory only. */
export function openMailJournal(folder: string | undefined): MailJournal {
  if (folder === undefined) return { entries: [], lostCount: 0, append: () => {}, rewrite: () => {} }
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'mail.jsonl')
  const { entries, lostCount } = readEntries(file)
  const journal: MailJournal = {
    entries,
    lostCount,
    append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`),
    rewrite: (kept) => {
      writeFileSync(`${file}.new`, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
      renameSync(`${file}.new`, file)
    },
  }
  if (lostCount > 0) journal.rewrite(entries)
  return journal
}

function readEntries(file: string): { entries: JournalEntry[]; lostCount: number } {
  if (!existsSync(file)) return { entries: [], lostCount: 0 }
  const entries: JournalEntry[] = []
  let lostCount = 0
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue
    const entry = readEntry(line)
    if (entry === null) lostCount++
    else entries.push(entry)
  }
  return { entries, lostCount }
}

function readEntry(line: string): JournalEntry | null {
  try {
    return JSON.parse(line) as JournalEntry
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
