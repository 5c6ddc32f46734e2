/**
 * Control of payouts (SBX-25): what a bank does with a payout, at the press of a button. A payout fails now or some
 * business days after its arrival, or is canceled, automatic or not; the reason decides whether the bank account is left
 * alone.
 */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { ControlRefused, guarded, onTime, readJson, readWord } from '../control.ts'
import { payoutFailsWithinDays, payoutFailures } from '../facts.ts'
import { afterBusinessDays } from '../money/amounts.ts'
import type { RunningSandbox } from '../stripe-sandbox.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { cancelPayout, failPayout, isOnItsWay, schedulePayoutFailure } from './life.ts'

export function payoutControlRoutes(sandbox: RunningSandbox): Route[] {
  const route = (action: string, handle: (found: Found, given: Given) => Row<'payout'>): Route => ({
    method: 'POST',
    pattern: `/_sandbox/payouts/:id/${action}`,
    isForPrograms: true,
    handle: onTime(
      sandbox,
      guarded((request, { id = '' }) => {
        const found = findPayout(sandbox, id)
        return found === undefined ? noSuchPayout() : answer(sandbox, () => handle(found, readJson(request)))
      }),
    ),
  })
  return [route('fail', fail), route('cancel', cancel)]
}

interface Found {
  readonly space: Space
  readonly row: Row<'payout'>
}

type Given = Readonly<Record<string, unknown>>

function answer(sandbox: RunningSandbox, change: () => Row<'payout'>): SandboxReply {
  return json(sandbox.world.transaction(change).object)
}

function noSuchPayout(): SandboxReply {
  return json({ error: 'There is no such payout.' }, 404)
}

function findPayout(sandbox: RunningSandbox, id: string): Found | undefined {
  for (const space of sandbox.world.spaces()) {
    const row = space.find('payout', id)
    if (row !== undefined) return { space, row }
  }
  return undefined
}

function fail({ space, row }: Found, given: Given): Row<'payout'> {
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
