/**
 * Billing intervals (BIL-5): a code such as `days_30` or `month` stands for a basis, either a number of calendar months or a number of
 * days. What surprises: 30 days and a month are different things, 13 of the one and 12 of the other start in a year (BIL-32).
 */
export type Basis =
  | { readonly kind: 'calendar'; readonly months: number }
  | { readonly kind: 'day_count'; readonly days: number }

/** `day`, `week`, `four_weeks`, `days_1` to `days_366`, `month` to `year`, `months_1` to `months_24`. */
export type IntervalCode = string

/** What a category priced by the day offers: the storage preset (BIL-28). */
export const standardIntervals: readonly IntervalCode[] = ['days_30', 'days_90', 'days_365']

const named: Readonly<Record<string, { readonly basis: Basis; readonly label: string }>> = {
  day: { basis: { kind: 'day_count', days: 1 }, label: 'Daily' },
  week: { basis: { kind: 'day_count', days: 7 }, label: 'Weekly' },
  four_weeks: { basis: { kind: 'day_count', days: 28 }, label: 'Every 4 weeks' },
  month: { basis: { kind: 'calendar', months: 1 }, label: 'Monthly' },
  two_months: { basis: { kind: 'calendar', months: 2 }, label: 'Every 2 months' },
  quarter: { basis: { kind: 'calendar', months: 3 }, label: 'Quarterly' },
  half_year: { basis: { kind: 'calendar', months: 6 }, label: 'Half-yearly' },
  year: { basis: { kind: 'calendar', months: 12 }, label: 'Yearly' },
}

const counted = /^(days|months)_([1-9]\d{0,2})$/

/** The basis a code stands for, or undefined when the code is unknown or out of its range. */
export function findBasis(code: IntervalCode): Basis | undefined {
  const known = named[code]
  if (known) return known.basis
  const [, unit, digits] = counted.exec(code) ?? []
  const count = Number(digits)
  if (unit === 'days' && count <= 366) return { kind: 'day_count', days: count }
  if (unit === 'months' && count <= 24) return { kind: 'calendar', months: count }
  return undefined
}

/** @throws on an unknown code: codes are checked where they enter. */
export function getBasis(code: IntervalCode): Basis {
  const basis = findBasis(code)
  if (!basis) throw new Error(`unknown interval ${code}`)
  return basis
}

/** As a person reads it: `Every 30 days`, `Monthly`. */
export function intervalLabel(code: IntervalCode): string {
  const known = named[code]
  if (known) return known.label
  const basis = getBasis(code)
  return basis.kind === 'day_count' ? `Every ${basis.days} days` : `Every ${basis.months} months`
}
