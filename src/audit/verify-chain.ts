/**
 * Walks the chain of one operator from its first entry and recounts every hash (TRU-21, TRU-97): an entry that was edited, taken out,
 * exchanged or cut off the end is named by its number. The end is read before the walk, so that entries written meanwhile stand behind it and do
 * not look like a cut, and again after it, so that an end that was put back is found. What surprises: a chain that was recounted after the edit,
 * or cut off together with its end, is whole in itself; only what was anchored outside tells of that.
 */
import type { ScopedHandle } from '#platform'
import type { Anchor } from './anchor.ts'
import { chainStart, hashOf } from './entry.ts'
import { findHead, listChain, type Head } from './store.ts'

export type ChainReport = {
  readonly entries: bigint
  /** The first entry that does not fit, and what is wrong there; absent while the chain is whole. */
  readonly broken?: { readonly seq: bigint; readonly words: string }
}

const pageSize = 1_000

/** @param anchors of this operator, in the order of the chain, read from outside the database before. */
export async function verifyChain(rows: ScopedHandle, anchors: readonly Anchor[] = []): Promise<ChainReport> {
  const before = await findHead(rows)
  const walked = await walk(rows, before, anchors)
  if ('broken' in walked && before) return walked
  const after = await findHead(rows)
  // The very first entries of all were written meanwhile: now there is an end to walk to.
  if (!before && after) return verifyChain(rows, anchors)
  if ('broken' in walked) return walked
  return judgeEnd(walked.entries, { ends: [before, after], anchors })
}

/** Entry by entry. The end is judged later, except for what has to be compared in passing: the hash of the entry the end speaks of. */
async function walk(rows: ScopedHandle, end: Head | undefined, anchors: readonly Anchor[]): Promise<ChainReport> {
  let last: Head = { seq: 0n, hash: chainStart }
  const left = [...anchors].reverse()
  for (;;) {
    const page = await listChain(rows, last.seq, pageSize)
    for (const entry of page) {
      const words = faultOf(rows.scope.operatorId, entry, last) ?? strangeness(entry, end, left)
      if (words !== undefined) return { entries: last.seq, broken: { seq: last.seq + 1n, words } }
      last = entry
    }
    if (page.length < pageSize) return { entries: last.seq }
  }
}

type Entry = Awaited<ReturnType<typeof listChain>>[number]

function faultOf(operatorId: string, entry: Entry, last: Head): string | undefined {
  if (entry.seq !== last.seq + 1n) return `entry ${last.seq + 1n} is missing`
  if (entry.prevHash !== last.hash) return `entry ${entry.seq} does not follow the one before`
  return entry.hash === hashOf(operatorId, entry) ? undefined : `entry ${entry.seq} was changed`
}

/** Whether an entry that fits the one before is another than was told. @param left anchors, the next one last; those of this entry are taken off. */
function strangeness({ seq, hash }: Entry, end: Head | undefined, left: Anchor[]): string | undefined {
  for (let anchor = left.at(-1); anchor && anchor.seq <= seq; anchor = left.at(-1)) {
    left.pop()
    if (anchor.hash !== hash) return `entry ${seq} is not the one that was anchored at ${anchor.at.toISOString()}`
  }
  return end?.seq === seq && end.hash !== hash ? `entry ${seq} is not the one at the end of the chain` : undefined
}

function judgeEnd(
  entries: bigint,
  {
    ends: [before, after],
    anchors,
  }: { ends: readonly [Head | undefined, Head | undefined]; anchors: readonly Anchor[] },
): ChainReport {
  const from = (seq: bigint, words: string): ChainReport => ({ entries, broken: { seq, words } })
  const [least, most] = [before?.seq ?? 0n, after?.seq ?? 0n]
  if (entries < least) return from(entries + 1n, `cut after entry ${entries}: the end of the chain says ${least}`)
  const anchored = anchors.at(-1)?.seq ?? 0n
  if (entries < anchored) return from(entries + 1n, `cut after seq ${entries} (anchor says ${anchored})`)
  if (entries > most) return from(most + 1n, `entries go on to ${entries}: the end of the chain says ${most}`)
  return { entries }
}
