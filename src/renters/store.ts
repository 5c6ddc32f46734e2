/** All SQL of the renters and of their Customers at Stripe. */
import type { CustomerId, Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { CleanDetails } from './details.ts'
import type { Renter } from './renter.ts'

/** The two columns every row here carries: in WHERE as well as in the policy, because only the former finds the shard (ARC-33). */
export function own({ scope }: ScopedHandle) {
  return { operator_id: scope.operatorId, mode: scope.mode }
}

/** `business_name` → `businessName`: fields and columns have the same names in two spellings; null is left out. */
export function toFields<Noun>(row: Readonly<Record<string, unknown>>): Noun {
  const fields = Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(([column, value]) => [column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value])
  return Object.fromEntries(fields) as Noun
}

/** The next renter number's count; a rollback gives it back, because the row is locked until then. */
export async function takeRenterSeq(rows: ScopedHandle): Promise<bigint> {
  const row = await rows
    .insertInto('app.number_series')
    .values({ ...own(rows), series: 'renter', next_seq: '2' })
    .onConflict((conflict) =>
      conflict
        .columns(['operator_id', 'mode', 'series', 'bucket'])
        .doUpdateSet({ next_seq: sql`app.number_series.next_seq + 1` }),
    )
    .returning(sql<string>`next_seq - 1`.as('seq'))
    .executeTakeFirstOrThrow()
  return BigInt(row.seq)
}

export async function insertRenter(rows: ScopedHandle, renter: Renter): Promise<void> {
  const now = rows.clock.now()
  await rows
    .insertInto('app.renters')
    .values({
      ...own(rows),
      id: renter.id,
      number: renter.number,
      ...detailColumns(renter),
      autopay: renter.autopay,
      created_at: now,
      updated_at: now,
    })
    .execute()
}

/** @returns false when the version is no longer the present one; then nothing was written. */
export async function updateDetails(
  rows: ScopedHandle,
  change: CleanDetails & { readonly id: Uuid; readonly version: number },
): Promise<boolean> {
  const result = await rows
    .updateTable('app.renters')
    .set({ ...detailColumns(change), version: change.version + 1, updated_at: rows.clock.now() })
    .where(({ and }) => and({ ...own(rows), id: change.id, version: change.version }))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

function detailColumns(details: CleanDetails) {
  return {
    kind: details.kind,
    name: details.name,
    business_name: details.businessName,
    email: details.email,
    phone: details.phone,
    billing_address: details.billingAddress,
    tax_number: details.taxNumber,
    manual_payments_allowed: details.manualPaymentsAllowed,
  }
}

export async function findRenter(rows: ScopedHandle, id: Uuid): Promise<Renter | undefined> {
  const row = await renters(rows).where('id', '=', id).executeTakeFirst()
  return row && toFields<Renter>(row)
}

export async function listRentersById(rows: ScopedHandle, ids: readonly Uuid[]): Promise<readonly Renter[]> {
  if (ids.length === 0) return []
  const found = await renters(rows)
    .where(sql<boolean>`id = any (${ids}::uuid[])`)
    .execute()
  return found.map((row) => toFields<Renter>(row))
}

export async function getRenter(rows: ScopedHandle, id: Uuid): Promise<Renter> {
  return toFields<Renter>(await renters(rows).where('id', '=', id).executeTakeFirstOrThrow())
}

/** @throws when there is no such renter in this scope. */
export async function lockRenter(rows: ScopedHandle, id: Uuid): Promise<Renter> {
  return toFields<Renter>(await renters(rows).where('id', '=', id).forUpdate().executeTakeFirstOrThrow())
}

export type RenterFilter = { readonly text?: string | undefined }

/** A page by number of creation, newest first. @param page `after` is the id of the last row seen. */
export async function listRenters(
  rows: ScopedHandle,
  page: RenterFilter & { readonly after?: Uuid | undefined; readonly limit: number },
): Promise<readonly Renter[]> {
  let query = filtered(rows, page).orderBy('id', 'desc').limit(page.limit)
  if (page.after !== undefined) query = query.where('id', '<', page.after)
  return (await query.execute()).map((row) => toFields<Renter>(row))
}

/** How many there are, counted no further than `cap`. */
export async function countRenters(rows: ScopedHandle, filter: RenterFilter, cap = 1000): Promise<number> {
  const found = await rows
    .selectFrom(filtered(rows, filter).limit(cap).as('counted'))
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(found.count)
}

function filtered(rows: ScopedHandle, { text }: RenterFilter) {
  const words = text?.trim()
  if (!words) return renters(rows)
  const pattern = `%${words.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return renters(rows).where(({ eb, or }) =>
    or(['name', 'business_name', 'email', 'number', 'phone'].map((column) => eb(column, 'ilike', pattern))),
  )
}

function renters(rows: ScopedHandle) {
  return rows
    .selectFrom('app.renters')
    .selectAll()
    .where(({ and }) => and(own(rows)))
}

/** The renter's Customer in the account of this connection, if one was made and not deleted since. */
export async function findCustomerId(
  rows: ScopedHandle,
  about: { readonly renterId: Uuid; readonly connectionId: Uuid },
): Promise<CustomerId | undefined> {
  return (await customerOf(rows, about, false))?.stripe_customer_id
}

/** The Customer this renter had there before it was deleted in Stripe; a new one takes its place. */
export async function findDeletedCustomerId(
  rows: ScopedHandle,
  about: { readonly renterId: Uuid; readonly connectionId: Uuid },
): Promise<CustomerId | undefined> {
  return (await customerOf(rows, about, true))?.stripe_customer_id
}

function customerOf(rows: ScopedHandle, about: { renterId: Uuid; connectionId: Uuid }, isDeleted: boolean) {
  return customers(rows)
    .where(({ and }) => and({ renter_id: about.renterId, connection_id: about.connectionId, is_deleted: isDeleted }))
    .executeTakeFirst()
}

/** Whose Customer it is; undefined when it is none of ours. */
export async function findRenterOfCustomer(
  rows: ScopedHandle,
  about: { readonly connectionId: Uuid; readonly customerId: CustomerId },
): Promise<Uuid | undefined> {
  const row = await customers(rows)
    .where(({ and }) => and({ connection_id: about.connectionId, stripe_customer_id: about.customerId }))
    .executeTakeFirst()
  return row?.renter_id
}

export async function markCustomerDeleted(
  rows: ScopedHandle,
  about: { readonly connectionId: Uuid; readonly customerId: CustomerId },
): Promise<void> {
  await rows
    .updateTable('app.renter_customers')
    .set({ is_deleted: true })
    .where(({ and }) => and({ ...own(rows), connection_id: about.connectionId, stripe_customer_id: about.customerId }))
    .execute()
}

function customers(rows: ScopedHandle) {
  return rows
    .selectFrom('app.renter_customers')
    .select(['renter_id', 'stripe_customer_id'])
    .where(({ and }) => and(own(rows)))
}

/** Recording the same pair twice keeps the first; two jobs that both made a Customer agree on one. @returns the one that counts. */
export async function recordCustomerId(
  rows: ScopedHandle,
  report: { readonly renterId: Uuid; readonly connectionId: Uuid; readonly customerId: CustomerId },
): Promise<CustomerId> {
  await rows
    .insertInto('app.renter_customers')
    .values({
      ...own(rows),
      renter_id: report.renterId,
      connection_id: report.connectionId,
      stripe_customer_id: report.customerId,
      created_at: rows.clock.now(),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['operator_id', 'mode', 'renter_id', 'connection_id'])
        .doUpdateSet({ stripe_customer_id: report.customerId, is_deleted: false })
        .where('app.renter_customers.is_deleted', '=', true),
    )
    .execute()
  return (await findCustomerId(rows, report)) ?? report.customerId
}

/** Says why automatic charges of this renter wait; a method that is chosen as default ends it. */
export async function pauseAutopay(
  rows: ScopedHandle,
  pause: { renterId: Uuid; reason: string | null },
): Promise<void> {
  await rows
    .updateTable('app.renters')
    .set({ autopay_paused_reason: pause.reason })
    .where(({ and }) => and({ ...own(rows), id: pause.renterId }))
    .execute()
}
