/** All SQL of the spaces. */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import type { Category, Location, Prices, Space } from './space.ts'

export async function readLocation(rows: ScopedHandle): Promise<Location> {
  return toLocation(await locations(rows).executeTakeFirstOrThrow())
}

/** One at a time hands out numbers, so that two people creating spaces do not meet in the same number. */
export async function lockLocation(rows: ScopedHandle): Promise<Location> {
  return toLocation(await locations(rows).forUpdate().executeTakeFirstOrThrow())
}

function locations(rows: ScopedHandle) {
  return rows
    .selectFrom('app.locations')
    .select(['id', 'name', 'time_zone', 'currency'])
    .where('operator_id', '=', rows.scope.operatorId)
    .orderBy('id')
    .limit(1)
}

function toLocation(row: { id: Uuid; name: string; time_zone: string; currency: string }): Location {
  return { id: row.id, name: row.name, timeZone: row.time_zone, currency: row.currency }
}

export async function hasCategoryCode(rows: ScopedHandle, code: string): Promise<boolean> {
  const found = await rows
    .selectFrom('app.categories')
    .select('id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('code', '=', code)
    .executeTakeFirst()
  return found !== undefined
}

function priceColumns({ dailyRate, periodPrices, depositMinor }: Prices) {
  const prices = Object.entries(periodPrices).map(([interval, amount]) => [interval, amount.toString()])
  return {
    daily_rate: dailyRate ?? null,
    period_prices: JSON.stringify(Object.fromEntries(prices)),
    deposit_minor: depositMinor.toString(),
  }
}

export async function insertCategory(rows: ScopedHandle, category: Category): Promise<void> {
  await rows
    .insertInto('app.categories')
    .values({
      operator_id: rows.scope.operatorId,
      id: category.id,
      code: category.code,
      name: category.name,
      price_basis: category.priceBasis,
      ...priceColumns(category),
      tax_rate_id: category.taxRateId ?? null,
      created_at: rows.clock.now(),
    })
    .execute()
}

/** Every one, also those no longer offered, so that nobody takes a price from them meanwhile. */
export async function lockCategories(rows: ScopedHandle): Promise<readonly Category[]> {
  const found = await rows
    .selectFrom('app.categories')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .orderBy('id')
    .forUpdate()
    .$castTo<CategoryColumns>()
    .execute()
  return found.map(toCategory)
}

export async function updatePrices(rows: ScopedHandle, id: Uuid, prices: Prices): Promise<void> {
  await rows
    .updateTable('app.categories')
    .set(priceColumns(prices))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('id', '=', id)
    .execute()
}

export type CategoryRow = Category & { readonly spaces: number }

export async function listCategories(rows: ScopedHandle): Promise<readonly CategoryRow[]> {
  const found = await rows
    .selectFrom('app.categories as category')
    .leftJoin('app.spaces as space', (join) =>
      join
        .onRef('space.operator_id', '=', 'category.operator_id')
        .onRef('space.category_id', '=', 'category.id')
        .on('space.archived_at', 'is', null),
    )
    .selectAll('category')
    .select(({ fn }) => fn.count('space.id').as('spaces'))
    .where('category.operator_id', '=', rows.scope.operatorId)
    .where('category.archived_at', 'is', null)
    .groupBy(['category.operator_id', 'category.id'])
    .orderBy('category.code')
    .$castTo<CategoryColumns & { spaces: string }>()
    .execute()
  return found.map((row) => ({ ...toCategory(row), spaces: Number(row.spaces) }))
}

export async function findCategory(rows: ScopedHandle, id: Uuid): Promise<Category | undefined> {
  const row = await rows
    .selectFrom('app.categories')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .$castTo<CategoryColumns>()
    .executeTakeFirst()
  return row && toCategory(row)
}

type CategoryColumns = {
  id: Uuid
  code: string
  name: string
  price_basis: Category['priceBasis']
  daily_rate: string | null
  period_prices: Record<string, string>
  deposit_minor: string
  tax_rate_id: Uuid | null
}

function toCategory(row: CategoryColumns): Category {
  const prices = Object.entries(row.period_prices).map(([interval, amount]) => [interval, BigInt(amount)] as const)
  return {
    id: row.id,
    code: row.code,
    name: row.name,
    priceBasis: row.price_basis,
    ...(row.daily_rate !== null && { dailyRate: row.daily_rate }),
    periodPrices: Object.fromEntries(prices),
    depositMinor: BigInt(row.deposit_minor),
    ...(row.tax_rate_id !== null && { taxRateId: row.tax_rate_id }),
  }
}

export async function listNumbers(rows: ScopedHandle, locationId: Uuid): Promise<ReadonlySet<string>> {
  const found = await rows
    .selectFrom('app.spaces')
    .select('number')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('location_id', '=', locationId)
    .execute()
  return new Set(found.map(({ number }) => number))
}

export async function insertSpaces(rows: ScopedHandle, spaces: readonly Space[]): Promise<void> {
  const now = rows.clock.now()
  await rows
    .insertInto('app.spaces')
    .values(
      spaces.map((space) => ({
        operator_id: rows.scope.operatorId,
        id: space.id,
        location_id: space.locationId,
        category_id: space.category.id,
        number: space.number,
        title: space.title,
        created_at: now,
      })),
    )
    .execute()
}

/** All spaces that are not archived, by number. */
export async function listSpaces(rows: ScopedHandle): Promise<readonly Space[]> {
  const found = await spacesOf(rows).where('space.archived_at', 'is', null).orderBy('space.number').execute()
  return found.map(toSpace)
}

export async function findSpace(rows: ScopedHandle, id: Uuid): Promise<Space | undefined> {
  const row = await spacesOf(rows).where('space.id', '=', id).executeTakeFirst()
  return row && toSpace(row)
}

export async function getSpace(rows: ScopedHandle, id: Uuid): Promise<Space> {
  return toSpace(await spacesOf(rows).where('space.id', '=', id).executeTakeFirstOrThrow())
}

/** Whoever holds this lock is the only one who may rent the space out (BIL-16). Undefined when there is no such space. */
export async function lockSpace(rows: ScopedHandle, id: Uuid): Promise<Space | undefined> {
  const row = await spacesOf(rows)
    .where('space.id', '=', id)
    .where('space.archived_at', 'is', null)
    .forUpdate('space')
    .executeTakeFirst()
  return row && toSpace(row)
}

function spacesOf(rows: ScopedHandle) {
  return rows
    .selectFrom('app.spaces as space')
    .innerJoin('app.categories as category', (join) =>
      join.onRef('category.operator_id', '=', 'space.operator_id').onRef('category.id', '=', 'space.category_id'),
    )
    .selectAll('category')
    .select(['space.id as space_id', 'space.number', 'space.title', 'space.location_id', 'space.suspended_reason'])
    .where('space.operator_id', '=', rows.scope.operatorId)
    .$castTo<SpaceColumns>()
}

type SpaceColumns = CategoryColumns & {
  space_id: Uuid
  number: string
  title: string
  location_id: Uuid
  suspended_reason: string | null
}

function toSpace(row: SpaceColumns): Space {
  return {
    id: row.space_id,
    number: row.number,
    title: row.title,
    locationId: row.location_id,
    category: toCategory(row),
    ...(row.suspended_reason !== null && { suspendedReason: row.suspended_reason }),
  }
}
