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
  readSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** Grows when what is kept changes its shape: a journal or an export of another version is not read. */
export const stateVersion = 2

/**
 * [space, kind, id, sequence, object, hidden], and for an event that shows an object just as its row stands, the kind and id
 * of that row in place of the object.
 */
export type Put = readonly [string, string, string, number, unknown, unknown, (readonly [string, string])?]

export interface JournalEntry {
  /** Draws of the id source so far. */
  readonly drawn: number
  /** Last sequence given to a row. */
  readonly sequence: number
  readonly puts?: readonly Put[]
  /** [space, kind, id] */
  readonly removes?: readonly (readonly [string, string, string])[]
  /** How often a sandbox was started on this folder. */
  readonly start?: number
  readonly seed?: string
  /** On the first line. */
  readonly version?: number
}

const chunkBytes = 4 * 1024 * 1024

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
    this.#setOtherVersionAside()
    const bytes = existsSync(this.#path) ? statSync(this.#path).size : 0
    const goodBytes = bytes === 0 ? 0 : readEntries(this.#path, receive)
    this.#file = openSync(this.#path, 'a')
    if (goodBytes < bytes) this.#dropDamage(folder, goodBytes)
  }

  append(entry: JournalEntry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
  }

  /** Replaces the whole history by these entries, for the start after a long life, for reset and for an import. */
  rewrite(entries: Iterable<JournalEntry>): void {
    const fresh = `${this.#path}.new`
    const file = openSync(fresh, 'w')
    for (const text of inChunks(entries)) writeSync(file, text)
    closeSync(file)
    closeSync(this.#file)
    renameSync(fresh, this.#path)
    this.#file = openSync(this.#path, 'a')
  }

  close(): void {
    closeSync(this.#file)
  }

  #setOtherVersionAside(): void {
    const version = existsSync(this.#path) ? versionOf(this.#path) : stateVersion
    if (version === stateVersion) return
    renameSync(this.#path, `${this.#path}.version-${version}`)
    this.losses.push(
      `The journal was of version ${version}, this sandbox reads version ${stateVersion}: it was set aside and a new one begun.`,
    )
  }

  #dropDamage(folder: string, goodBytes: number): void {
    const damage = readFileSync(this.#path).subarray(goodBytes)
    writeFileSync(join(folder, 'stripe.journal.damaged'), damage)
    const file = openSync(this.#path, 'r+')
    ftruncateSync(file, goodBytes)
    closeSync(file)
    this.losses.push(
      `The journal was damaged at the end: ${damage.length} bytes after the last complete record were set aside.`,
    )
  }
}

/** Entries as lines, a few megabytes at a time: the whole may be larger than any string can be. */
export function* inChunks(entries: Iterable<JournalEntry>): Generator<string> {
  let text = ''
  for (const entry of entries) {
    text += `${JSON.stringify(entry)}\n`
    if (text.length < chunkBytes) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

/** Of the first line; damage there is found when the rest is read. */
function versionOf(path: string): number {
  const file = openSync(path, 'r')
  const bytes = Buffer.alloc(1024)
  const length = readSync(file, bytes)
  closeSync(file)
  const [line = ''] = bytes.toString('utf8', 0, length).split('\n')
  return length === 0 ? stateVersion : (parseEntry(line)?.version ?? 1)
}

/** Returns how many bytes were complete records. */
function readEntries(path: string, receive: (entry: JournalEntry) => void): number {
  const file = openSync(path, 'r')
  const chunk = Buffer.allocUnsafe(chunkBytes)
  let rest = Buffer.alloc(0)
  let goodBytes = 0
  try {
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const bytes = rest.length === 0 ? chunk.subarray(0, length) : Buffer.concat([rest, chunk.subarray(0, length)])
      let start = 0
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        const entry = parseEntry(bytes.toString('utf8', start, end))
        if (entry === undefined) return goodBytes
        receive(entry)
        goodBytes += end + 1 - start
        start = end + 1
      }
      rest = Buffer.from(bytes.subarray(start))
    }
    return goodBytes
  } finally {
    closeSync(file)
  }
}

/** Undefined for a line that is no record. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null && 'sequence' in entry ? (entry as JournalEntry) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
