/**
 * What a space is today, derived and never stored (BIL-3): suspended, then occupied, then held, then reserved, else available. What
 * surprises: held and reserved spaces stand under the tab Available, because nobody is in them yet.
 */
import type { LocalDate, Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { getLocation, listSpaces, todayAt, type Space } from '#spaces'
import type { Lease } from './lease.ts'
import { listHolders } from './store.ts'
import { dateText } from './words.ts'

export type SpaceState = 'available' | 'reserved' | 'held' | 'occupied' | 'suspended'

export type SpaceStanding = {
  readonly state: SpaceState
  readonly stateLabel: string
  /** First day nobody has it any more, when the lease that has it ends. */
  readonly availableFrom?: LocalDate
  readonly renter?: { readonly id: Uuid; readonly name: string; readonly since: LocalDate }
  /** Why it cannot be checked out from today on; absent when it can. */
  readonly obstacle?: string
}

/** Pure. @param holders the leases that have or will have this space, earliest first. */
export function standingOf(
  space: Pick<Space, 'number' | 'suspendedReason'>,
  about: { readonly holders: readonly Lease[]; readonly today: LocalDate },
): SpaceStanding {
  const { today } = about
  const holders = about.holders.filter(({ endOn }) => endOn === undefined || endOn > today)
  const lease = holders.find((holder) => isOccupying(holder, today)) ?? holders.find(isHolding) ?? holders[0]
  if (space.suspendedReason !== undefined && !(lease && isOccupying(lease, today))) {
    const obstacle = `${space.number} is suspended: ${space.suspendedReason}.`
    return { state: 'suspended', stateLabel: 'Suspended', obstacle }
  }
  if (!lease) return { state: 'available', stateLabel: 'Available' }
  const renter = { id: lease.renterId, name: lease.renterName, since: lease.startOn }
  const obstacle = obstacleOf(space.number, { lease, today })
  const end = lease.endOn !== undefined && { availableFrom: lease.endOn }
  if (isOccupying(lease, today)) return { state: 'occupied', stateLabel: 'Checked-Out', renter, obstacle, ...end }
  if (isHolding(lease)) return { state: 'held', stateLabel: 'Held', renter, obstacle, ...end }
  return { state: 'reserved', stateLabel: `Reserved from ${dateText(lease.startOn)}`, renter, obstacle, ...end }
}

function isOccupying({ state, startOn }: Lease, today: LocalDate): boolean {
  return state === 'active' || state === 'notice_given' || (state === 'reserved' && startOn <= today)
}

function isHolding({ state }: Lease): boolean {
  return state === 'awaiting_payment'
}

/** Who is in the way, as a sentence: `A-01 is checked out until 31 Mar 2026.` */
export function obstacleOf(number: string, about: { readonly lease: Lease; readonly today: LocalDate }): string {
  const { lease, today } = about
  if (isHolding(lease)) return `${number} is held for ${lease.renterName} until the first payment arrives.`
  if (!isOccupying(lease, today)) return `${number} is reserved from ${dateText(lease.startOn)}.`
  return lease.endOn === undefined
    ? `${number} is checked out.`
    : `${number} is checked out until ${dateText(lease.endOn)}.`
}

export type SpaceWithState = Space & { readonly standing: SpaceStanding }

/** Every space with what it is today, by number. */
export async function listSpacesWithState(rows: ScopedHandle): Promise<readonly SpaceWithState[]> {
  const today = todayAt(await getLocation(rows), rows.clock)
  const holders = Map.groupBy(await listHolders(rows), ({ spaceId }) => spaceId)
  const spaces = await listSpaces(rows)
  return spaces.map((space) => {
    return { ...space, standing: standingOf(space, { holders: holders.get(space.id) ?? [], today }) }
  })
}
