import { expect, test } from 'vitest'
import { recordDeliveries } from '#endpoints'
import { inScope, recordFact } from '#platform'
import { eachDatabase } from '#test/databases'
import { makeConnection } from '#test/inbox'
import { notificationJobs } from './jobs.ts'
import { onWebhookFact } from './on-webhook-fact.ts'

eachDatabase('mails about a webhook', { jobs: notificationJobs }, (ground) => {
  test('STR-47: a trouble is mailed with its cause and next step, once a day; one that has cleared is not', async () => {
    const { scope, connectionId } = await makeConnection(ground())
    const { clock } = ground()
    const about = { publicUrl: 'https://rentroll.test', owners: ['owner@desks.example'] }
    clock.standAt(new Date(Math.ceil(clock.now().getTime() / 86_400_000) * 86_400_000))
    const tell = async () => {
      const ids = { connection: connectionId }
      const id = await inScope(ground().database, scope, (rows) => recordFact(rows, { name: 'webhook.unhealthy', ids }))
      await inScope(ground().database, scope, (rows) => onWebhookFact(rows, id, about))
      return inScope(ground().database, scope, (rows) =>
        rows.selectFrom('app.mail_outbox').select(['subject', 'body_text as text', 'recipient']).execute(),
      )
    }
    const refuse = () =>
      inScope(ground().database, scope, (rows) =>
        recordDeliveries(rows, { connectionId, verified: {}, refused: 1, at: rows.clock.now() }),
      )
    expect(await tell()).toEqual([])
    clock.advance(60_000)
    await refuse()

    const [mail, ...others] = await tell()
    expect(others).toEqual([])
    expect(mail).toMatchObject({
      recipient: 'owner@desks.example',
      subject: 'Stripe webhook (test mode): Deliveries refused',
    })
    expect(mail?.text).toContain('the signature does not match')
    expect(mail?.text).toContain('https://rentroll.test/w/')
    expect(await tell()).toHaveLength(1)
    clock.advance(86_400_000)
    await refuse()
    expect(await tell()).toHaveLength(2)
  })
})
