/**
 * How one secret takes over from another, step by step (STR-58, STR-59). Pure. What surprises: a second endpoint is first made with one
 * rare event only and gets the rest when every process has learnt its secret, so no delivery meets a process that cannot verify it.
 */
export const rotationStates = [
  'planned', // written down; Stripe was not asked yet, or its answer is not known
  'created', // the second endpoint stands with one rare event, and every process learns its secret
  'overlap', // both secrets are accepted
  'confirmed', // the new secret is proven or confirmed: the old endpoint is to be switched off
  'disabled', // the old endpoint is off, its secret is accepted until its end
  'ending', // the old endpoint is to be deleted and its secret ended
  'done', // only the new secret is left
  'cancelling', // the second endpoint is to be deleted
  'cancelled', // everything is as it was before
] as const

export type RotationState = (typeof rotationStates)[number]

const moves: Readonly<Record<RotationState, readonly RotationState[]>> = {
  planned: ['created', 'cancelling', 'cancelled'],
  created: ['overlap', 'cancelling', 'cancelled'],
  // A pasted secret has no endpoint of its own, so there is nothing to switch off or delete.
  overlap: ['confirmed', 'ending', 'done', 'cancelling', 'cancelled'],
  confirmed: ['disabled', 'ending', 'done'],
  disabled: ['ending', 'done'],
  ending: ['done'],
  done: [],
  cancelling: ['cancelled'],
  cancelled: [],
}

export function mayMove(from: RotationState, to: RotationState): boolean {
  return moves[from].includes(to)
}

export function isOver(state: RotationState): boolean {
  return moves[state].length === 0
}

/** What is to be done now: calls to Stripe, steps of ours alone (`confirm`, `end`, `finish`), or nothing before a time comes. */
export type RotationStep =
  | 'create'
  | 'subscribe'
  | 'confirm'
  | 'disable'
  | 'end'
  | 'delete_old'
  | 'finish'
  | 'delete_new'
  | 'wait'
  | 'nothing'

export type RotationFacts = {
  readonly state: RotationState
  readonly path: 'paste' | 'create' | 'leak'
  /** False when the secret was pasted. */
  readonly makesEndpoint: boolean
  /** From then on every process knows the new secret. */
  readonly visibleAt: Date | null
  readonly oldEndsAt: Date | null
  /** A delivery was verified by the new secret. */
  readonly isProven: boolean
}

export function nextStep(facts: RotationFacts, now: Date): RotationStep {
  const hasCome = (instant: Date | null) => instant !== null && instant <= now
  switch (facts.state) {
    case 'planned':
      return 'create'
    case 'created':
      return hasCome(facts.visibleAt) ? 'subscribe' : 'wait'
    case 'overlap':
      if (!facts.makesEndpoint) return hasCome(facts.oldEndsAt) ? 'finish' : 'wait'
      if (hasCome(facts.oldEndsAt)) return 'end'
      return facts.isProven || facts.path === 'leak' ? 'confirm' : 'wait'
    case 'confirmed':
      return 'disable'
    case 'disabled':
      return hasCome(facts.oldEndsAt) ? 'end' : 'wait'
    case 'ending':
      return 'delete_old'
    case 'cancelling':
      return 'delete_new'
    case 'done':
    case 'cancelled':
      return 'nothing'
  }
}

/** Where a rotation ends when its connection has lost its key: nothing can be asked of Stripe any more. */
export function abandonedAs(state: RotationState): RotationState {
  return mayMove(state, 'cancelled') ? 'cancelled' : 'done'
}

/** Cancelling leaves the old secret valid, so it is possible until the old endpoint is being switched off (STR-59). */
export function mayCancel(state: RotationState): boolean {
  return mayMove(state, 'cancelling')
}

/** The state as a person is shown it. */
export type ShownRotationState = 'creating' | 'overlap' | 'confirmed' | 'done' | 'cancelled'

const shown: Readonly<Record<RotationState, ShownRotationState>> = {
  planned: 'creating',
  created: 'creating',
  overlap: 'overlap',
  confirmed: 'confirmed',
  disabled: 'confirmed',
  ending: 'confirmed',
  done: 'done',
  cancelling: 'cancelled',
  cancelled: 'cancelled',
}

export function shownState(state: RotationState): ShownRotationState {
  return shown[state]
}
