/**
 * Walks the chain of one operator from its first entry and recounts every hash (TRU-21, TRU-97): an entry that was edited, taken out,
 * exchanged or cut off the end is named by its number. The end is read first, so that entries written meanwhile stand behind it and do not look
 * like a cut.
 */
import type { ScopedHandle } from '#platform'
import { chainStart, hashOf } from './entry.ts'
import { findHead, listChain } from './store.ts'

export type ChainReport = {
  readonly entries: bigint
  /** The first entry that does not fit, and what is wrong there; absent while the chain is whole. */
  readonly broken?: { readonly seq: bigint; readonly words: string }
}

const pageSize = 1_000

export async function verifyChain(rows: ScopedHandle): Promise<ChainReport> {
  const before = await findHead(rows)
  let [seq, hash] = [0n, chainStart]
  let atEnd: string | undefined
  for (;;) {
    const page = await listChain(rows, seq, pageSize)
    for (const entry of page) {
      const words = faultOf(rows.scope.operatorId, entry, { seq, hash })
      if (words !== undefined) return { entries: seq, broken: { seq: seq + 1n, words } }
      ;[seq, hash] = [entry.seq, entry.hash]
      if (seq === before?.seq) atEnd = hash
    }
    if (page.length < pageSize) break
  }
  // The first entry of all may have been written meanwhile.
  const end = before ?? (await findHead(rows))
  if (end ? (atEnd ?? hash) === end.hash && seq >= end.seq : seq === 0n) return { entries: seq }
  const words = `cut after entry ${seq}: the end of the chain says ${end?.seq ?? 0n}`
  return { entries: seq, broken: { seq: seq + 1n, words } }
}

type Entry = Awaited<ReturnType<typeof listChain>>[number]

function faultOf(
  operatorId: string,
  entry: Entry,
  last: { readonly seq: bigint; readonly hash: string },
): string | undefined {
  if (entry.seq !== last.seq + 1n) return `entry ${last.seq + 1n} is missing`
  if (entry.prevHash !== last.hash) return `entry ${entry.seq} does not follow the one before`
  return entry.hash === hashOf(operatorId, entry) ? undefined : `entry ${entry.seq} was changed`
}
