/**
 * Notifications: mails to renters and operators, written from facts. It owns their words and the outbox they wait in; it decides
 * nothing about money.
 */
export { notificationHandlers, notificationJobs } from './jobs.ts'
