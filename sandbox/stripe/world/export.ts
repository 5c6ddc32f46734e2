/**
 * A state to take along (SBX-4): one header line, then the records of a journal that holds nothing but this state. An import
 * is read to its end before anything is touched, so that a wrong file changes nothing (SBX-48).
 */
import { inChunks, parseEntry, stateVersion } from './journal.ts'
import type { JournalEntry } from './journal.ts'
import type { World } from './world.ts'

/** Thrown for a file that is not taken; the message says why, with both versions where they differ. */
export class ImportRefused extends Error {}

export function exportState(world: World): Buffer {
  const chunks = [...inChunks(world.snapshot())].map((text) => Buffer.from(text))
  const records = chunks.reduce((sum, chunk) => sum + countLines(chunk), 0)
  const header = {
    sandbox: 'stripe',
    version: stateVersion,
    exportedAt: new Date(world.nowMs()).toISOString(),
    records,
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...chunks])
}

/** Puts the exported state in the place of the present one. Throws ImportRefused before anything changed. */
export function importState(world: World, file: Buffer): { readonly records: number; readonly exportedAt: string } {
  const lines = readLines(file)
  const header = readHeader(lines.next().value)
  const entries: JournalEntry[] = []
  for (const line of lines) {
    const entry = parseEntry(line)
    if (entry === undefined || !isWhole(entry))
      throw new ImportRefused(`Line ${entries.length + 2} is not a record of a sandbox.`)
    entries.push(entry)
  }
  if (entries.length !== header.records)
    throw new ImportRefused(`The file has ${entries.length} records and should have ${header.records}: it was cut.`)
  world.replaceBy(entries)
  return { records: header.records, exportedAt: header.exportedAt }
}

interface Header {
  readonly records: number
  readonly exportedAt: string
}

function readHeader(line: string | undefined): Header {
  const header = parseLine(line ?? '')
  if (header['sandbox'] !== 'stripe') throw new ImportRefused('This is no export of a Stripe sandbox.')
  if (header['version'] !== stateVersion)
    throw new ImportRefused(
      `This export is of version ${String(header['version'])}; this sandbox reads version ${stateVersion}.`,
    )
  return { records: Number(header['records']), exportedAt: String(header['exportedAt']) }
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(line)
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** Rows with a space, a kind, an id and an object; what is inside them is trusted, because this sandbox wrote it. */
function isWhole({ drawn, sequence, puts = [], removes = [] }: JournalEntry): boolean {
  const areCounts = Number.isInteger(drawn) && Number.isInteger(sequence)
  return areCounts && Array.isArray(puts) && Array.isArray(removes) && puts.every(isRow)
}

function isRow(put: unknown): boolean {
  if (!Array.isArray(put) || put.length < 6) return false
  const [space, kind, id, sequence, object, hidden] = put as readonly unknown[]
  const areNames = [space, kind, id].every((one) => typeof one === 'string')
  return areNames && Number.isInteger(sequence) && [object, hidden].every((one) => typeof one === 'object')
}

function* readLines(bytes: Buffer): Generator<string> {
  let start = 0
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    yield bytes.toString('utf8', start, end)
    start = end + 1
  }
  if (start < bytes.length) yield bytes.toString('utf8', start)
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, end + 1)) count += 1
  return count
}
