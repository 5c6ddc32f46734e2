/**
 * Tells the ends of the chains to a place outside the database, so that a chain that was rewritten, or cut off together with its end, can be
 * found out (TRU-21, TRU-97). What surprises: what was told is remembered by this process alone, because whoever may edit the chain may edit a note
 * about it as well; so the first round after a start tells every end again. And a line of the log has to stay short: it names a hundred ends,
 * those that have waited longest first, and gives the digest of all. The file takes all of them each time.
 */
import { appendLines, tokenHash, withoutScope, type Database, type Logs } from '#platform'
import { lineOf, type Anchor } from './anchor.ts'
import { listHeads } from './store.ts'

export type AnchorGround = {
  readonly database: Database
  readonly logs: Logs
  /** From `AUDIT_ANCHOR_FILE`. */
  readonly file: string | undefined
  readonly listOperatorIds: () => Promise<readonly string[]>
}

const operatorsAtOnce = 500
const mostNamed = 100

/** Ends that were not told yet. An operator keeps its place in the row when its chain moves on meanwhile. */
type Waiting = Map<string, Anchor>

/** @returns one round; the caller says when. A file that cannot be written stops nothing: it is logged, and tried again in the next round. */
export function createAnchorRounds(ground: AnchorGround): (signal?: AbortSignal) => Promise<void> {
  const seen = new Map<string, bigint>()
  const [forLog, forFile]: [Waiting, Waiting] = [new Map(), new Map()]
  return async (signal) => {
    for (const anchor of await readEnds(ground, signal)) {
      if (seen.get(anchor.operatorId) === anchor.seq) continue
      seen.set(anchor.operatorId, anchor.seq)
      forLog.set(anchor.operatorId, anchor)
      if (ground.file !== undefined) forFile.set(anchor.operatorId, anchor)
    }
    const isKept = await appendToFile(ground, forFile)
    tellLog(ground, forLog, isKept)
  }
}

async function readEnds(
  { database, listOperatorIds }: AnchorGround,
  signal: AbortSignal | undefined,
): Promise<readonly Anchor[]> {
  const ends: Anchor[] = []
  const operatorIds = await listOperatorIds()
  for (let from = 0; from < operatorIds.length; from += operatorsAtOnce) {
    if (signal?.aborted) break
    const some = operatorIds.slice(from, from + operatorsAtOnce)
    const heads = await withoutScope(database, (rows) => listHeads(rows, some))
    const at = database.clock.now()
    for (const head of heads) if (head.seq > 0n) ends.push({ ...head, at })
  }
  return ends
}

/** The file is made in the first round, also when there is nothing to tell yet: so a wrong path is known at the start. */
async function appendToFile({ file, logs }: AnchorGround, waiting: Waiting): Promise<boolean> {
  if (file === undefined) return false
  try {
    await appendLines(file, [...waiting.values()].map(lineOf))
    waiting.clear()
    return true
  } catch (error) {
    const about = { file, waiting: waiting.size, error: error instanceof Error ? error.message : String(error) }
    logs.error(about, 'the audit log is not anchored in AUDIT_ANCHOR_FILE, it will be tried again in five minutes')
    return false
  }
}

/** @param isKept the file has all of them: then none has to wait for the next line. */
function tellLog({ logs }: AnchorGround, waiting: Waiting, isKept: boolean): void {
  if (waiting.size === 0) return
  const all = [...waiting.values()]
  const named = all.slice(0, mostNamed)
  for (const { operatorId } of isKept ? all : named) waiting.delete(operatorId)
  const line = {
    heads: all.length,
    digest: tokenHash(all.map(lineOf).join('\n')),
    named: named.map(({ operatorId, seq, hash }) => `${operatorId} ${seq} ${hash}`),
    waiting: waiting.size,
  }
  logs.info(line, 'audit log anchored')
}
