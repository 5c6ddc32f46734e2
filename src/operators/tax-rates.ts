/**
 * The tax an operator charges. A rate is never edited, because invoices already carry it: a change is a new rate, which becomes the
 * default, and the old one is retired.
 */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome, type Uuid } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { refuse, type OperatorsProblem } from './problems.ts'
import {
  insertTaxRate,
  lockSettings,
  readCompany,
  readTaxRates,
  updateDefaultTaxRate,
  updateTaxRateRetired,
  type TaxRate,
  type TaxTreatment,
} from './store.ts'

export function listTaxRates(rows: ScopedHandle): Promise<readonly TaxRate[]> {
  return readTaxRates(rows)
}

/** @param rate percent as decimal text with at most four decimals. */
export async function addTaxRate(
  rows: ScopedHandle,
  rate: { readonly name: string; readonly percent: string; readonly treatment: TaxTreatment },
): Promise<Outcome<{ readonly id: Uuid }, OperatorsProblem>> {
  if (rate.treatment !== 'taxable' && !isZero(rate.percent)) return refuse('untaxed_with_percent', '/percent')
  await lockSettings(rows)
  const present = await readTaxRates(rows)
  if (present.some((other) => !other.retiredAt && isSameRate(other, rate))) return refuse('tax_rate_exists')
  const id = newId(rows.clock)
  await insertTaxRate(rows, { id, ...rate })
  await updateDefaultTaxRate(rows, id)
  const object = { kind: 'tax_rate', id: publicId('taxRate', id) }
  noteAudit(rows, { action: 'tax_rate.added', object, after: { ...rate } })
  return done({ id })
}

/**
 * Takes a rate out of use for new invoices; when it was the default, nothing is. @returns undefined when there is no such rate.
 */
export async function retireTaxRate(
  rows: ScopedHandle,
  id: Uuid,
): Promise<Outcome<readonly TaxRate[], OperatorsProblem> | undefined> {
  await lockSettings(rows)
  const rate = (await readTaxRates(rows)).find((candidate) => candidate.id === id)
  if (!rate) return undefined
  if (rate.retiredAt) return refuse('tax_rate_retired')
  await updateTaxRateRetired(rows, id)
  const object = { kind: 'tax_rate', id: publicId('taxRate', id) }
  noteAudit(rows, { action: 'tax_rate.retired', object, before: { name: rate.name, percent: rate.percent } })
  if ((await readCompany(rows)).defaultTaxRateId === id) await updateDefaultTaxRate(rows, null)
  return done(await readTaxRates(rows))
}

function isZero(percent: string): boolean {
  return /^0*(\.0*)?$/.test(percent)
}

function isSameRate(one: Omit<TaxRate, 'id' | 'retiredAt'>, other: Omit<TaxRate, 'id' | 'retiredAt'>): boolean {
  return one.name === other.name && one.treatment === other.treatment && plain(one.percent) === plain(other.percent)
}

/** `10.0000` and `10` are the same percentage. */
function plain(percent: string): string {
  return percent.includes('.') ? percent.replace(/\.?0+$/, '') : percent
}
