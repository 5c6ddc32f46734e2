/** The SQL of the one renter whom test payments are charged to. */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'

/** Undefined before the first test payment. */
export async function findTestPayer(rows: ScopedHandle): Promise<Uuid | undefined> {
  const row = await rows
    .selectFrom('app.test_payers')
    .select('renter_id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .executeTakeFirst()
  return row?.renter_id
}

export async function insertTestPayer(rows: ScopedHandle, renterId: Uuid): Promise<void> {
  await rows
    .insertInto('app.test_payers')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      renter_id: renterId,
      created_at: rows.clock.now(),
    })
    .execute()
}
