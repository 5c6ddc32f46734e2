/** What happens to a connected account afterwards (stripe.md §4): both kinds side by side, news that were missed, payouts, and the way out. */
import { expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, requestKey } from '#test/product'
import { expectNothingShown, fillForm, onboarded, onboardingPath, press, status } from './connected.ts'
import { control } from './faulty.ts'
import { operatorIdOf } from './fingerprints.ts'
import {
  addFunds,
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  saveCard,
  saveDebit,
  signInAgain,
  signUp,
  turn,
} from './walk.ts'

eachProduct(
  'a connected account',
  (product) => {
    test('STR-38 STR-27: an account that leaves is not called any more; disconnected here, it comes back into the same row', async () => {
      const { session, accountId, connection } = await onboarded(product())
      await status(session, 'active')
      await session.good('POST', '/connect/disconnect', { word: 'disconnect' })
      expect(await session.good('GET', '/connect')).toMatchObject({ state: 'disconnected', isCharging: false })
      expect(await press(product(), session, onboardingPath(session))).toMatchObject({
        location: expect.stringContaining('problem=no_account'),
      })
      const back = await session.good('POST', '/connect/account', { country: 'AU' })
      expect(back).toMatchObject({ id: connection, account: { id: accountId }, stripeStatusDetail: 'active' })

      await control(product(), 'POST', `/accounts/${accountId}/deauthorize`)
      await status(session, 'disconnected')
      const gone = await session.refused('POST', '/connect/account', { country: 'AU' })
      expect(gone.body).toMatchObject({ code: 'account_left' })
      const fresh = await session.good('POST', '/connect/account', { country: 'AU', isFresh: true })
      expect(fresh.account.id).not.toBe(accountId)
      expect(fresh.id).not.toBe(connection)
    })

    test('STR-13 STR-14: both kinds side by side; new money takes the chosen way, refunds the way the payment came', async () => {
      const session = await signUp(product())
      await connectStripe(session, product())
      const set = await furnish(session)
      await saveCard(session, product(), set.renterId)
      await cardOnFile(session, set.renterId)
      const { invoiceId } = await checkOut(session, set)
      const paid = await labelled(session, invoiceId, 'Paid')

      const begun = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
      await session.refused('PUT', '/connections/charging', { kind: 'connect' })
      const { location } = await press(product(), session, onboardingPath(session))
      fillForm(product(), location)
      await session.good('POST', '/api/v1/connect/return', { connection: begun.id })
      expect(await status(session, 'active')).toMatchObject({ isCharging: false })
      const before = await session.good('GET', '/connections/charging')
      expect(before).toMatchObject({
        choices: [
          { kind: 'own_keys', isCharging: true, mayCharge: true },
          { kind: 'connect', isCharging: false, mayCharge: true },
        ],
        ifChanged: { renters: [{ label: expect.stringContaining('Renter') }], groups: [] },
      })
      await session.good('PUT', '/connections/charging', { kind: 'connect' })

      const next = await furnish(session)
      await saveCard(session, product(), next.renterId)
      await cardOnFile(session, next.renterId)
      const { invoiceId: nextId } = await checkOut(session, next)
      await labelled(session, nextId, 'Paid')
      const stripe = product().sandbox.stripe
      expect(stripe.listObjects(begun.account.id, 'test', 'charge')).toHaveLength(1)

      await addFunds(product())
      await session.good('POST', `/invoices/${invoiceId}/refund`, {
        requestKey: requestKey(),
        paymentId: paid.payments[0].id,
        amount: '1.00',
        reason: 'Too warm',
      })
      await eventually(
        () => invoiceOf(session, invoiceId),
        ({ refunds }) => refunds.length === 1 && refunds[0].state === 'succeeded',
      )
      expect(stripe.listObjects(begun.account.id, 'test', 'refund')).toHaveLength(0)
    })

    test('STR-72: events of a connected account that no delivery brought are found by asking for them', async () => {
      const { session } = await onboarded(product())
      await status(session, 'active')
      const set = await furnish(session)
      await saveCard(session, product(), set.renterId)
      await cardOnFile(session, set.renterId)
      await control(product(), 'POST', '/faults', { where: 'webhook', effect: 'drop', times: 1000 })
      const { invoiceId } = await checkOut(session, set)
      await labelled(session, invoiceId, 'Paid')
      const missed = await session.good('POST', '/webhooks/missed/preview')
      expect(missed.newCount).toBeGreaterThan(0)
      expect(missed.byType.map(({ type }: any) => type)).toContain('payment_intent.succeeded')
      await session.good('POST', '/webhooks/missed/add')
      const found = await eventually(
        () => session.good('GET', '/webhooks/events?limit=100'),
        ({ rows }) => rows.some(({ type, via }: any) => type === 'payment_intent.succeeded' && via === 'poll'),
      )
      await control(product(), 'DELETE', '/faults')
      const ofPayment = found.rows.filter(({ type }: any) => type.startsWith('payment_intent.'))
      expect(ofPayment.map(({ state }: any) => state)).not.toContain('ignored_foreign')
      const again = await session.good('POST', '/webhooks/missed/preview')
      expect(again).toMatchObject({ newCount: 0, seenCount: missed.seenCount })
    })

    test('STR-107: a failed payout of the connected account is found by its news, and explained', async () => {
      const { session, accountId } = await onboarded(product())
      await status(session, 'active')
      const funds = { account: accountId, mode: 'test', currency: 'aud', amountMinor: 50_000 }
      await control(product(), 'POST', '/funds', funds)
      const { secret } = product().sandbox.keys.find(
        ({ account, mode }) => account === 'Rental Platform' && mode === 'test',
      )!
      const made = await fetch(`${product().sandbox.url}/v1/payouts`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${secret}`, 'Stripe-Account': accountId },
        body: new URLSearchParams({ amount: '20000', currency: 'aud' }),
      })
      const { id } = (await made.json()) as { id: string }
      await control(product(), 'POST', `/payouts/${id}/fail`, { code: 'invalid_account_number' })
      const { rows } = await eventually(
        () => session.good('GET', '/payouts?state=failed'),
        (list) => list.rows.length === 1,
      )
      expect(rows).toMatchObject([{ stripeId: id, amount: { amountMinor: '20000' }, isTrouble: true }])
      const { checks } = await session.good('GET', '/diagnosis')
      expect(checks.find(({ title }: any) => title === 'Scheduled payout failed')).toMatchObject({
        state: 'found',
        text: expect.stringContaining('the account number is not valid'),
      })
      await control(product(), 'POST', `/accounts/${accountId}/bank`, {
        currency: 'aud',
        accountNumber: '000123456',
        routingNumber: '110000',
      })
      await eventually(
        () => session.good('GET', `/payouts/${rows[0].id}`),
        ({ isTrouble }) => !isTrouble,
      )
    })

    test('STR-27 UI-149: a connected account drains: its debit settles and is booked, then nothing is sent for it any more', async () => {
      const { session, accountId, connection } = await onboarded(product())
      await status(session, 'active')
      const set = await furnish(session)
      await saveDebit(session, product(), { renterId: set.renterId, account: '000000/000123456' })
      await cardOnFile(session, set.renterId)
      const { invoiceId } = await checkOut(session, set)
      await eventually(
        () => invoiceOf(session, invoiceId),
        ({ payments }) => payments[0]?.state === 'processing',
      )
      const preview = await session.good('GET', `/connections/${connection}/disconnect`)
      expect(preview.groups.find(({ kind }: any) => kind === 'debits')).toMatchObject({ count: 1 })

      const leaving = await session.good('POST', '/connect/disconnect', { word: 'disconnect' })
      expect(leaving).toMatchObject({ state: 'disconnecting', isCharging: false, acceptsPaidBookings: false })
      const back = await session.good('POST', '/connect/account', { country: 'AU' })
      expect(back).toMatchObject({ id: connection, state: 'connected', isCharging: true })
      await session.good('POST', '/connect/disconnect', { word: 'disconnect' })

      const stateNow = async () => (await session.good('GET', '/connect')).state
      for (let day = 1; day <= 6 && (await stateNow()) === 'disconnecting'; day += 1) {
        await turn(product(), { advance: 'P1D' })
        await signInAgain(session)
      }
      expect(await stateNow()).toBe('disconnected')
      await labelled(session, invoiceId, 'Paid')
      await expectBooksToHold(product(), { operatorId: await operatorIdOf(product(), session), mode: 'test' })
      const { payments } = await invoiceOf(session, invoiceId)
      const wish = { requestKey: requestKey(), paymentId: payments[0].id, amount: '1.00', reason: 'Too warm' }
      expect((await session.refused('POST', `/invoices/${invoiceId}/refund`, wish)).body.code).toBe('not_connected')
      expect(product().sandbox.stripe.listObjects(accountId, 'test', 'refund')).toHaveLength(0)

      const [saved] = product().sandbox.stripe.listObjects(accountId, 'test', 'payment_method')
      const detach = `${product().sandbox.url}/v1/payment_methods/${saved?.['id']}/detach`
      const { secret } = product().sandbox.keys.find(
        ({ account, mode }) => account === 'Rental Platform' && mode === 'test',
      )!
      const headers = { Authorization: `Bearer ${secret}`, 'Stripe-Account': accountId }
      expect((await fetch(detach, { method: 'POST', headers })).status).toBe(200)
      await session.good('POST', '/connect/account', { country: 'AU' })
      expect((await session.good('GET', '/connect')).state).toBe('connected')
      const read = () => session.good('GET', `/renters/${set.renterId}`)
      expect((await read()).methods[0].unusableReason).toMatch(/came back|removed|no longer valid/)
      // The look at the method and the news of its mandate tell of the same end; whichever is first gives the reason.
      await eventually(read, ({ methods: [method] }) => /was removed|no longer valid/.test(method.unusableReason))
    }, 240_000)

    test('TRU-10 TRU-17 STR-9: after all of it no key, signing secret or link is in dump or log', async () => {
      await expectNothingShown(product())
    })
  },
  { isPlatform: true },
)
