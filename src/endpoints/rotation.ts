/**
 * The noun: one replacement of a signing secret, by a pasted one or by a second endpoint, with what a person is told of it. The old
 * secret stays valid until its announced end, whatever happens in between.
 */
import type { EndpointId } from '#stripe'
import type { Uuid } from '#kernel'
import { isOver, mayCancel, shownState, type RotationState, type ShownRotationState } from './rotation-state.ts'

export type OverlapHours = 24 | 1 | 0

export type Rotation = {
  readonly id: Uuid
  readonly connectionId: Uuid
  readonly path: 'paste' | 'create' | 'leak'
  readonly makesEndpoint: boolean
  readonly state: RotationState
  readonly overlapHours: OverlapHours
  /** Both endpoints stand at this address. */
  readonly url: string
  readonly oldEndpointId: EndpointId | null
  readonly newEndpointId: EndpointId | null
  readonly newSecretId: Uuid | null
  /** Tells two tries of one step apart, in idempotency keys and between processes. */
  readonly attempts: number
  /** Until then the step is in one process's hands. */
  readonly leasedUntil: Date | null
  /** What stands in the way, as a sentence. */
  readonly fault: string
  readonly visibleAt: Date | null
  readonly oldEndsAt: Date | null
  readonly startedBy: string
  readonly startedAt: Date
  readonly finishedAt: Date | null
}

export type ShownRotation = {
  readonly id: Uuid
  readonly path: Rotation['path']
  readonly state: ShownRotationState
  readonly startedAt: Date
  readonly oldEndsAt: Date | null
  readonly verifiedByNew: number
  readonly verifiedByOld: number
  readonly canEndOld: boolean
  /** Why the old secret cannot be ended yet. */
  readonly whyNot: string | undefined
  readonly canCancel: boolean
  readonly canConfirm: boolean
  /** What happens at present, as a sentence. */
  readonly step: string
}

/** @param verified how often each secret matched since the rotation began. */
export function showRotation(rotation: Rotation, verified: ReadonlyMap<Uuid, number>): ShownRotation {
  const { id, path, state, startedAt, oldEndsAt, newSecretId } = rotation
  const verifiedByNew = newSecretId === null ? 0 : (verified.get(newSecretId) ?? 0)
  const total = [...verified.values()].reduce((sum, count) => sum + count, 0)
  const refusal = whyNotEnd(rotation, verifiedByNew)
  return {
    id,
    path,
    state: shownState(state),
    startedAt,
    oldEndsAt,
    verifiedByNew,
    verifiedByOld: total - verifiedByNew,
    canEndOld: refusal === undefined,
    whyNot: isOver(state) ? undefined : refusal,
    canCancel: mayCancel(state),
    canConfirm: state === 'overlap' && rotation.makesEndpoint,
    step: rotation.fault === '' ? stepWords(rotation) : `${stepWords(rotation)} ${rotation.fault}`,
  }
}

/** Why the old secret may not be ended by hand: only when the new one has proven itself (UI-152). */
export function whyNotEnd({ state }: Rotation, verifiedByNew: number): string | undefined {
  if (isOver(state) || state === 'cancelling') return 'This rotation is over.'
  if (state === 'ending') return 'The old secret is ending now.'
  if (verifiedByNew === 0) return 'No delivery has used the new secret yet.'
  return undefined
}

function stepWords({ state, makesEndpoint, oldEndsAt }: Rotation): string {
  const until = oldEndsAt ? ` until ${oldEndsAt.toISOString().slice(0, 16).replace('T', ' ')} UTC` : ''
  switch (state) {
    case 'planned':
      return 'Stripe is asked for a second endpoint. The old secret is valid.'
    case 'created':
      return 'The second endpoint stands; it gets its events when all processes know its secret.'
    case 'overlap':
      return makesEndpoint
        ? `Both secrets work${until}. The old endpoint is switched off with the first delivery of the new one, or when you confirm.`
        : `Both secrets work${until}.`
    case 'confirmed':
      return `The old endpoint is being switched off. Its secret works${until}.`
    case 'disabled':
      return `The old endpoint is off. Its secret works${until}; then the endpoint is deleted.`
    case 'ending':
      return 'The old secret has ended; its endpoint is being deleted.'
    case 'done':
      return 'Only the new secret is accepted.'
    case 'cancelling':
      return 'Cancelled. The second endpoint is being deleted; the old secret stays valid.'
    case 'cancelled':
      return 'Cancelled. The old secret stays valid.'
  }
}
