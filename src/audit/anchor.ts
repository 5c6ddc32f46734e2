/** The noun: where an operator's chain ended at an instant, as it is told outside the database (TRU-97). Pure. */
import { isUuid } from '#kernel'

/** One line of the file of anchors. `seq` is the number of the last entry and `hash` its hash. */
export type Anchor = {
  readonly operatorId: string
  readonly seq: bigint
  readonly hash: string
  readonly at: Date
}

/** JSON, without the end of the line. */
export function lineOf({ operatorId, seq, hash, at }: Anchor): string {
  return JSON.stringify({ operatorId, seq: Number(seq), hash, at: at.toISOString() })
}

/** Undefined for a line that is not whole, or was never one of ours. */
export function parseLine(line: string): Anchor | undefined {
  try {
    const { operatorId, seq, hash, at } = JSON.parse(line) as Record<string, unknown>
    const instant = new Date(String(at))
    if (typeof operatorId !== 'string' || !isUuid(operatorId) || Number.isNaN(instant.getTime())) return undefined
    if (!Number.isSafeInteger(seq) || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return undefined
    return { operatorId, seq: BigInt(seq as number), hash, at: instant }
  } catch {
    return undefined
  }
}
