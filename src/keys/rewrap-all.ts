/**
 * Brings every sealed value under the newest master key while everything runs (TRU-33). Each step leaves a state in which all values
 * open for whoever knows both keys, so it may be killed at any point, run twice or run beside itself: what is done is found done. What
 * surprises: it walks until a whole walk found nothing to do, because a process that still seals with an older key may have written
 * behind its back.
 */
import { sealedUnder, withoutScope, UnknownMasterKey, type Database, type SecretBox } from '#platform'
import { forgetMasterKeys, listMasterKeys, noteMasterKey, type Change, type Stored } from './store.ts'
import { walkSealed, type Replace, type Walk } from './walk.ts'

export type Rewrapped = {
  /** How many values were wrapped anew. */
  readonly rewrapped: number
  readonly walks: number
  /** How many values the last walk found under each master key. */
  readonly byKey: ReadonlyMap<string, number>
  /** Values that no key at hand opens, and why, one sentence each. */
  readonly faults: readonly string[]
  /** Master keys that nothing needs any more since now. */
  readonly forgotten: readonly string[]
}

const mostWalks = 5
const formless = 'of no known form'

type Tally = { rewrapped: number; busy: number; readonly byKey: Map<string, number>; readonly faults: string[] }

/** Ends with values under older keys only when something kept writing them, or no key opens them. */
export async function rewrapAll(box: SecretBox, walk: Walk): Promise<Rewrapped> {
  let rewrapped = 0
  for (let walks = 1; ; walks += 1) {
    const tally: Tally = { rewrapped: 0, busy: 0, byKey: new Map(), faults: [] }
    await walkSealed(walk, (stored, replace) => rewrapBatch({ box, tally }, stored, replace))
    rewrapped += tally.rewrapped
    const isQuiet = tally.rewrapped === 0 && tally.busy === 0
    if (!isQuiet && walks < mostWalks) continue
    const { byKey, faults } = tally
    const forgotten = isQuiet ? await keepRegister(walk.database, { box, byKey }) : []
    return { rewrapped, walks, byKey, faults, forgotten }
  }
}

async function rewrapBatch(
  { box, tally }: { readonly box: SecretBox; readonly tally: Tally },
  batch: readonly Stored[],
  replace: Replace,
): Promise<void> {
  const changes: Change[] = []
  for (const stored of batch) {
    const { keyId, text, fault } = wrapAnew(box, stored)
    if (fault !== undefined) tally.faults.push(fault)
    if (text === undefined) count(tally, keyId)
    else changes.push({ stored, after: text })
  }
  const replaced = await replace(changes)
  tally.rewrapped += replaced.size
  tally.busy += changes.length - replaced.size
  for (const { stored } of changes) count(tally, replaced.has(stored) ? box.keyId : sealedUnder(stored.sealed))
}

function count({ byKey }: Tally, keyId: string): void {
  byKey.set(keyId, (byKey.get(keyId) ?? 0) + 1)
}

type WrappedAnew = { readonly keyId: string; readonly text?: string | undefined; readonly fault?: string }

function wrapAnew(box: SecretBox, { sealed, operatorId, column, rowId }: Stored): WrappedAnew {
  let keyId: string = formless
  try {
    keyId = sealedUnder(sealed)
    return { keyId, text: box.rewrap(sealed, operatorId) }
  } catch (error) {
    const why = error instanceof UnknownMasterKey ? error.message : 'It was altered, or belongs to somebody else.'
    return { keyId, fault: `${column.table}.${column.column} of operator ${operatorId}, row ${rowId}: ${why}` }
  }
}

/** The register follows what a quiet walk saw: a key found in use stands in it, one that nothing needs does not. */
async function keepRegister(
  database: Database,
  { box, byKey }: { readonly box: SecretBox; readonly byKey: ReadonlyMap<string, number> },
): Promise<readonly string[]> {
  return withoutScope(database, async (rows) => {
    for (const id of byKey.keys()) if (id !== formless) await noteMasterKey(rows, { id, at: database.clock.now() })
    const noted = await listMasterKeys(rows)
    const unneeded = noted.filter((id) => id !== box.keyId && !byKey.has(id))
    await forgetMasterKeys(rows, unneeded)
    return unneeded
  })
}
