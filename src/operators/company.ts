/**
 * The company behind a workspace: who it is on invoices, and the currency, country and time zone everything is counted in. What
 * surprises: the one location follows the company's currency and time zone as long as there is only one.
 */
import { noteAudit } from '#audit'
import { publicId, done, isKnownCurrency, type Outcome } from '#kernel'
import type { ScopedHandle } from '#platform'
import { refuse, type OperatorsProblem } from './problems.ts'
import { readCompany, updateCompany, type Company, type CompanyChange } from './store.ts'

export function getCompany(rows: ScopedHandle): Promise<Company> {
  return readCompany(rows)
}

/**
 * Saves the company's settings when nobody saved after `change.version` was read.
 * @param isCurrencyFixed whether an invoice of this operator, in either mode, has been finalised; billing knows.
 */
export async function saveCompany(
  rows: ScopedHandle,
  change: CompanyChange,
  isCurrencyFixed: boolean,
): Promise<Outcome<Company, OperatorsProblem>> {
  const fault = judgePlace(change) ?? (isLocale(change.locale) ? undefined : refuse('unknown_locale', '/locale'))
  if (fault) return fault
  const before = await readCompany(rows)
  if (before.version !== change.version) return refuse('stale_settings')
  if (isCurrencyFixed && change.currency !== before.currency) return refuse('currency_fixed', '/currency')
  if (!(await updateCompany(rows, change))) return refuse('stale_settings')
  const after = await readCompany(rows)
  noteChange(rows, before, after)
  return done(after)
}

/** Only what differs stands in the audit log. */
function noteChange(rows: ScopedHandle, before: Company, after: Company): void {
  const names = (Object.keys(after) as (keyof Company)[]).filter(
    (name) => name !== 'updatedAt' && String(before[name]) !== String(after[name]),
  )
  const pick = (company: Company) => Object.fromEntries(names.map((name) => [name, String(company[name])]))
  const object = { kind: 'company', id: publicId('operator', rows.scope.operatorId) }
  noteAudit(rows, { action: 'company.changed', object, before: pick(before), after: pick(after) })
}

export type Place = { readonly country: string; readonly currency: string; readonly timeZone: string }

/** The refusal when country, currency or time zone is not known; undefined when all three are. */
export function judgePlace(place: Place): Outcome<never, OperatorsProblem> | undefined {
  if (!isCountry(place.country)) return refuse('unknown_country', '/country')
  if (!isKnownCurrency(place.currency)) return refuse('unknown_currency', '/currency')
  if (!isTimeZone(place.timeZone)) return refuse('unknown_time_zone', '/timeZone')
  return undefined
}

function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code)) return false
  return new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(name)) return false
  return isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: name }))
}

function isLocale(tag: string): boolean {
  return isAccepted(() => Intl.getCanonicalLocales(tag)) && tag.length <= 35
}

/** Intl answers an unknown name with a RangeError and has no other way to ask. */
function isAccepted(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
