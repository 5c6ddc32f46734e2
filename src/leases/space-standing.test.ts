import { expect, test } from 'vitest'
import type { LeaseState } from './lease-state.ts'
import type { Lease } from './lease.ts'
import { standingOf } from './space-standing.ts'

const today = '2026-07-10'
const lease = (state: LeaseState, dates: { startOn: string; endOn?: string }): Lease =>
  ({ state, ...dates, renterId: 'r', renterName: 'Kim Park', spaceNumber: 'A-01' }) as Lease

const standing = (holders: readonly Lease[], suspendedReason?: string) =>
  standingOf({ number: 'A-01', ...(suspendedReason !== undefined && { suspendedReason }) }, { holders, today })

test('BIL-3: without a lease a space is available, and suspended when somebody said so', () => {
  expect(standing([])).toEqual({ state: 'available', stateLabel: 'Available' })
  expect(standing([], 'water damage')).toEqual({
    state: 'suspended',
    stateLabel: 'Suspended',
    obstacle: 'A-01 is suspended: water damage.',
  })
})

test('BIL-3: who has it, who waits for it, and who will have it, in that order', () => {
  const active = lease('active', { startOn: '2026-07-01', endOn: '2026-08-01' })
  const waiting = lease('awaiting_payment', { startOn: '2026-07-10' })
  const later = lease('reserved', { startOn: '2026-09-01' })
  expect([[active, later], [waiting, later], [later]].map((holders) => standing(holders))).toMatchObject([
    {
      state: 'occupied',
      stateLabel: 'Checked-Out',
      availableFrom: '2026-08-01',
      obstacle: 'A-01 is checked out until 1 Aug 2026.',
    },
    { state: 'held', stateLabel: 'Held', obstacle: 'A-01 is held for Kim Park until the first payment arrives.' },
    { state: 'reserved', stateLabel: 'Reserved from 1 Sep 2026', obstacle: 'A-01 is reserved from 1 Sep 2026.' },
  ])
})

test('BIL-3: an occupied space cannot be suspended from under its renter, and one that ended is free again', () => {
  expect(standing([lease('active', { startOn: '2026-07-01' })], 'repairs').state).toBe('occupied')
  expect(standing([lease('reserved', { startOn: '2026-07-10' })]).state).toBe('occupied')
  expect(standing([lease('active', { startOn: '2026-01-01', endOn: '2026-07-10' })]).state).toBe('available')
})
