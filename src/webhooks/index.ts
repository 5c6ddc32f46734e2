/**
 * The front door for Stripe's news, and the loop behind it. It owns whose secret signed a delivery, that it is kept before it is
 * answered, and the work on what is kept: each object re-read, judged by the reaction of a module below, once and in order.
 */
export { createReceiver, type Practice, type Receipt, type Receiver, type ReceiverOptions } from './receive.ts'
export { startInbox, type Inbox } from './start-inbox.ts'
