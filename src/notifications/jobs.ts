/** The background work of notifications (ARC-43). A mail the server did not take is tried again; its message id stays the same. */
import { inScope, type Database, type JobDeclaration, type JobHandler, type Mailer } from '#platform'
import { listOwnerEmails } from '#operators'
import { scopeOf } from '#payments'
import { accountFacts, onAccountFact, type AccountTellers } from './account-mail.ts'
import { moneyFacts, onMoneyFact } from './on-money-fact.ts'
import { methodFacts, onMethodFact } from './on-method-fact.ts'
import { onPayoutFact, payoutFacts, type PayoutTellers } from './on-payout-fact.ts'
import { onWebhookFact, webhookFacts } from './on-webhook-fact.ts'
import { findMail, markSent } from './store.ts'

export const notificationJobs = [
  { name: 'notifications.on-money-fact', reads: moneyFacts },
  { name: 'notifications.on-method-fact', reads: methodFacts },
  { name: 'notifications.on-webhook-fact', reads: webhookFacts },
  { name: 'notifications.on-account-fact', reads: accountFacts },
  { name: 'notifications.on-payout-fact', reads: payoutFacts },
  { name: 'notifications.send-mail', retryLimit: 50 },
] as const satisfies readonly JobDeclaration[]

export function notificationHandlers(ground: {
  database: Database
  mailer: Mailer
  publicUrl: string
  account: AccountTellers
  payouts: PayoutTellers
}): Record<(typeof notificationJobs)[number]['name'], JobHandler> {
  const { database, mailer, publicUrl, account: tellers, payouts } = ground
  return {
    'notifications.on-money-fact': (payload) =>
      inScope(database, scopeOf(payload), (rows) => onMoneyFact(rows, payload.id, publicUrl)),
    'notifications.on-method-fact': (payload) =>
      inScope(database, scopeOf(payload), (rows) => onMethodFact(rows, payload.id, publicUrl)),
    async 'notifications.on-webhook-fact'(payload) {
      const owners = await listOwnerEmails(database, payload.operatorId)
      await inScope(database, scopeOf(payload), (rows) => onWebhookFact(rows, payload.id, { publicUrl, owners }))
    },
    async 'notifications.on-account-fact'(payload) {
      const owners = await listOwnerEmails(database, payload.operatorId)
      await inScope(database, scopeOf(payload), (rows) => onAccountFact(rows, payload.id, { tellers, owners }))
    },
    async 'notifications.on-payout-fact'(payload) {
      const owners = await listOwnerEmails(database, payload.operatorId)
      await inScope(database, scopeOf(payload), (rows) =>
        onPayoutFact(rows, payload.id, { tellers: payouts, owners, publicUrl }),
      )
    },
    async 'notifications.send-mail'(payload) {
      const mail = await inScope(database, scopeOf(payload), (rows) => findMail(rows, payload.id))
      if (!mail || mail.state === 'sent') return
      await mailer.send({
        to: mail.recipient,
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: mail.id,
        at: mail.createdAt,
      })
      await inScope(database, scopeOf(payload), (rows) => markSent(rows, mail.id))
    },
  }
}
