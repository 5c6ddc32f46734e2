/**
 * Control of payouts (SBX-25): what a bank does with a payout, at the press of a button. A payout fails now or some
 * business days after its arrival, or is canceled, automatic or not; the reason decides whether the bank account is left
 * alone.
 */
import { json } from '../../http.ts'
import type { Route } from '../../http.ts'
import { ControlRefused, controlRoute, onTime, readJson, readWord } from '../control-input.ts'
import type { Loose } from '../control-input.ts'
import { payoutFailsWithinDays, payoutFailures } from './facts.ts'
import { afterBusinessDays } from '../money/amounts.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { cancelPayout, failPayout, isOnItsWay, schedulePayoutFailure } from './life.ts'

export function payoutControlRoutes(world: World): Route[] {
  const route = (action: string, handle: (found: Found, given: Loose) => Row<'payout'>): Route =>
    onTime(
      world,
      controlRoute('POST', `/payouts/:id/${action}`, (request, { id = '' }) => {
        const found = findPayout(world, id)
        if (found === undefined) return json({ error: 'There is no such payout.' }, 404)
        return json(world.transaction(() => handle(found, readJson(request))).object)
      }),
    )
  return [route('fail', fail), route('cancel', cancel)]
}

interface Found {
  readonly space: Space
  readonly row: Row<'payout'>
}

function findPayout(world: World, id: string): Found | undefined {
  for (const space of world.spaces()) {
    const row = space.find('payout', id)
    if (row !== undefined) return { space, row }
  }
  return undefined
}

function fail({ space, row }: Found, given: Loose): Row<'payout'> {
  const code = readWord(given['code'], 'code')
  if (!Object.hasOwn(payoutFailures, code))
    throw new ControlRefused(`code must be one of ${Object.keys(payoutFailures).join(', ')}.`)
  const later = given['laterDays'] ?? 0
  if (!Number.isInteger(later) || (later as number) < 0 || (later as number) > payoutFailsWithinDays)
    throw new ControlRefused(`laterDays must be a whole number from 0 to ${payoutFailsWithinDays}.`)
  const { status, arrival_date: arrival } = row.object
  if (!isOnItsWay(row.object) && status !== 'paid') throw new ControlRefused(`The payout is ${status} already.`)
  if (later === 0) {
    checkTime(space.world.nowMs(), arrival)
    return failPayout(space, row.id, code)
  }
  const atMs = afterBusinessDays(Math.max(space.world.nowMs(), arrival * 1000), later as number) * 1000
  checkTime(atMs, arrival)
  schedulePayoutFailure(space, row.id, { code, atMs })
  return row
}

/** Seconds and milliseconds: no bank sends a payout back later than five business days after it arrived. */
function checkTime(atMs: number, arrival: number): void {
  const endOfLastDay = (afterBusinessDays(arrival * 1000, payoutFailsWithinDays) + 86_400) * 1000
  if (atMs >= endOfLastDay)
    throw new ControlRefused(`A payout fails at most ${payoutFailsWithinDays} business days after its arrival.`)
}

function cancel({ space, row }: Found): Row<'payout'> {
  if (!isOnItsWay(row.object)) throw new ControlRefused(`The payout is ${row.object.status} already.`)
  return cancelPayout(space, row.id)
}
