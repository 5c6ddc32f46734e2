/**
 * Stripe's news, kept. This module owns the inbox that holds every event, the table of what leads where, and the loop that re-reads
 * an object and lets the reaction of a module below write, once and in order. It holds no rule about money: what news means stands in
 * the reactions it is given. How news comes in is told by the module above.
 */
export { judgeArrival, sourceAccountOf, type NewEvent, type Signer } from './arrival.ts'
export { tellEvent } from './event-story.ts'
export { parseEvent, type StripeEvent } from './parse-event.ts'
export { insertEvent } from './store.ts'
export { startInbox, type Inbox } from './start-inbox.ts'
export type { Reactions } from './routes.ts'
export { dismissEvent, replayDeadLetters } from './dead-letters.ts'
export {
  findInboxEvent,
  inboxGroups,
  listInboxEvents,
  readInboxHealth,
  type InboxEvent,
  type InboxHealth,
} from './inbox-view.ts'
export { replayEvent } from './replay-event.ts'
