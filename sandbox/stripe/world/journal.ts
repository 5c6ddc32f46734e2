/**
 * The sandbox's memory on disk: one line of JSON per committed change, written before the answer leaves (SBX-4). A line
 * that was cut by a power loss is dropped at the next start, the lines before it stay. There is no fsync: the promise is
 * to survive kill -9 of the process, and the operating system keeps what was written.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Kind, Row } from './kinds.ts'

export interface JournalEntry {
  /** Draws of the id source so far. */
  readonly drawn: number
  /** Last sequence given to a row. */
  readonly sequence: number
  /** [space, kind, id, sequence, object, hidden] */
  readonly puts?: readonly (readonly [string, string, string, number, unknown, unknown])[]
  /** [space, kind, id] */
  readonly removes?: readonly (readonly [string, string, string])[]
  /** How often a sandbox was started on this folder. */
  readonly start?: number
  readonly seed?: string
}

export class Journal {
  readonly #path: string
  #file: number
  /** Sentences about what could not be read. */
  readonly losses: string[] = []

  /**
   * Opens `folder`, making it where needed, and hands over what is there, oldest first. Throws when the folder cannot be
   * written.
   */
  constructor(folder: string, receive: (entry: JournalEntry) => void) {
    mkdirSync(folder, { recursive: true })
    this.#path = join(folder, 'stripe.journal')
    const bytes = existsSync(this.#path) ? readFileSync(this.#path) : Buffer.alloc(0)
    const goodBytes = readEntries(bytes, receive)
    this.#file = openSync(this.#path, 'a')
    if (goodBytes < bytes.length) this.#dropDamage(folder, bytes.subarray(goodBytes), goodBytes)
  }

  append(entry: JournalEntry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
  }

  /** Replaces the whole history by these entries, for the start after a long life and for reset. */
  rewrite(entries: readonly JournalEntry[]): void {
    const fresh = `${this.#path}.new`
    writeFileSync(fresh, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    closeSync(this.#file)
    renameSync(fresh, this.#path)
    this.#file = openSync(this.#path, 'a')
  }

  close(): void {
    closeSync(this.#file)
  }

  #dropDamage(folder: string, damage: Buffer, goodBytes: number): void {
    writeFileSync(join(folder, 'stripe.journal.damaged'), damage)
    const file = openSync(this.#path, 'r+')
    ftruncateSync(file, goodBytes)
    closeSync(file)
    this.losses.push(
      `The journal was damaged at the end: ${damage.length} bytes after the last complete record were set aside.`,
    )
  }
}

/** One committed change as a line. A row written twice in the change stands in it once, as it ended. */
export function toEntry(
  counts: Pick<JournalEntry, 'drawn' | 'sequence'>,
  puts: readonly [{ readonly name: string }, Row][],
  removes: readonly [{ readonly name: string }, Kind, string][],
): JournalEntry {
  const last = new Map(puts.map(([space, row]) => [`${space.name} ${row.kind} ${row.id}`, [space, row] as const]))
  return {
    ...counts,
    puts: [...last.values()]
      .toSorted(([, one], [, other]) => one.sequence - other.sequence)
      .map(([space, row]) => [space.name, row.kind, row.id, row.sequence, row.object, row.hidden]),
    ...(removes.length > 0 && { removes: removes.map(([space, kind, id]) => [space.name, kind, id] as const) }),
  }
}

/** Returns how many bytes were complete records. */
function readEntries(bytes: Buffer, receive: (entry: JournalEntry) => void): number {
  let start = 0
  for (let end = bytes.indexOf(10, start); end !== -1; end = bytes.indexOf(10, start)) {
    const entry = parseEntry(bytes.toString('utf8', start, end))
    if (entry === undefined) break
    receive(entry)
    start = end + 1
  }
  return start
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null && 'sequence' in entry ? (entry as JournalEntry) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
