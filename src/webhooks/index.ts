/**
 * The front door for Stripe's news: whose secret signed a delivery, and that it is kept before it is answered. What news means and
 * what becomes of it is the inbox's matter.
 */
export { createReceiver, type Receipt, type Receiver, type ReceiverOptions } from './receive.ts'
