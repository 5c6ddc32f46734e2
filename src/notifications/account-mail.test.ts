import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountTellers, connectAccount, followAccount, onboardingJobs } from '#onboarding'
import { inScope, recordFact, Secret } from '#platform'
import { createStripe } from '#stripe'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { onAccountFact } from './account-mail.ts'
import { notificationJobs } from './jobs.ts'

eachDatabase('mails about a connected account', { jobs: [...onboardingJobs, ...notificationJobs] }, (ground) => {
  let sandbox: StripeSandboxGround
  beforeAll(async () => {
    sandbox = await openStripeSandbox(ground().clock)
  })
  afterAll(() => sandbox?.close())

  test('STR-37: directors missing are mailed once, again after three and seven days, and no more when it has cleared', async () => {
    const { clock, database, box, logs } = ground()
    const { scope } = await ground().makeOperator()
    const platformKeys = { test: new Secret(sandbox.keysOf({ account: 'Rental Platform' }).secret) }
    const stripe = createStripe({ apiBase: sandbox.sandbox.url, logs, clock, installation: 'test', platformKeys })
    const onboarding = { database, box, stripe, publicUrl: 'https://rentroll.test' }
    const made = await connectAccount(onboarding, { scope, country: 'AU', businessType: 'company' })
    if (!made.ok) throw new Error(made.refusal.code)
    const { connectionId } = made.value
    const [account] = await inScope(database, scope, (rows) =>
      rows.selectFrom('app.connections').select('stripe_account_id as id').execute(),
    )
    const about = { tellers: accountTellers(onboarding.publicUrl), owners: ['owner@desks.example'] }
    const tell = () =>
      inScope(database, scope, async (rows) => {
        const ids = { connection: connectionId }
        await onAccountFact(rows, await recordFact(rows, { name: 'connection.account_changed', ids }), about)
        return rows.selectFrom('app.mail_outbox').select(['subject', 'body_text as text']).orderBy('id').execute()
      })
    const conclude = async (script: string) => {
      await sandbox.control(`/accounts/${account!.id}/script`, { script })
      clock.advance(2_000)
      await followAccount(onboarding, scope, connectionId)
    }
    // The form is open and its owner knows.
    expect(await tell()).toEqual([])
    await conclude('directors_missing')
    const [first, ...others] = await tell()
    expect(others).toEqual([])
    expect(first!.subject).toContain('Your Stripe account needs details of its directors')
    expect(first!.text).toMatch(/https:\/\/rentroll\.test\/connect\/resume\/[\w-]{43}/)
    expect(await tell()).toHaveLength(1)
    const day = 86_400_000
    for (const [days, mails] of [
      [2, 1],
      [1, 2],
      [3, 2],
      [1, 3],
      [7, 3],
    ] as const) {
      clock.advance(days * day)
      expect(await tell(), `after ${days} more days`).toHaveLength(mails)
    }
    await conclude('complete')
    clock.advance(8 * day)
    expect(await tell()).toHaveLength(3)
  })
})
