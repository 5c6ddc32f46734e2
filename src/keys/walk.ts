/**
 * A walk past every sealed value, some operators at a time and the installation's own last. Each batch is one transaction of its own, in
 * which the database enters every operator's scope by itself: ten thousand operators in two hundred trips instead of a hundred thousand.
 */
import { withoutScope, type Database } from '#platform'
import {
  listInstallationSealed,
  listSealed,
  replaceInstallationSealed,
  replaceSealed,
  type Change,
  type Stored,
} from './store.ts'

export type Walk = {
  readonly database: Database
  readonly operatorIds: readonly string[]
  /** How many operators in one transaction. Their rows are held until its end, so it is kept short. */
  readonly batch?: number
  /** Told now and then how many operators are behind. */
  readonly tell?: (behind: number) => void
}

/** In the transaction of the batch. @returns which of them took place. */
export type Replace = (changes: readonly Change[]) => Promise<ReadonlySet<Stored>>

const [usualBatch, tellEvery] = [50, 500]

/** @param visit awaited for each batch, whose transaction ends with it; what it throws ends the walk. */
export async function walkSealed(
  { database, operatorIds, batch = usualBatch, tell }: Walk,
  visit: (stored: readonly Stored[], replace: Replace) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < operatorIds.length; from += batch) {
    const some = operatorIds.slice(from, from + batch)
    await withoutScope(database, async (rows) =>
      visit(await listSealed(rows, some), (changes) => replaceSealed(rows, changes)),
    )
    const behind = from + some.length
    if (Math.floor(from / tellEvery) < Math.floor(behind / tellEvery)) tell?.(behind)
  }
  await withoutScope(database, async (rows) =>
    visit(await listInstallationSealed(rows), (changes) => replaceInstallationSealed(rows, changes)),
  )
}
