/**
 * The mail part of the sandbox: an outbox that takes the product's finished mails over HTTP instead of sending them, with
 * a page for people and a JSON API for tests (SBX-75 to SBX-77). It knows nothing of Stripe and nothing of the product;
 * of the hosted pages it borrows only the page frame.
 */
export { createMailbox } from './mailbox.ts'
export type { Mailbox, MailFilter } from './mailbox.ts'
export type { Message } from './message.ts'
export type { MailCheck } from './mail-checks.ts'
export { mailRoutes } from './mail-routes.ts'
