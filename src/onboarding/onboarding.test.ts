import { afterAll, beforeAll, expect, test } from 'vitest'
import { getConnection } from '#connections'
import type { Scope } from '#kernel'
import { inScope, Secret } from '#platform'
import { createStripe, type StripeGateway } from '#stripe'
import { openBentStripe } from '#test/bent-stripe'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { connectAccount } from './account-creation.ts'
import { readAccountView } from './account-view.ts'
import { followAccount, keepSeen } from './follow-account.ts'
import { onboardingJobs, recoverOnboarding } from './jobs.ts'
import type { OnboardingGround } from './onboarding.ts'
import { createResumeLink, openResumeLink } from './own-links.ts'
import { findAccount } from './store.ts'

eachDatabase('onboarding', { jobs: onboardingJobs }, (ground) => {
  let sandbox: StripeSandboxGround
  let onboarding: OnboardingGround
  beforeAll(async () => {
    const { clock, database, box, logs } = ground()
    sandbox = await openStripeSandbox(clock)
    const { secret } = sandbox.keysOf({ account: 'Rental Platform' })
    const platformKeys = { test: new Secret(secret) }
    const options = { apiBase: sandbox.sandbox.url, logs, clock, installation: 'test-installation' }
    const stripe: StripeGateway = createStripe({ ...options, platformKeys })
    onboarding = { database, box, stripe, publicUrl: 'http://127.0.0.1:1' }
  })
  afterAll(() => sandbox?.close())

  const within = <Value>(scope: Scope, work: Parameters<typeof inScope<Value>>[2]) =>
    inScope(ground().database, scope, work)

  async function connected() {
    const { scope } = await ground().makeOperator()
    const made = await connectAccount(onboarding, { scope, country: 'AU', businessType: 'company' })
    if (!made.ok) throw new Error(made.refusal.code)
    return { scope, connectionId: made.value.connectionId }
  }

  test('STR-2: without a key of this mode nothing is made, and nothing is sent without naming the account', async () => {
    const { scope } = await ground().makeOperator('live')
    const refused = await connectAccount(onboarding, { scope, country: 'AU' })
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'platform_missing' } })
    const unnamed = { credential: 'platform', mode: 'test', operatorId: '', connectionId: 'none' } as const
    await expect(onboarding.stripe.readBalance(unnamed)).rejects.toThrow('has to name the account')
    const closed = { ...unnamed, account: 'acct_1' as const, isClosed: true }
    await expect(onboarding.stripe.readBalance(closed)).rejects.toMatchObject({ kind: 'auth', code: 'disconnected' })
  })

  test('STR-32: the link works for 6 days and 23 hours, ends after 7 days, and is kept as a hash alone', async () => {
    const { scope, connectionId } = await connected()
    const { path } = await within(scope, (rows) => createResumeLink(rows, { connectionId, actor: 'Kim' }))
    const token = path.split('/').at(-1)!
    const open = () => openResumeLink(ground().database, token)
    expect(await open()).toMatchObject({ scope, connectionId, hasEnded: false })
    const hour = 3_600_000
    ground().clock.advance((6 * 24 + 23) * hour)
    expect(await open()).toMatchObject({ hasEnded: false })
    ground().clock.advance(hour + 1_000)
    expect(await open()).toMatchObject({ hasEnded: true })
    expect(await openResumeLink(ground().database, `${token.slice(0, -1)}_`)).toBeUndefined()
    const { rows } = await ground().database.handle.executeQuery(
      ground().database.handle.selectFrom('app.resume_links').select('token_hash').compile(),
    )
    expect(JSON.stringify(rows)).not.toContain(token)
  })

  test('STR-34 STR-35: an answer asked for earlier than the one we have is dropped, and nobody asks twice in a second', async () => {
    const { scope, connectionId } = await connected()
    const { seen, fetchedAt } = (await within(scope, (rows) => findAccount(rows, connectionId)))!
    const late = { ...seen!, chargesEnabled: true, payoutsEnabled: true, detailsSubmitted: true }
    const beganAt = new Date(fetchedAt!.getTime() - 1)
    await within(scope, (rows) => keepSeen(rows, { connectionId, seen: late, beganAt }))
    expect(await within(scope, readAccountView)).toMatchObject({ stripeStatusDetail: 'pending' })
    ground().clock.advance(2_000)
    expect(await followAccount(onboarding, scope, connectionId)).toBe('read')
    expect(await followAccount(onboarding, scope, connectionId)).toBe('later')
  })

  test('STR-29: what a crash left between row and account is finished with the same key, and looked up when the key is old', async () => {
    const { scope, connectionId } = await connected()
    const before = await within(scope, (rows) => getConnection(rows, connectionId))
    for (const hours of [0, 30]) {
      await forget(scope, connectionId)
      ground().clock.advance(hours * 3_600_000 + 60_000)
      await within(scope, recoverOnboarding)
      const again = await connectAccount(onboarding, { scope, country: 'NZ' })
      expect(again).toMatchObject({ ok: true, value: { connectionId } })
      const after = await within(scope, (rows) => getConnection(rows, connectionId))
      expect(after.accountId).toBe(before.accountId)
    }
  })

  test('UI-142 STR-29: the currency is frozen beside the country, so that a retry after a crash asks for the same account', async () => {
    const { scope } = await ground().makeOperator()
    const press = (currency: string) => connectAccount(onboarding, { scope, country: 'GB', currency })
    const made = await press('EUR')
    if (!made.ok) throw new Error(made.refusal.code)
    const { connectionId } = made.value
    const before = await within(scope, (rows) => getConnection(rows, connectionId))
    expect(before).toMatchObject({ accountCountry: 'GB', accountCurrency: 'EUR' })
    await forget(scope, connectionId)
    expect(await press('GBP')).toMatchObject({ ok: true, value: { connectionId } })
    const after = await within(scope, (rows) => getConnection(rows, connectionId))
    expect(after).toMatchObject({ accountId: before.accountId, accountCurrency: 'EUR' })
  })

  test('UI-142: a currency that accounts of the country are not paid out in is refused before anything is made', async () => {
    const { scope } = await ground().makeOperator()
    const refused = await connectAccount(onboarding, { scope, country: 'CA', currency: 'EUR' })
    const problem = { cause: 'Stripe pays out accounts of this country in CAD or USD.' }
    expect(refused).toMatchObject({ refusal: { code: 'currency_refused', field: '/currency', problem } })
    expect(await within(scope, readAccountView)).toMatchObject({ connection: undefined })
    expect(await connectAccount(onboarding, { scope, country: 'CA', currency: 'USD' })).toMatchObject({ ok: true })
  })

  test('UI-142: a currency that Stripe itself refuses leaves room for another', async () => {
    const { scope } = await ground().makeOperator()
    const bent = await openBentStripe(sandbox.sandbox.url)
    // The country is refused as the currency would be, which the sandbox offers wherever we do.
    bent.bend((answer: any) => void (answer.error && (answer.error.param = 'default_currency')))
    const { clock, logs } = ground()
    const platformKeys = { test: new Secret(sandbox.keysOf({ account: 'Rental Platform' }).secret) }
    const stripe = createStripe({ apiBase: bent.url, logs, clock, installation: 'test-installation', platformKeys })
    const refused = await connectAccount({ ...onboarding, stripe }, { scope, country: 'KP', currency: 'KRW' })
    await bent.close()
    expect(refused).toMatchObject({ refusal: { code: 'currency_refused', field: '/currency' } })
    expect(await connectAccount(onboarding, { scope, country: 'NZ', currency: 'NZD' })).toMatchObject({ ok: true })
  })

  /** As if the process had died before it could write Stripe's answer. */
  async function forget(scope: Scope, connectionId: string): Promise<void> {
    await within(scope, async (rows) => {
      const about = (table: 'app.connections' | 'app.connect_accounts', column: string) =>
        rows.updateTable(table).where('operator_id', '=', scope.operatorId).where(column, '=', connectionId)
      await about('app.connections', 'id').set({ stripe_account_id: null, state: 'unverified' }).execute()
      await about('app.connect_accounts', 'connection_id').set({ seen: null, fetched_at: null }).execute()
    })
  }
})
