/**
 * Stripe's news, kept. This module owns the inbox that holds every event, what is made of one at first sight, the table of what leads
 * where, and what staff see of it. It holds no rule about money, and does no work on what is kept: that is the module above, which
 * re-reads each object and hands it on.
 */
export { adoptParkedEvents } from './adopt-parked.ts'
export {
  judgeArrival,
  sourceAccountOf,
  type Arrival,
  type EndpointKind,
  type NewEvent,
  type Signer,
} from './arrival.ts'
export { mayMove, waitingStates, type InboxState } from './inbox-state.ts'
export {
  dismissEvent,
  dismissOwnerlessLetter,
  listOwnerlessLetters,
  replayByHand,
  replayDeadLetters,
  replayOwnerless,
} from './dead-letters.ts'
export { askStripe, canAskStripe, tellEvent } from './event-story.ts'
export {
  findInboxEvent,
  inboxGroups,
  listInboxEvents,
  readInboxHealth,
  type InboxEvent,
  type InboxHealth,
} from './inbox-view.ts'
export { dropOldBodies, keepEvents, type KeepOutcome } from './keep-events.ts'
export { keepingNothing } from './keep-store.ts'
export { parseEvent, type StripeEvent } from './parse-event.ts'
export { replayEvent } from './replay-event.ts'
export { reactionFor, words, type Reactions } from './routes.ts'
export { hastenNews } from './store.ts'
