/** All SQL of the renters. */
import { findChargingConnection } from '#connections'
import type { CustomerId, PaymentMethodId, Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { CleanDetails } from './details.ts'
import type { Renter, SavedMethod } from './renter.ts'

/** The two columns every row here carries: in WHERE as well as in the policy, because only the former finds the shard (ARC-33). */
function own({ scope }: ScopedHandle) {
  return { operator_id: scope.operatorId, mode: scope.mode }
}

/** `business_name` → `businessName`: fields and columns have the same names in two spellings; null is left out. */
function toFields<Noun>(row: Readonly<Record<string, unknown>>): Noun {
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

export async function insertMethod(
  rows: ScopedHandle,
  method: Omit<SavedMethod, 'isDefault' | 'unusableReason' | 'expiresMonth' | 'expiresYear'> & {
    readonly expiresMonth?: number | undefined
    readonly expiresYear?: number | undefined
  },
): Promise<void> {
  await rows
    .insertInto('app.saved_methods')
    .values({
      ...own(rows),
      id: method.id,
      renter_id: method.renterId,
      connection_id: method.connectionId,
      stripe_payment_method_id: method.stripePaymentMethodId,
      kind: method.kind,
      brand: method.brand,
      last4: method.last4,
      expires_month: method.expiresMonth ?? null,
      expires_year: method.expiresYear ?? null,
      created_at: rows.clock.now(),
    })
    .execute()
}

/** One default per renter: the old one steps back first, because the schema allows only one at a time. */
export async function setDefaultMethod(rows: ScopedHandle, choice: { renterId: Uuid; methodId: Uuid }): Promise<void> {
  const ofRenter = rows
    .updateTable('app.saved_methods')
    .where(({ and }) => and({ ...own(rows), renter_id: choice.renterId }))
  await ofRenter.set({ is_default: false }).where('is_default', '=', true).where('id', '<>', choice.methodId).execute()
  await ofRenter.set({ is_default: true }).where('id', '=', choice.methodId).execute()
}

/** A hard decline: this method is not charged again (STR-82). It stays listed, and stays the default until another is chosen. */
export async function markMethodUnusable(
  rows: ScopedHandle,
  verdict: { readonly methodId: Uuid; readonly reason: string },
): Promise<void> {
  await rows
    .updateTable('app.saved_methods')
    .set({ unusable_reason: verdict.reason })
    .where(({ and }) => and({ ...own(rows), id: verdict.methodId }))
    .execute()
}

/** Newest first. */
export async function listMethods(rows: ScopedHandle, renterId: Uuid): Promise<readonly SavedMethod[]> {
  const found = await methods(rows).where('renter_id', '=', renterId).orderBy('id', 'desc').execute()
  return found.map((row) => toFields<SavedMethod>(row))
}

/** All of one connection that may still be charged. */
export async function listUsableMethodIds(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Uuid[]> {
  const found = await methods(rows)
    .where(({ and }) => and({ connection_id: connectionId }))
    .where('unusable_reason', 'is', null)
    .execute()
  return found.map(({ id }) => id)
}

export async function findMethod(rows: ScopedHandle, id: Uuid): Promise<SavedMethod | undefined> {
  const row = await methods(rows).where('id', '=', id).executeTakeFirst()
  return row && toFields<SavedMethod>(row)
}

export async function getMethod(rows: ScopedHandle, id: Uuid): Promise<SavedMethod> {
  return toFields<SavedMethod>(await methods(rows).where('id', '=', id).executeTakeFirstOrThrow())
}

/** The usable default inside one connection: what an automatic charge uses. */
export async function findDefaultMethod(
  rows: ScopedHandle,
  about: { readonly renterId: Uuid; readonly connectionId: Uuid },
): Promise<SavedMethod | undefined> {
  const row = await methods(rows)
    .where(({ and }) => and({ renter_id: about.renterId, connection_id: about.connectionId, is_default: true }))
    .where('unusable_reason', 'is', null)
    .executeTakeFirst()
  return row && toFields<SavedMethod>(row)
}

/**
 * Whether a renter can be charged without anybody doing anything (BIL-8): by a usable default in the connection that takes payments;
 * `not_connected` when none does.
 */
export async function readPaymentReadiness(
  rows: ScopedHandle,
  renterId: Uuid,
): Promise<'ready' | 'no_method' | 'not_connected'> {
  const connection = await findChargingConnection(rows)
  if (!connection) return 'not_connected'
  const method = await findDefaultMethod(rows, { renterId, connectionId: connection.id })
  return method ? 'ready' : 'no_method'
}

export async function findMethodByStripeId(
  rows: ScopedHandle,
  about: { readonly connectionId: Uuid; readonly stripePaymentMethodId: PaymentMethodId },
): Promise<SavedMethod | undefined> {
  const row = await methods(rows)
    .where(({ and }) =>
      and({ connection_id: about.connectionId, stripe_payment_method_id: about.stripePaymentMethodId }),
    )
    .executeTakeFirst()
  return row && toFields<SavedMethod>(row)
}

function methods(rows: ScopedHandle) {
  return rows
    .selectFrom('app.saved_methods')
    .selectAll()
    .where(({ and }) => and(own(rows)))
}

/** The renter's Customer in the account of this connection, if one was made. */
export async function findCustomerId(
  rows: ScopedHandle,
  about: { readonly renterId: Uuid; readonly connectionId: Uuid },
): Promise<CustomerId | undefined> {
  const row = await rows
    .selectFrom('app.renter_customers')
    .select('stripe_customer_id')
    .where(({ and }) => and({ ...own(rows), renter_id: about.renterId, connection_id: about.connectionId }))
    .executeTakeFirst()
  return row?.stripe_customer_id
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
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'renter_id', 'connection_id']).doNothing())
    .execute()
  return (await findCustomerId(rows, report)) ?? report.customerId
}
