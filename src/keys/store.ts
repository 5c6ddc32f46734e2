/**
 * All SQL of sealed values wherever they stand, and of the register of master keys. A value is replaced only while it is still the one
 * that was read, and a row somebody holds is passed over, so that re-wrapping neither undoes a change nor keeps anybody waiting.
 */
import type { GlobalHandle, ScopedHandle } from '#platform'
import { sql, type RawBuilder } from 'kysely'
import { sealedColumns, type SealedColumn } from './sealed-columns.ts'

/** One sealed value and where it stands. */
export type Stored = { readonly column: SealedColumn; readonly rowId: string; readonly sealed: string }

type Found = { readonly place: number; readonly rowId: string; readonly sealed: string }

/** The sealed values of this operator and mode. */
export function listOwnSealed(rows: ScopedHandle): Promise<readonly Stored[]> {
  return listSealed(rows, 'operator', ownRows(rows))
}

/** The sealed values of the installation. */
export function listInstallationSealed(rows: GlobalHandle): Promise<readonly Stored[]> {
  return listSealed(rows, 'installation', sql`true`)
}

async function listSealed(
  rows: GlobalHandle,
  holder: SealedColumn['holder'],
  own: RawBuilder<unknown>,
): Promise<readonly Stored[]> {
  const looks = sealedColumns.flatMap((column, place) => {
    if (column.holder !== holder) return []
    const [table, sealed, id] = [sql.table(column.table), sql.ref(column.column), sql.ref(keyOf(column))]
    return sql`select ${sql.lit(place)}::int as place, ${id}::text as "rowId", ${sealed} as sealed from ${table}
      where ${own} and ${sealed} is not null`
  })
  const found = await sql<Found>`${sql.join(looks, sql` union all `)}`.execute(rows)
  return found.rows.map(({ place, rowId, sealed }) => ({ column: sealedColumns[place]!, rowId, sealed }))
}

/** @returns false when the value is no longer the one that was read, or somebody is at its row. Both are for a later look. */
export function replaceOwnSealed(rows: ScopedHandle, before: Stored, after: string): Promise<boolean> {
  return replaceSealed(rows, ownRows(rows), { ...before, after })
}

/** As `replaceOwnSealed`, for a value of the installation. */
export function replaceInstallationSealed(rows: GlobalHandle, before: Stored, after: string): Promise<boolean> {
  return replaceSealed(rows, sql`true`, { ...before, after })
}

async function replaceSealed(
  rows: GlobalHandle,
  own: RawBuilder<unknown>,
  { column, rowId, sealed: before, after }: Stored & { readonly after: string },
): Promise<boolean> {
  const [table, sealed, id] = [sql.table(column.table), sql.ref(column.column), sql.ref(keyOf(column))]
  const key = column.holder === 'operator' ? sql`${rowId}::uuid` : sql`${rowId}`
  const { numAffectedRows } = await sql`update ${table} set ${sealed} = ${after}
    where ${own} and ${id} in (
      select ${id} from ${table} where ${own} and ${id} = ${key} and ${sealed} = ${before} for no key update skip locked
    )`.execute(rows)
  return numAffectedRows === 1n
}

function ownRows(rows: ScopedHandle): RawBuilder<unknown> {
  return sql`operator_id = ${rows.scope.operatorId} and mode = ${rows.scope.mode}`
}

const keyOf = ({ holder }: SealedColumn): string => (holder === 'operator' ? 'id' : 'name')

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
