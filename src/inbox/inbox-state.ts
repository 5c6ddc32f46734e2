/**
 * Where a kept event stands and where it may go (STR-64). What surprises: `processing` may follow `processing`, because the work of a
 * process that died is taken over when its lease ends; and every state at rest may become `received` again, because a person may
 * always press Replay and nothing happens twice by it.
 */
export const inboxStates = [
  'received',
  'processing',
  'done',
  'retry',
  'parked',
  'dead',
  'ignored_unhandled',
  'ignored_foreign',
  'ignored_mode',
  'quarantined',
] as const

export type InboxState = (typeof inboxStates)[number]

const steps: Record<InboxState, readonly InboxState[]> = {
  received: ['processing', 'dead', 'ignored_unhandled', 'ignored_foreign', 'ignored_mode', 'quarantined'],
  processing: ['processing', 'done', 'retry', 'parked', 'dead', 'ignored_unhandled', 'ignored_foreign', 'quarantined'],
  done: ['received'],
  retry: ['processing', 'dead', 'received'],
  parked: ['processing', 'dead', 'received'],
  dead: ['received'],
  ignored_unhandled: ['received'],
  ignored_foreign: ['received'],
  ignored_mode: ['received'],
  quarantined: ['received'],
}

export function mayMove(current: InboxState, next: InboxState): boolean {
  return steps[current].includes(next)
}

/** The states that still need work; everything else is at rest. */
export const waitingStates = ['received', 'processing', 'retry', 'parked'] as const satisfies readonly InboxState[]

/** An arrival can be judged to one of these before any work is done. */
export type ArrivalState =
  | 'received'
  | 'parked'
  | 'dead'
  | 'ignored_unhandled'
  | 'ignored_foreign'
  | 'ignored_mode'
  | 'quarantined'

const phrases: Record<InboxState, string> = {
  received: 'Received, waiting for its turn',
  processing: 'Being processed',
  done: 'Processed',
  retry: 'Failed, will be tried again',
  parked: 'Parked until what it belongs to is here',
  dead: 'Given up',
  ignored_unhandled: 'Ignored: nothing here acts on it',
  ignored_foreign: 'Ignored: it is about something not made by Rentroll',
  ignored_mode: 'Ignored: it is of the other mode',
  quarantined: 'Quarantined: it contradicts the account it came from',
}

/** What the screen calls the state (UI-153). The row's own reason stands beside it. */
export function stateWords(state: InboxState): string {
  return phrases[state]
}
