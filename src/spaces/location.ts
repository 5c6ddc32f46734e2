/** The place of the spaces. There is one per operator so far; it follows the company's time zone and currency. */
import { localDateAt, type LocalDate } from '#kernel'
import type { Clock, ScopedHandle } from '#platform'
import type { Location } from './space.ts'
import { readLocation } from './store.ts'

export function getLocation(rows: ScopedHandle): Promise<Location> {
  return readLocation(rows)
}

/** The local date at the location now: what every rule calls today (BIL-33). */
export function todayAt(location: Pick<Location, 'timeZone'>, clock: Clock): LocalDate {
  return localDateAt(clock.now(), location.timeZone)
}
