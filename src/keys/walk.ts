/** A walk past every sealed value: operator by operator and mode by mode, each under its own scope, and the installation's own last. */
import { inScope, withoutScope, type Database } from '#platform'
import { installation } from './sealed-columns.ts'
import {
  listInstallationSealed,
  listOwnSealed,
  replaceInstallationSealed,
  replaceOwnSealed,
  type Stored,
} from './store.ts'

export type Walk = {
  readonly database: Database
  readonly operatorIds: readonly string[]
  /** How many operators at once; one where the database has room for one. */
  readonly atOnce?: number
  /** Told now and then how many operators are behind. */
  readonly tell?: (behind: number) => void
}

export type Met = Stored & {
  readonly operatorId: string
  /** In the transaction of the walk. @returns false when the value changed meanwhile or somebody is at its row. */
  replace(after: string): Promise<boolean>
}

const tellEvery = 500

/** @param visit awaited for each value; what it throws ends the walk. */
export async function walkSealed(
  { database, operatorIds, atOnce = 4, tell }: Walk,
  visit: (met: Met) => Promise<void>,
): Promise<void> {
  let [next, behind] = [0, 0]
  const walker = async (): Promise<void> => {
    for (let operatorId = operatorIds[next++]; operatorId !== undefined; operatorId = operatorIds[next++]) {
      for (const mode of ['test', 'live'] as const) await visitOperator(database, { operatorId, mode }, visit)
      behind += 1
      if (behind % tellEvery === 0) tell?.(behind)
    }
  }
  const walkers = database.kind === 'pglite' ? 1 : atOnce
  await Promise.all(Array.from({ length: walkers }, walker))
  await withoutScope(database, async (rows) => {
    for (const stored of await listInstallationSealed(rows))
      await visit({
        ...stored,
        operatorId: installation,
        replace: (after) => replaceInstallationSealed(rows, stored, after),
      })
  })
}

function visitOperator(
  database: Database,
  scope: { readonly operatorId: string; readonly mode: 'test' | 'live' },
  visit: (met: Met) => Promise<void>,
): Promise<void> {
  return inScope(database, scope, async (rows) => {
    for (const stored of await listOwnSealed(rows))
      await visit({
        ...stored,
        operatorId: scope.operatorId,
        replace: (after) => replaceOwnSealed(rows, stored, after),
      })
  })
}
