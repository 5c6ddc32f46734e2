/** What the money and the events ask the faults, without knowing them: a decline out of turn, an event lost or doubled. */
import type { Decline } from '../cards.ts'
import type { Mode } from '../views.ts'
import { declineOf } from './decline-codes.ts'
import type { Faults } from './faults.ts'

interface Place {
  readonly accountId: string
  readonly mode: Mode
}

export interface FaultProbe {
  /** The decline of the next card payment, when one was ordered; asking uses it up. */
  decline(place: Place, name: string): Decline | undefined
  /** 1, or 0 for an event that is never made, or 2 for two events about one change. */
  countEvents(place: Place, type: string): number
}

/** Of a world without faults. */
export const noFaults: FaultProbe = { decline: () => undefined, countEvents: () => 1 }

export function probeOf(faults: Faults): FaultProbe {
  return {
    decline({ accountId, mode }, name) {
      const effect = faults.take('decline_next', { account: accountId, mode, name })
      return effect === undefined ? undefined : declineOf(effect.code)
    },
    countEvents({ accountId, mode }, type) {
      const subject = { account: accountId, mode, eventType: type, name: type }
      if (faults.take('no_event', subject) !== undefined) return 0
      return faults.take('two_events', subject) === undefined ? 1 : 2
    },
  }
}
