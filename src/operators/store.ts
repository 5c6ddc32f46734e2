/**
 * The SQL of an operator's own rows, under its scope. Column names are written in camel case here and turned into the database's
 * spelling by the plugin.
 */
import type { ScopedHandle } from '#platform'
import { CamelCasePlugin } from 'kysely'

const spelling = new CamelCasePlugin()

export type Company = {
  readonly name: string
  readonly slug: string
  readonly legalName: string
  readonly contactEmail: string
  readonly phone: string
  readonly address: string
  readonly taxNumber: string
  /** ISO 3166, two letters. */
  readonly country: string
  readonly currency: string
  readonly timeZone: string
  readonly locale: string
  readonly defaultTaxRateId: string | null
  readonly version: number
  readonly updatedAt: Date
}

export type TaxTreatment = 'taxable' | 'zero_rated' | 'exempt' | 'out_of_scope' | 'reverse_charge'

export type TaxRate = {
  readonly id: string
  readonly name: string
  /** Decimal text such as `10.0000`, never a float. */
  readonly percent: string
  readonly treatment: TaxTreatment
  readonly retiredAt: Date | null
}

export async function readCompany(rows: ScopedHandle): Promise<Company> {
  const { operatorId: _operatorId, ...company } = await rows
    .withPlugin(spelling)
    .selectFrom('app.operatorSettings as settings')
    .innerJoin('app.operators as operators', 'operators.id', 'settings.operatorId')
    .selectAll('settings')
    .select(['operators.name', 'operators.slug'])
    .where('settings.operatorId', '=', rows.scope.operatorId)
    .executeTakeFirstOrThrow()
  return company as unknown as Company
}

export type CompanyChange = Omit<Company, 'slug' | 'defaultTaxRateId' | 'updatedAt'>

/** @returns false when the version is no longer the present one; then nothing was written. */
export async function updateCompany(rows: ScopedHandle, change: CompanyChange): Promise<boolean> {
  const { operatorId } = rows.scope
  const own = rows.withPlugin(spelling)
  const { name, version, ...settings } = change
  const result = await own
    .updateTable('app.operatorSettings')
    .set({ ...settings, version: version + 1, updatedAt: rows.clock.now() })
    .where('operatorId', '=', operatorId)
    .where('version', '=', version)
    .executeTakeFirst()
  if (result.numUpdatedRows !== 1n) return false
  const { currency, timeZone } = change
  await own.updateTable('app.operators').set({ name }).where('id', '=', operatorId).execute()
  await own.updateTable('app.locations').set({ currency, timeZone }).where('operatorId', '=', operatorId).execute()
  return true
}

export async function readTaxRates(rows: ScopedHandle): Promise<readonly TaxRate[]> {
  const all = rows.withPlugin(spelling).selectFrom('app.taxRates').where('operatorId', '=', rows.scope.operatorId)
  return all.select(['id', 'name', 'percent', 'treatment', 'retiredAt']).orderBy('id').execute()
}

export async function insertTaxRate(rows: ScopedHandle, rate: Omit<TaxRate, 'retiredAt'>): Promise<void> {
  const values = { operatorId: rows.scope.operatorId, ...rate, createdAt: rows.clock.now() }
  await rows.withPlugin(spelling).insertInto('app.taxRates').values(values).execute()
}

export async function updateDefaultTaxRate(rows: ScopedHandle, id: string | null): Promise<void> {
  const settings = rows.withPlugin(spelling).updateTable('app.operatorSettings').set({ defaultTaxRateId: id })
  await settings.where('operatorId', '=', rows.scope.operatorId).execute()
}

/** Locks the settings, so that two changes of the taxes follow one another. */
export async function lockSettings(rows: ScopedHandle): Promise<void> {
  const settings = rows.selectFrom('app.operator_settings').where('operator_id', '=', rows.scope.operatorId)
  await settings.select('operator_id').forUpdate().execute()
}

export async function updateTaxRateRetired(rows: ScopedHandle, id: string): Promise<void> {
  const rates = rows.withPlugin(spelling).updateTable('app.taxRates').set({ retiredAt: rows.clock.now() })
  await rates.where('operatorId', '=', rows.scope.operatorId).where('id', '=', id).execute()
}

export type NewOperator = {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly locationId: string
  readonly country: string
  readonly currency: string
  readonly timeZone: string
}

/** @returns false when another operator has the slug; then nothing was written. Repeating it changes nothing. */
export async function insertOperator(rows: ScopedHandle, operator: NewOperator): Promise<boolean> {
  const own = rows.withPlugin(spelling)
  const { id, slug, name, locationId, country, currency, timeZone } = operator
  const createdAt = rows.clock.now()
  const register = own.insertInto('app.operators').values({ id, slug, name, createdAt })
  await register.onConflict((conflict) => conflict.doNothing()).execute()
  const holder = await own.selectFrom('app.operators').select('id').where('slug', '=', slug).executeTakeFirst()
  if (holder?.['id'] !== id) return false
  const place = { operatorId: id, currency, timeZone }
  const settings = { ...place, legalName: name, country, updatedAt: createdAt }
  const opening = own.insertInto('app.operatorSettings').values(settings)
  const opened = await opening.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
  if (opened.numInsertedOrUpdatedRows !== 1n) return true
  const location = { ...place, id: locationId, name: 'Main location', createdAt }
  await own.insertInto('app.locations').values(location).execute()
  return true
}
