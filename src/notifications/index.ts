/**
 * Notifications: mails to renters and operators, written from facts. It owns their words the outbox they wait in, and the links in them that work without signing in; it decides
 * nothing about money.
 */
export { notificationHandlers, notificationJobs } from './jobs.ts'
export { listAccountMails, mailAccountAgain, mailResumeLink, type AccountMail } from './account-mail.ts'
export { findMethodLink } from './method-link.ts'
export { findPayLink, mintPayLink } from './pay-link.ts'
export { tellTrouble } from './tell-trouble.ts'
export { installationMail } from './words.ts'
