/**
 * When a bank works: Monday to Friday, from nine in the morning of its country (STR-107). Pure. What surprises: a country with several time
 * zones is known by the one of its banks' centre, and holidays are not known at all, so a look may come on a holiday and find nothing new.
 */
import { addDays, localDateAt, type LocalDate } from './local-date.ts'

/** By country; any other counts by the operator's own. */
const zones: Readonly<Record<string, string>> = {
  AE: 'Asia/Dubai',
  AT: 'Europe/Vienna',
  AU: 'Australia/Sydney',
  BE: 'Europe/Brussels',
  BG: 'Europe/Sofia',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CH: 'Europe/Zurich',
  CY: 'Asia/Nicosia',
  CZ: 'Europe/Prague',
  DE: 'Europe/Berlin',
  DK: 'Europe/Copenhagen',
  EE: 'Europe/Tallinn',
  ES: 'Europe/Madrid',
  FI: 'Europe/Helsinki',
  FR: 'Europe/Paris',
  GB: 'Europe/London',
  GI: 'Europe/Gibraltar',
  GR: 'Europe/Athens',
  HK: 'Asia/Hong_Kong',
  HR: 'Europe/Zagreb',
  HU: 'Europe/Budapest',
  IE: 'Europe/Dublin',
  IN: 'Asia/Kolkata',
  IT: 'Europe/Rome',
  JP: 'Asia/Tokyo',
  LI: 'Europe/Vaduz',
  LT: 'Europe/Vilnius',
  LU: 'Europe/Luxembourg',
  LV: 'Europe/Riga',
  MT: 'Europe/Malta',
  MX: 'America/Mexico_City',
  MY: 'Asia/Kuala_Lumpur',
  NL: 'Europe/Amsterdam',
  NO: 'Europe/Oslo',
  NZ: 'Pacific/Auckland',
  PL: 'Europe/Warsaw',
  PT: 'Europe/Lisbon',
  RO: 'Europe/Bucharest',
  SE: 'Europe/Stockholm',
  SG: 'Asia/Singapore',
  SI: 'Europe/Ljubljana',
  SK: 'Europe/Bratislava',
  TH: 'Asia/Bangkok',
  US: 'America/New_York',
}

/** @param home the operator's own country and time zone, which count where the bank's are the same or not known. */
export function bankZone(country: string, home: { readonly country: string; readonly timeZone: string }): string {
  return country === home.country ? home.timeZone : (zones[country] ?? home.timeZone)
}

/** Monday to Friday; holidays are not known here. */
export function isBusinessDay(day: LocalDate): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return weekday !== 0 && weekday !== 6
}

/** Nine in the morning of the next day on which banks work. */
export function nextBusinessMorning(after: Date, timeZone: string): Date {
  let day = addDays(localDateAt(after, timeZone), 1)
  while (!isBusinessDay(day)) day = addDays(day, 1)
  const morning = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: '09:00' })
  return new Date(morning.epochMilliseconds)
}
