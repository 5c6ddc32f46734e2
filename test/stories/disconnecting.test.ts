/**
 * Leaving Stripe and coming back (STR-26, UI-132): what stays possible with the payments of before, what does not, and what lives again
 * when the same account is connected once more.
 */
import { expect, test } from 'vitest'
import { eachProduct, eventually, requestKey } from '#test/product'
import { control, openLane } from './faulty.ts'
import { expectUnchanged, holdJobs, operatorIdOf, untilAtRest } from './fingerprints.ts'
import {
  addFunds,
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  payOnHostedPage,
  sandboxKeys,
  saveCard,
  signUp,
} from './walk.ts'

eachProduct('disconnecting', (product) => {
  test('UI-132 STR-26: payouts on their way are counted with sums and links, and keep nobody from leaving', async () => {
    const { session, account, secretKey } = await openLane(product(), 'Harbour Leavers')
    const stripe = async (path: string, form: Record<string, string>): Promise<any> => {
      const reply = await fetch(`${product().sandbox.url}/v1${path}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${secretKey}` },
        body: new URLSearchParams(form),
      })
      expect(reply.status).toBe(200)
      return reply.json()
    }
    await stripe('/balance_settings', { 'payments[payouts][schedule][interval]': 'manual' })
    const first = await stripe('/payouts', { amount: '12000', currency: 'aud' })
    const second = await stripe('/payouts', { amount: '3050', currency: 'aud' })
    const failed = await stripe('/payouts', { amount: '700', currency: 'aud' })
    await control(product(), 'POST', `/payouts/${failed.id}/fail`, { code: 'account_closed' })
    const stateOf = (rows: any[], { id }: any) => rows.find(({ stripeId }) => stripeId === id)?.state
    const { rows } = await eventually(
      () => session.good('GET', '/payouts'),
      (list) => list.rows.length === 3 && stateOf(list.rows, failed) === 'failed',
    )
    const pageOf = ({ id }: any) => rows.find(({ stripeId }: any) => stripeId === id).id

    const { id } = await session.good('GET', '/connections/stripe')
    const preview = await session.good('GET', `/connections/${id}/disconnect`)

    const item = (payout: any, amountMinor: string) => ({
      label: expect.stringMatching(/^Expected \d{1,2} \w{3} \d{4}$/),
      state: expect.stringMatching(/^(Pending|On its way)$/),
      amount: { amountMinor, currency: 'AUD' },
      href: `/w/${session.slug}/bank/payouts/${pageOf(payout)}?mode=test`,
      stripeId: payout.id,
    })
    expect(preview.groups.find(({ kind }: any) => kind === 'payouts')).toEqual({
      kind: 'payouts',
      title: '2 payouts on their way to your bank',
      count: 2,
      sums: [{ amountMinor: '15050', currency: 'AUD' }],
      items: expect.arrayContaining([item(first, '12000'), item(second, '3050')]),
    })
    expect(preview.unknown.join(' ')).toMatch(/Payouts keep nothing from ending.*Disputes are not kept here/s)
    const left = await session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
    expect(left).toMatchObject({ state: 'none' })
    const atStripe = product().sandbox.stripe.listObjects(account, 'test', 'payout') as any[]
    expect(atStripe.filter(({ status }) => status === 'canceled')).toEqual([])
    expect((await session.good('GET', `/payouts/${pageOf(first)}`)).state).toMatch(/^(pending|in_transit)$/)
  })

  test('UI-132: a key that may not see payouts says so where they would be counted', async () => {
    const { session, account, publishableKey } = await openLane(product(), 'Harbour Narrow')
    const permissions = ['accounts_kyc_basic_read', 'balance_read']
    const { key } = await control(product(), 'POST', '/keys', { account, mode: 'test', permissions })
    await session.good('PUT', '/connections/stripe', { publishableKey, secretKey: key })
    const { id } = await session.good('GET', '/connections/stripe')
    const { unknown } = await eventually(
      () => session.good('GET', `/connections/${id}/disconnect`),
      (preview) => preview.unknown.join(' ').includes('may not read payouts'),
    )
    expect(unknown.join(' ')).toContain('Payouts keep nothing from ending')
  })

  test('STR-26: after disconnecting, a card payment of before can be looked at but neither refunded nor asked about', async () => {
    const session = await signUp(product())
    await connectStripe(session, product())
    const set = await furnish(session)
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    const paid = await labelled(session, invoiceId, 'Paid')
    await addFunds(product())
    const wish = { requestKey: requestKey(), paymentId: paid.payments[0].id, amount: '5.00', reason: 'Too warm' }
    await session.good('POST', `/invoices/${invoiceId}/refund`, wish)
    await eventually(
      () => invoiceOf(session, invoiceId),
      ({ refunds }) => refunds[0]?.state === 'succeeded',
    )
    expect((await invoiceOf(session, invoiceId)).can).toMatchObject({
      refund: { allowed: true },
      checkAgain: { allowed: true },
    })
    await session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
    await untilAtRest(product(), session, await operatorIdOf(product(), session))
    await holdJobs(product())
    await expectUnchanged(product(), await operatorIdOf(product(), session), async () => {
      const again = { ...wish, requestKey: requestKey() }
      expect((await session.refused('POST', `/invoices/${invoiceId}/refund`, again)).body).toMatchObject({
        status: 409,
        code: 'not_connected',
        title: 'The Stripe account of this payment is disconnected',
      })
      expect((await session.refused('POST', `/invoices/${invoiceId}/check-again`)).body).toMatchObject({
        status: 409,
        code: 'account_disconnected',
        title: 'The Stripe account of this payment is disconnected',
        detail: 'Stripe cannot be asked about this payment, because Rentroll has no key of its account any more.',
        nextStep: 'Look the payment up in the Stripe Dashboard.',
      })
    })
    expect(await invoiceOf(session, invoiceId)).toMatchObject({
      label: { text: 'Paid' },
      payments: [{ state: 'succeeded' }],
      can: {
        refund: { allowed: false, reason: 'The Stripe account of this payment is disconnected.' },
        checkAgain: { allowed: false, reason: 'Nothing is waiting for Stripe.' },
      },
    })
  })

  test('UI-132: the same account connected again: payments of before can be refunded, and a card that went meanwhile says so', async () => {
    const { accountId, secretKey } = sandboxKeys(product())
    const session = await signUp(product())
    await connectStripe(session, product())
    const set = await furnish(session)
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)
    const { invoiceId } = await checkOut(session, set)
    const paid = await labelled(session, invoiceId, 'Paid')
    const [card] = product().sandbox.stripe.listObjects(accountId, 'test', 'payment_method')
    await session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
    const detached = await fetch(`${product().sandbox.url}/v1/payment_methods/${card?.['id']}/detach`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secretKey}` },
    })
    expect(detached.status).toBe(200)

    await connectStripe(session, product())
    await addFunds(product())
    const wish = { requestKey: requestKey(), paymentId: paid.payments[0].id, amount: '5.00', reason: 'Too warm' }
    await session.good('POST', `/invoices/${invoiceId}/refund`, wish)
    const { refunds } = await eventually(
      () => invoiceOf(session, invoiceId),
      (invoice) => invoice.refunds[0]?.state === 'succeeded',
    )
    expect(refunds).toHaveLength(1)
    const { methods } = await eventually(
      () => session.good('GET', `/renters/${set.renterId}`),
      (renter) => /removed/.test(renter.methods[0]?.unusableReason),
    )
    expect(methods).toMatchObject([
      { unusableReason: 'It was removed at Stripe while the account was disconnected.', isDefault: true },
    ])
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)
    const { invoiceId: later } = await checkOut(session, { ...(await furnish(session)), renterId: set.renterId })
    await labelled(session, later, 'Paid')
  })

  test('STR-26: disconnecting with a card being saved, with the wrong word, twice, and the account’s cards afterwards', async () => {
    const session = await signUp(product())
    await connectStripe(session, product(), { webhook: false })
    const set = await furnish(session, { manual: true })
    const { url } = await session.good('POST', `/renters/${set.renterId}/setup`, {
      requestKey: requestKey(),
      returnTo: `/w/${session.slug}/renters`,
    })
    const wrong = await session.refused('POST', '/connections/stripe/disconnect', { word: 'yes' })
    expect(wrong.body.errors).toEqual([{ pointer: '/word', detail: 'Type the word disconnect.' }])
    const gone = await session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
    expect(gone).toMatchObject({ state: 'none' })
    expect(gone).not.toHaveProperty('secretKey')
    expect(
      (await session.refused('POST', '/connections/stripe/disconnect', { word: 'disconnect' })).body,
    ).toMatchObject({
      status: 409,
      code: 'no_connection',
      detail: 'There is no Stripe connection in this mode yet.',
    })
    // The page was closed with the connection, so the card goes nowhere.
    await payOnHostedPage(product(), url, '4242424242424242')
    const { invoiceId } = await checkOut(session, set)
    const taken = await session.refused('POST', `/invoices/${invoiceId}/take-payment`, { requestKey: requestKey() })
    expect(taken.body).toMatchObject({
      status: 409,
      code: 'no_connection',
      title: 'Card payments are not connected',
      nextStep: 'Connect Stripe in Administration, Integrations.',
    })
    const { publishableKey, secretKey } = sandboxKeys(product(), 'Keystone Storage')
    const { connection } = await session.good('PUT', '/connections/stripe', { publishableKey, secretKey })
    expect(connection).toMatchObject({ state: 'connected', account: { name: 'Keystone Storage' } })
    const still = await session.refused('POST', `/invoices/${invoiceId}/take-payment`, { requestKey: requestKey() })
    expect(still.body).toMatchObject({ status: 409, code: 'no_method' })
  })
})
