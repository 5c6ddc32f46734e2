/** Accounts that Stripe makes in its second API only (STR-30, STR-34, STR-135): the same clicks, the same standings. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getConnection } from '#connections'
import type { Scope } from '#kernel'
import { inScope, Secret } from '#platform'
import { createStripe } from '#stripe'
import { openBentStripe, type BentStripe } from '#test/bent-stripe'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { connectAccount } from './account-creation.ts'
import { readAccountView } from './account-view.ts'
import { followAccount } from './follow-account.ts'
import { mintLink } from './mint-link.ts'
import type { OnboardingGround } from './onboarding.ts'
import { findAccount } from './store.ts'

type Bent = (account: any) => void

eachDatabase('accounts of v2', {}, (ground) => {
  let sandbox: StripeSandboxGround
  let bent: BentStripe
  let onboarding: OnboardingGround
  beforeAll(async () => {
    const { clock, database, box, logs } = ground()
    sandbox = await openStripeSandbox(clock)
    bent = await openBentStripe(sandbox.sandbox.url)
    bent.refuse(({ method, path }) =>
      method === 'POST' && path === '/v1/accounts'
        ? 'Your platform creates accounts with Accounts v2. Use POST /v2/core/accounts.'
        : undefined,
    )
    const platformKeys = { test: new Secret(sandbox.keysOf({ account: 'Rental Platform' }).secret) }
    const options = { apiBase: bent.url, logs, clock, installation: 'test-installation' }
    onboarding = { database, box, stripe: createStripe({ ...options, platformKeys }), publicUrl: 'http://127.0.0.1:1' }
  })
  afterAll(async () => {
    await bent?.close()
    await sandbox?.close()
  })

  const within = <Value>(scope: Scope, work: Parameters<typeof inScope<Value>>[2]) =>
    inScope(ground().database, scope, work)

  async function connected() {
    const { scope } = await ground().makeOperator()
    const made = await connectAccount(onboarding, { scope, country: 'AU', businessType: 'company' })
    if (!made.ok) throw new Error(made.refusal.code)
    return { scope, connectionId: made.value.connectionId }
  }

  /** Asked again while the account is as `change` makes it. */
  async function standing({ scope, connectionId }: Awaited<ReturnType<typeof connected>>, change?: Bent) {
    bent.bend((answer, { path }) => void (path.startsWith('/v2/core/accounts/') && change?.(answer)))
    ground().clock.advance(2_000)
    await followAccount(onboarding, scope, connectionId)
    return (await within(scope, readAccountView)).stripeStatusDetail
  }

  const cards = (status: string, code = 'restricted_other'): Bent => {
    return (account) => {
      account.configuration.merchant.capabilities.card_payments = {
        status,
        status_details: [{ code, resolution: 'x' }],
      }
    }
  }
  const payouts = (status: string): Bent => {
    return (account) => {
      account.configuration.recipient.capabilities.stripe_balance.payouts = { status, status_details: [] }
    }
  }
  const demands = (...due: readonly (readonly [string, string])[]): Bent => {
    return (account) => {
      const entries = due.map(([from, status]) => ({
        awaiting_action_from: from,
        description: 'identity.business_details.registered_name',
        errors: [],
        minimum_deadline: { status },
      }))
      account.requirements = { entries }
      account.future_requirements = { entries: [] }
    }
  }
  const all =
    (...changes: readonly Bent[]): Bent =>
    (account) => {
      for (const change of changes) change(account)
    }
  const open = all(cards('active'), payouts('active'), demands())

  test('STR-30: Stripe asks for v2, and one click and all clicks after it make one account with it', async () => {
    const { scope, connectionId } = await connected()
    const before = await within(scope, (rows) => getConnection(rows, connectionId))
    expect(before.accountId).toMatch(/^acct_/)
    expect(await within(scope, (rows) => findAccount(rows, connectionId))).toMatchObject({
      api: 'v2',
      statusDetail: 'pending',
      seen: { country: 'AU', isIndividual: false, detailsSubmitted: false },
    })
    await connectAccount(onboarding, { scope, country: 'AU' })
    const after = await within(scope, (rows) => getConnection(rows, connectionId))
    expect(after.accountId).toBe(before.accountId)
  })

  test('UI-142 STR-30: the currency that was chosen is the default of an account of v2, too', async () => {
    const { scope } = await ground().makeOperator()
    const made = await connectAccount(onboarding, { scope, country: 'GB', currency: 'EUR' })
    if (!made.ok) throw new Error(made.refusal.code)
    const { connectionId } = made.value
    expect(await within(scope, (rows) => findAccount(rows, connectionId))).toMatchObject({
      api: 'v2',
      currency: 'EUR',
      seen: { country: 'GB', currency: 'EUR' },
    })
  })

  test('STR-29: what a crash left between row and account is finished with the key of v2, and looked up when that is old', async () => {
    const { scope, connectionId } = await connected()
    const before = await within(scope, (rows) => getConnection(rows, connectionId))
    for (const days of [0, 31]) {
      await within(scope, async (rows) => {
        const of = rows.updateTable('app.connections').where('operator_id', '=', scope.operatorId)
        await of.where('id', '=', connectionId).set({ stripe_account_id: null, state: 'unverified' }).execute()
      })
      ground().clock.advance(days * 86_400_000 + 60_000)
      await connectAccount(onboarding, { scope, country: 'AU' })
      expect((await within(scope, (rows) => getConnection(rows, connectionId))).accountId).toBe(before.accountId)
    }
  })

  test('STR-31: the link to the form is one of v2 and leads back here', async () => {
    const { scope, connectionId } = await connected()
    const minted = await mintLink(onboarding, scope, { connectionId, way: 'click' })
    expect(minted.ok && minted.value.url.reveal()).toContain('/connect/setup/')
  })

  test('STR-34: each row of the rule for v2', async () => {
    const account = await connected()
    const rows: readonly (readonly [string, Bent])[] = [
      ['pending', all(cards('restricted', 'requirements_past_due'), demands(['user', 'past_due']))],
      ['under_review', all(cards('pending', 'determining_status'), demands(['stripe', 'currently_due']))],
      ['rejected', all(cards('rejected', 'rejected_fraud'), demands())],
      ['restricted', all(cards('restricted'), demands())],
      ['restricted', all(cards('of_tomorrow'), demands())],
      ['restricted', all(cards('active'), (one) => delete one.configuration.recipient.capabilities.stripe_balance)],
      ['active', open],
      ['active', all(open, demands(['stripe', 'currently_due']))],
      ['active', all(open, demands(['user', 'eventually_due']))],
      ['active_payouts_blocked', all(open, payouts('restricted'))],
      ['active_action_required', all(open, demands(['user', 'currently_due']))],
      ['active_action_required', all(open, (one) => void (one.future_requirements = dueLater))],
      // It took payments before, so nobody may be told that its form was never finished.
      ['restricted', all(cards('restricted', 'requirements_past_due'), demands(['user', 'past_due']))],
    ]
    for (const [place, [wanted, change]] of rows.entries())
      expect(await standing(account, change), `row ${place + 1}`).toBe(wanted)
  })
  const dueLater = {
    entries: [
      { awaiting_action_from: 'user', description: 'x', errors: [], minimum_deadline: { status: 'currently_due' } },
    ],
  }

  test('STR-135: an answer that lacks a part that was asked for changes nothing', async () => {
    const account = await connected()
    for (const part of ['configuration', 'requirements', 'future_requirements', 'identity', 'defaults']) {
      const lacking = standing(
        account,
        all(open, (one) => delete one[part]),
      )
      await expect(lacking, part).rejects.toMatchObject({ kind: 'unexpected_response' })
    }
    expect((await within(account.scope, readAccountView)).stripeStatusDetail).toBe('pending')
  })

  test('STR-34 STR-38: a closed account has left', async () => {
    const account = await connected()
    expect(await standing(account, (one) => void (one.closed = true))).toBe('disconnected')
  })
})
