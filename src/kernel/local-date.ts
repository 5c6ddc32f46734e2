/**
 * Local dates are texts `YYYY-MM-DD` at every edge (database, wire, screen) and Temporal inside. Only the server turns an instant
 * into a date, because only it knows the location's time zone (BIL-33). Screens use the text functions alone, which do without
 * Temporal because browsers may lack it.
 */
export type LocalDate = string

const form = /^(\d{4})-(\d{2})-(\d{2})$/

function toDayNumber(date: LocalDate): number {
  const match = form.exec(date)
  if (!match) throw new Error(`not a local date: ${date}`)
  return Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / 86_400_000
}

function fromDayNumber(day: number): LocalDate {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}

/** True for a real calendar day: `2026-02-29` is not one. */
export function isLocalDate(value: unknown): value is LocalDate {
  return typeof value === 'string' && form.test(value) && fromDayNumber(toDayNumber(value)) === value
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return fromDayNumber(toDayNumber(date) + days)
}

/** Days from `start` to `end`, negative when `end` is earlier. */
export function daysBetween(start: LocalDate, end: LocalDate): number {
  return toDayNumber(end) - toDayNumber(start)
}

export function compareDates(one: LocalDate, other: LocalDate): -1 | 0 | 1 {
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** The local date of an instant in an IANA time zone. */
export function localDateAt(instant: Date, timeZone: string): LocalDate {
  return calendarOf(timeZone).format(instant)
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** Kept by zone, of which there are a few hundred: making one costs a hundred times as much as asking it. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  const known = calendars.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  calendars.set(timeZone, made)
  return made
}
