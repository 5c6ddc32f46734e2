/** Walks the chains of all operators and holds them against what was anchored outside (TRU-21, TRU-97). Reads only. */
import { inScope, type Database } from '#platform'
import { readAnchors } from './read-anchors.ts'
import { verifyChain, type ChainReport } from './verify-chain.ts'

export type ChainsReport = {
  readonly operators: number
  readonly entries: bigint
  /** How many anchors were compared; undefined without a file. */
  readonly anchors: number | undefined
  /** Lines of the file that are not whole. */
  readonly unreadable: number
  readonly wrong: readonly { readonly operatorId: string; readonly seq: bigint; readonly words: string }[]
}

/**
 * @param about.file anchors; undefined when nothing was anchored in a file. They are read before the first chain, so that what is written
 * meanwhile does not look strange. @throws the error of opening the file.
 */
export async function verifyChains(
  database: Database,
  about: { readonly listOperatorIds: () => Promise<readonly string[]>; readonly file: string | undefined },
): Promise<ChainsReport> {
  const anchors = about.file === undefined ? undefined : await readAnchors(about.file)
  const byOperator = anchors?.byOperator ?? new Map()
  // An operator that was taken out altogether has anchors left.
  const operatorIds = new Set([...(await about.listOperatorIds()), ...byOperator.keys()])
  const wrong: ChainsReport['wrong'][number][] = []
  let entries = 0n
  for (const operatorId of operatorIds) {
    const scope = { operatorId, mode: 'test' } as const
    const verify = (rows: Parameters<typeof verifyChain>[0]): Promise<ChainReport> =>
      verifyChain(rows, byOperator.get(operatorId))
    const report = await inScope(database, scope, verify)
    entries += report.entries
    if (report.broken) wrong.push({ operatorId, ...report.broken })
  }
  const unreadable = anchors?.unreadable ?? 0
  return { operators: operatorIds.size, entries, anchors: anchors?.count, unreadable, wrong }
}
