import { afterAll, beforeAll, expect, test } from 'vitest'
import { getConnection, saveCredentials, updateConnection } from '#connections'
import { listFacts, newId } from '#platform'
import { ensureCustomer, findSetup, getMethod, getRenter, listMethods, startSetup } from '#renters'
import { cards, eachMoney, type Charging } from '#test/charges'
import { connectionGround } from '#test/connections'
import { valueOf } from '#test/rental'
import { disordered, leadOf, openStripeNews, tell, type StripeNews } from '#test/stripe-news'

/** An event whose payload lies; only its id counts. */
const eventText = (type: string, object: object) =>
  JSON.stringify({ id: 'evt_lie', object: 'event', type, livemode: false, data: { object } })

eachMoney('news of methods, pages and the account', ({ ground, sandbox, open }) => {
  let news: StripeNews
  beforeAll(async () => {
    news = await openStripeNews(sandbox())
  })
  afterAll(() => news?.close())

  const saved = async () => {
    const charging = await open({ manual: true })
    const method = await charging.saveCard(cards.good)
    await news.take()
    return { charging, method, renterId: method.renterId }
  }
  const methodOf = (charging: Charging, id: string) => charging.within((rows) => getMethod(rows, id))
  const renterOf = (charging: Charging, id: string) => charging.within((rows) => getRenter(rows, id))
  const factsOf = async (charging: Charging, ids: Record<string, string>) =>
    (await charging.within((rows) => listFacts(rows, ids))).map(({ name }) => name)
  const acted = (verdicts: readonly unknown[]) => [...new Set(verdicts)].filter((each) => each !== 'ignored_unhandled')

  test('STR-147: the events of saving a card, told twice and backwards, save it once', async () => {
    const charging = await open({ manual: true })
    await news.take()
    const method = await charging.saveCard(cards.good)
    const told = (await news.take()).filter(({ now }) => leadOf(charging, now) !== 'ignored_unhandled')
    expect(told.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['payment_method.attached', 'setup_intent.succeeded', 'checkout.session.completed']),
    )

    expect(acted(await tell(charging, disordered(told)))).toEqual(['done'])

    expect(await charging.within((rows) => listMethods(rows, method.renterId))).toHaveLength(1)
    expect(await factsOf(charging, { method: method.id })).toEqual(['method.saved'])
  })

  test('STR-147: a card reissued at Stripe has its new date here', async () => {
    const { charging, method } = await saved()
    await charging.inDashboard(`/v1/payment_methods/${method.stripePaymentMethodId}`, {
      'card[exp_month]': '7',
      'card[exp_year]': '2044',
    })
    const told = (await news.take()).filter(({ type }) => type === 'payment_method.updated')
    expect(told).toHaveLength(1)

    expect(acted(await tell(charging, disordered(told)))).toEqual(['done'])

    expect(await methodOf(charging, method.id)).toMatchObject({
      expiresMonth: 7,
      expiresYear: 2044,
      isDefault: true,
      last4: '4242',
    })
    expect((await renterOf(charging, method.renterId)).autopayPausedReason).toBeUndefined()
  })

  test('STR-147 STR-86: detached there it is no default and charged no more, and automatic charges wait until another is saved', async () => {
    const { charging, method, renterId } = await saved()
    await charging.inDashboard(`/v1/payment_methods/${method.stripePaymentMethodId}/detach`)
    const told = (await news.take()).filter(({ type }) => type.startsWith('payment_method.'))

    expect(acted(await tell(charging, disordered(told)))).toEqual(['done'])

    expect(await methodOf(charging, method.id)).toMatchObject({
      isDefault: false,
      unusableReason: 'It was removed in Stripe.',
    })
    expect((await renterOf(charging, renterId)).autopayPausedReason).toContain('Visa ••4242 cannot be charged any more')
    expect(await factsOf(charging, { method: method.id })).toEqual([
      'method.saved',
      'method.unusable',
      'autopay.paused',
    ])
    await charging.saveCard(cards.mastercard)
    expect((await renterOf(charging, renterId)).autopayPausedReason).toBeUndefined()
  })

  test('STR-147: a customer deleted there takes its methods along, and the renter gets a new one when needed', async () => {
    const { charging, method, renterId } = await saved()
    const about = { renterId, connectionId: charging.connectionId }
    const before = await ensureCustomer(charging.money, charging.scope, about)
    const reply = await fetch(`${sandbox().sandbox.url}/v1/customers/${before}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${sandbox().keysOf().secret}` },
    })
    expect(reply.ok).toBe(true)
    const told = (await news.take()).filter(({ type }) => type === 'customer.deleted')
    expect(told.map(({ old }) => leadOf(charging, old))).toEqual([`customer ${before}`])

    expect(acted(await tell(charging, disordered(told)))).toEqual(['done'])

    expect(await methodOf(charging, method.id)).toMatchObject({
      isDefault: false,
      unusableReason: 'The customer it belongs to was deleted in Stripe.',
    })
    const after = await ensureCustomer(charging.money, charging.scope, about)
    expect(after).not.toBe(before)
    expect(await ensureCustomer(charging.money, charging.scope, about)).toBe(after)
  })

  test('STR-147: a debit the payer no longer allows is charged no more', async () => {
    const { charging, method, renterId } = await saved()
    const debit = await charging.inDashboard('/v1/payment_methods', {
      type: 'au_becs_debit',
      'au_becs_debit[bsb_number]': '000000',
      'au_becs_debit[account_number]': '000123456',
      'billing_details[name]': 'Jo Renter',
      'billing_details[email]': 'jo@example.com',
    })
    const intent = await charging.inDashboard('/v1/setup_intents', {
      customer: await ensureCustomer(charging.money, charging.scope, { renterId, connectionId: charging.connectionId }),
      payment_method: debit.id,
      'allowed_payment_method_types[]': 'au_becs_debit',
      confirm: 'true',
      'mandate_data[customer_acceptance][type]': 'offline',
    })
    await charging.within((rows) =>
      rows
        .updateTable('app.saved_methods')
        .set({ stripe_payment_method_id: debit.id, kind: 'au_becs_debit' })
        .where('operator_id', '=', charging.scope.operatorId)
        .where('id', '=', method.id)
        .execute(),
    )
    const lie = { object: 'mandate', id: intent.mandate, payment_method: debit.id, status: 'inactive' }
    expect(await tell(charging, [eventText('mandate.updated', lie)])).toEqual(['done'])
    expect((await methodOf(charging, method.id)).unusableReason).toBeUndefined()

    await charging.inDashboard(`/v1/payment_methods/${debit.id}/detach`)
    const told = (await news.take()).filter(({ type }) => type === 'mandate.updated')
    expect(acted(await tell(charging, disordered(told)))).toEqual(['done'])

    expect(await methodOf(charging, method.id)).toMatchObject({
      isDefault: false,
      unusableReason: 'The mandate to debit it is no longer valid.',
    })
    expect(await factsOf(charging, { method: method.id })).toEqual([
      'method.saved',
      'method.unusable',
      'autopay.paused',
    ])
  })

  test('STR-67: methods, customers and pages of other business are foreign', async () => {
    const { charging } = await saved()
    const { id: customer } = await charging.inDashboard('/v1/customers', { email: 'other@example.com' })
    const method = await charging.inDashboard('/v1/payment_methods/pm_card_visa/attach', { customer })
    await charging.inDashboard(`/v1/payment_methods/${method.id}/detach`)
    const page = await charging.inDashboard('/v1/checkout/sessions', {
      mode: 'setup',
      currency: 'aud',
      success_url: 'https://example.com',
    })
    await charging.inDashboard(`/v1/checkout/sessions/${page.id}/expire`)

    expect(
      acted(
        await tell(
          charging,
          (await news.take()).map(({ now }) => now),
        ),
      ),
    ).toEqual(['foreign'])
  })

  test('STR-147: a page that expired is over here, and one that was finished is applied although the page is all that is named', async () => {
    const { charging, renterId } = await saved()
    const setupId = newId(ground().clock)
    const wish = { renterId, setupId, returnTo: '/renters', actor: 'test' }
    const { url } = valueOf(await startSetup(charging.money, charging.scope, wish))
    const sessionId = new URL(url).pathname.split('/').at(-1)!
    await charging.inDashboard(`/v1/checkout/sessions/${sessionId}/expire`)
    const told = (await news.take()).filter(({ type }) => type === 'checkout.session.expired')

    expect(acted(await tell(charging, disordered(told)))).toEqual(['done'])
    expect(await charging.within((rows) => findSetup(rows, setupId))).toMatchObject({
      state: 'canceled',
      failure: 'The page was not finished in time.',
    })

    const again = { ...wish, setupId: newId(ground().clock) }
    const second = new URL(valueOf(await startSetup(charging.money, charging.scope, again)).url).pathname
      .split('/')
      .at(-1)!
    const card = { number: cards.mastercard, expMonth: 12, expYear: 2040, cvc: '123' }
    sandbox().sandbox.stripe.submitCheckout({ sessionId: second, card })
    const [completed] = (await news.take()).filter(({ type }) => type === 'checkout.session.completed')
    const bare = completed!.now.replace(/"setup_intent":\s*"[^"]*"/, '"setup_intent": null')
    expect(leadOf(charging, bare)).toBe(`checkout_session ${second}`)

    expect(await tell(charging, [bare, completed!.old, bare])).toEqual(['done', 'done', 'done'])
    expect(await charging.within((rows) => findSetup(rows, again.setupId))).toMatchObject({
      state: 'succeeded',
      setupIntentId: expect.stringMatching(/^seti_/),
    })
  })

  test('STR-147: what Stripe allows the account stands on the connection', async () => {
    const { charging } = await saved()
    const { connectionId } = charging
    const connection = () => charging.within((rows) => getConnection(rows, connectionId))
    const before = await connection()
    const stale = { chargesEnabled: false, disabledReason: 'rejected.other', accountName: 'Before' }
    await charging.within((rows) => updateConnection(rows, connectionId, stale))
    const lie = { object: 'account', id: before.accountId, charges_enabled: false }
    const bank = { object: 'bank_account', id: 'ba_1', account: before.accountId }
    const bodies = [eventText('account.updated', lie), eventText('account.external_account.updated', bank)]

    expect(await tell(charging, [...bodies, ...bodies])).toEqual(['done', 'done', 'done', 'done'])

    const { chargesEnabled, disabledReason, accountName } = before
    expect(await connection()).toMatchObject({ chargesEnabled, disabledReason, accountName })
    const facts = await factsOf(charging, { connection: connectionId })
    expect(facts.filter((name) => name === 'connection.account_changed')).toHaveLength(1)
  })

  test('STR-20: what a restricted key may not read rests with the permission it lacks', async () => {
    const { charging } = await saved()
    const { publishable: publishableKey, restricted: secretKey } = sandbox().keysOf()
    const { id: customer } = await charging.inDashboard('/v1/customers', { email: 'renter@example.com' })
    const invoice = await charging.inDashboard('/v1/invoices', { customer })
    const replaced = await saveCredentials(connectionGround(ground(), sandbox().gateway), {
      scope: charging.scope,
      actor: 'test',
      input: { publishableKey, secretKey, accountId: '', webhookSecret: '' },
      countAutopayRenters: async () => 0,
    })
    expect(replaced.ok).toBe(true)

    expect(await tell(charging, [eventText('invoice.paid', { object: 'invoice', id: invoice.id })])).toEqual([
      { ignore: expect.stringContaining('Invoices (read)') },
    ])
  })
})
