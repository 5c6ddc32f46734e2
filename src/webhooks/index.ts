/**
 * The front door for Stripe's news. It owns the verification of deliveries, the inbox that keeps every one of them before it is
 * answered, the table of what leads where, and the loop that re-reads an object and lets the reaction of a module below write, once
 * and in order. It holds no rule about money: what news means stands in the reactions it is given.
 */
export { createReceiver, type Receipt, type Receiver, type ReceiverOptions } from './receive.ts'
export { startInbox, type Inbox } from './start-inbox.ts'
export type { Reactions } from './routes.ts'
export { findInboxEvent, listInboxEvents, type InboxEvent } from './inbox-view.ts'
export { replayEvent } from './replay-event.ts'
