/**
 * Reads the file of anchors, line by line because it only grows. Ends that were told more than once, by several processes or after a
 * restart, are taken once. What surprises: a line that is not whole is no fault of the chain, because a process may have been killed while it
 * wrote; it is counted and passed over.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseLine, type Anchor } from './anchor.ts'

export type Anchors = {
  readonly count: number
  /** Lines that could not be read, such as one half written at the end. */
  readonly unreadable: number
  /** In the order of the chain. Two may stand at one number with different hashes: then the chain was rewritten in between. */
  readonly byOperator: ReadonlyMap<string, readonly Anchor[]>
}

/** @throws the error of opening the file. */
export async function readAnchors(file: string): Promise<Anchors> {
  const found = new Map<string, Map<string, Anchor>>()
  let unreadable = 0
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    if (line === '') continue
    const anchor = parseLine(line)
    if (!anchor) {
      unreadable += 1
      continue
    }
    const known = found.get(anchor.operatorId) ?? new Map<string, Anchor>()
    found.set(anchor.operatorId, known)
    const name = `${anchor.seq} ${anchor.hash}`
    if (!known.has(name)) known.set(name, anchor)
  }
  const bySeq = (one: Anchor, other: Anchor) => Number(one.seq - other.seq)
  const sorted = [...found].map(([id, anchors]) => [id, [...anchors.values()].toSorted(bySeq)] as const)
  const count = sorted.reduce((sum, [, anchors]) => sum + anchors.length, 0)
  return { count, unreadable, byOperator: new Map(sorted) }
}
