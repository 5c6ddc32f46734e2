/**
 * All SQL of sealed values wherever they stand, and of the register of master keys. A value is replaced only while it is still the one
 * that was read, and a row somebody holds is passed over, so that re-wrapping neither undoes a change nor keeps anybody waiting.
 */
import type { GlobalHandle } from '#platform'
import { sql } from 'kysely'
import { installation, sealedColumns, type SealedColumn } from './sealed-columns.ts'

/** One sealed value and where it stands. */
export type Stored = {
  readonly column: SealedColumn
  readonly operatorId: string
  /** Empty for what is the installation's. */
  readonly mode: string
  readonly rowId: string
  readonly sealed: string
}

export type Change = { readonly stored: Stored; readonly after: string }

type Found = { readonly operator_id: string; readonly mode: string; readonly id: string; readonly held: string }

/** The sealed values of these operators in both modes, each read under its own scope by the database. */
export async function listSealed(rows: GlobalHandle, operatorIds: readonly string[]): Promise<readonly Stored[]> {
  const all: Stored[] = []
  const byTable = Map.groupBy(ofOperators, ({ table }) => table)
  for (const [table, columns] of byTable) {
    const names = columns.map(({ column }) => column)
    const found = await sql<Found & { sealed: string }>`
      select * from app.list_sealed(${table}::regclass, ${names}::text[], ${operatorIds}::uuid[])`.execute(rows)
    for (const { operator_id: operatorId, mode, id: rowId, held, sealed } of found.rows)
      all.push({ column: columns.find(({ column }) => column === held)!, operatorId, mode, rowId, sealed })
  }
  return all
}

/**
 * Puts the new texts where the old ones still stand. @returns those that were replaced; the others changed meanwhile, or somebody is at
 * their row, and they are for a later look.
 */
export async function replaceSealed(rows: GlobalHandle, changes: readonly Change[]): Promise<ReadonlySet<Stored>> {
  const replaced = new Set<Stored>()
  for (const [column, ofColumn] of Map.groupBy(changes, ({ stored }) => stored.column)) {
    const wishes = ofColumn.map(({ stored, after }) => ({
      operator_id: stored.operatorId,
      mode: stored.mode,
      id: stored.rowId,
      before: stored.sealed,
      after,
    }))
    const { rows: done } = await sql<{ id: string }>`
      select id from app.replace_sealed(${column.table}::regclass, ${column.column}, ${JSON.stringify(wishes)}::jsonb)`.execute(
      rows,
    )
    const ids = new Set(done.map(({ id }) => id))
    for (const { stored } of ofColumn) if (ids.has(stored.rowId)) replaced.add(stored)
  }
  return replaced
}

const ofOperators = sealedColumns.filter(({ holder }) => holder === 'operator')
const [ofInstallation] = sealedColumns.filter(({ holder }) => holder === 'installation')

/** The sealed values of the installation. */
export async function listInstallationSealed(rows: GlobalHandle): Promise<readonly Stored[]> {
  const found = await rows.selectFrom('app.installation_secrets').select(['name', 'sealed']).execute()
  return found.map(({ name, sealed }) => ({
    column: ofInstallation!,
    operatorId: installation,
    mode: '',
    rowId: name,
    sealed,
  }))
}

/** As `replaceSealed`, for what is the installation's. */
export async function replaceInstallationSealed(
  rows: GlobalHandle,
  changes: readonly Change[],
): Promise<ReadonlySet<Stored>> {
  const replaced = new Set<Stored>()
  for (const { stored, after } of changes) {
    const { numUpdatedRows } = await rows
      .updateTable('app.installation_secrets')
      .set({ sealed: after })
      .where('name', '=', stored.rowId)
      .where('sealed', '=', stored.sealed)
      .executeTakeFirst()
    if (numUpdatedRows === 1n) replaced.add(stored)
  }
  return replaced
}

/** The ids of the master keys that stored values may need. */
export async function listMasterKeys(rows: GlobalHandle): Promise<readonly string[]> {
  const found = await rows.selectFrom('app.master_keys').select('id').orderBy('noted_at').execute()
  return found.map(({ id }) => id)
}

/** Before the first value is sealed under it. */
export async function noteMasterKey(rows: GlobalHandle, { id, at }: { id: string; at: Date }): Promise<void> {
  await rows
    .insertInto('app.master_keys')
    .values({ id, noted_at: at })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Nothing needs these any more. */
export async function forgetMasterKeys(rows: GlobalHandle, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await rows.deleteFrom('app.master_keys').where('id', 'in', ids).execute()
}

/** Keeps the fresh one when there is none of this name. @returns the one that is kept. */
export async function keepInstallationSecret(
  rows: GlobalHandle,
  { name, fresh }: { readonly name: string; readonly fresh: string },
): Promise<string> {
  await rows
    .insertInto('app.installation_secrets')
    .values({ name, sealed: fresh })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const kept = await rows
    .selectFrom('app.installation_secrets')
    .select('sealed')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return kept.sealed
}

/** For a secret of the installation whose master key is lost: the next start makes another. */
export async function dropInstallationSecret(rows: GlobalHandle, stored: Stored): Promise<void> {
  await rows.deleteFrom('app.installation_secrets').where('name', '=', stored.rowId).execute()
}
