/** Stripe Connect over HTTP (stripe.md §4): from the click to the first paid invoice on the operator's own account, and out again. */
import { expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product } from '#test/product'
import { expectNothingShown, fillForm, onboarded, onboardingPath, press, status } from './connected.ts'
import { control } from './faulty.ts'
import { operatorIdOf } from './fingerprints.ts'
import { cardOnFile, checkOut, furnish, invoiceOf, labelled, saveCard, signUp } from './walk.ts'

/** What really stands at Stripe for this operator. */
async function madeFor(product: Product, operatorId: string): Promise<any[]> {
  const { secret } = product.sandbox.keys.find(({ account, mode }) => account === 'Rental Platform' && mode === 'test')!
  const reply = await fetch(`${product.sandbox.url}/v1/accounts?limit=100`, {
    headers: { Authorization: `Bearer ${secret}`, 'Stripe-Version': '2026-10-28.endive' },
  })
  const { data } = (await reply.json()) as { data: any[] }
  return data.filter(({ metadata }) => metadata.rentroll_operator === operatorId)
}

eachProduct(
  'Stripe Connect',
  (product) => {
    test('H6 H7 H8 H9 H11: sign up, connect, onboard; the first invoice is paid on the account of the operator', async () => {
      const session = await signUp(product())
      expect(await session.good('GET', '/connect')).toMatchObject({
        isAvailable: true,
        state: 'none',
        stripeStatus: 'not_connected',
        acceptsPaidBookings: false,
      })

      const begun = await session.good('POST', '/connect/account', {
        country: 'AU',
        currency: 'AUD',
        businessType: 'company',
      })
      expect(begun).toMatchObject({
        state: 'connected',
        stripeStatusDetail: 'pending',
        isCharging: false,
        wish: { country: 'AU', currency: 'AUD' },
        account: { id: expect.stringMatching(/^acct_/), country: 'AU', currency: 'AUD' },
      })

      const gone = await press(product(), session, onboardingPath(session))
      expect(gone).toMatchObject({ status: 303, location: expect.stringContaining('/connect/setup/') })
      const back = new URL(fillForm(product(), gone.location))
      expect(back.href).toBe(`${product().origin}/v2/preview/onboarding?step=7&c=${begun.id}`)

      const seen = await session.good('POST', '/api/v1/connect/return', { connection: back.searchParams.get('c') })
      expect(seen.slug).toBe(session.slug)
      const active = await status(session, 'active')
      expect(active).toMatchObject({ stripeStatus: 'active', acceptsPaidBookings: true, isCharging: true, demands: [] })

      const set = await furnish(session)
      await saveCard(session, product(), set.renterId)
      await cardOnFile(session, set.renterId)
      const { invoiceId } = await checkOut(session, set)
      const paid = await labelled(session, invoiceId, 'Paid')
      const charges = product().sandbox.stripe.listObjects(active.account.id, 'test', 'charge') as any[]
      expect(charges.map(({ amount, status: state }) => [String(amount), state])).toEqual([
        [paid.total.amountMinor, 'succeeded'],
      ])

      const [payment] = paid.payments
      await session.good('POST', `/invoices/${invoiceId}/refund`, {
        requestKey: requestKey(),
        paymentId: payment.id,
        amount: '1.00',
        reason: 'Too warm',
      })
      // Its money has not settled yet: the refund waits, and goes out when the connected account tells of funds (STR-109).
      const refundIs = (state: string) =>
        eventually(
          () => invoiceOf(session, invoiceId),
          ({ refunds }) => refunds[0]?.state === state,
        )
      const shortOfFunds = async () =>
        (await session.good('GET', '/diagnosis')).checks.find(({ code }: any) => code === 'refund_funds')
      await refundIs('waiting_funds')
      expect(await shortOfFunds()).toMatchObject({ state: 'found', title: 'Refund larger than available balance' })
      const funds = { account: active.account.id, mode: 'test', currency: 'aud', amountMinor: 100 }
      const added = await fetch(`${product().sandbox.url}/_sandbox/funds`, {
        method: 'POST',
        body: JSON.stringify(funds),
      })
      expect(added.ok).toBe(true)
      await refundIs('succeeded')
      expect(await shortOfFunds()).toMatchObject({ state: 'ok' })
      expect(product().sandbox.stripe.listObjects(active.account.id, 'test', 'refund')).toHaveLength(1)
      const scope = { operatorId: await operatorIdOf(product(), session), mode: 'test' } as const
      await expectBooksToHold(product(), scope)
      const told = product().logLines.join('\n')
      expect(told).not.toContain('/connect/setup/')
    })

    test('STR-29: a double click, two tabs and a lost answer make one account', async () => {
      const session = await signUp(product())
      const operatorId = await operatorIdOf(product(), session)
      const fault = { where: 'api', match: { method: 'POST', path: '/v1/accounts' }, effect: 'drop_after', times: 2 }
      await control(product(), 'POST', '/faults', fault)
      const clicks = await Promise.all(
        [1, 2, 3].map(() =>
          session.call('POST', `/api/v1/w/${session.slug}/connect/account?mode=test`, {
            country: 'AU',
            currency: 'AUD',
          }),
        ),
      )
      for (const { status: code, body } of clicks) expect([200, 503], JSON.stringify(body)).toContain(code)
      const after = await session.good('POST', '/connect/account', { country: 'AU' })
      const other = await session.good('POST', '/connect/account', { country: 'NZ' })
      expect(other.account.id).toBe(after.account.id)
      expect((await madeFor(product(), operatorId)).map(({ id }) => id)).toEqual([after.account.id])
    })

    test('STR-30: a country Stripe does not serve is refused and leaves room for another', async () => {
      const session = await signUp(product())
      const refused = await session.refused('POST', '/connect/account', { country: 'KP' })
      expect(refused).toMatchObject({ status: 422, body: { code: 'account_refused' } })
      expect(await session.good('GET', '/connect')).toMatchObject({ state: 'none' })
      const { account } = await session.good('POST', '/connect/account', { country: 'NZ' })
      expect(account.country).toBe('NZ')
    })

    test('STR-31 STR-33: each click is a fresh link; a spent one leads back by refresh, until it looks like a loop', async () => {
      const session = await signUp(product())
      const { id } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
      const first = await press(product(), session, onboardingPath(session))
      const second = await press(product(), session, onboardingPath(session))
      expect(second.location).not.toBe(first.location)

      const visit = await fetch(first.location, { redirect: 'manual' })
      expect(visit.status).toBe(303)
      const spent = await fetch(first.location, { redirect: 'manual' })
      const refresh = `/connect/refresh?c=${id}`
      expect(spent.headers.get('location')).toBe(`${product().origin}${refresh}`)
      for (let bounce = 0; bounce < 3; bounce += 1) {
        const again = await press(product(), session, refresh, 'GET')
        expect(again).toMatchObject({ status: 303, location: expect.stringContaining('/connect/setup/') })
      }
      const stopped = await press(product(), session, refresh, 'GET')
      expect(stopped.location).toBe(`/w/${session.slug}/settings/payments?problem=sent_back&mode=test`)
      const nobody = await press(product(), undefined, refresh, 'GET')
      expect(nobody.location).toBe(`/sign-in?next=${encodeURIComponent(refresh)}`)
      const other = await signUp(product())
      expect((await press(product(), other, refresh, 'GET')).status).toBe(404)
      expect((await other.refused('POST', '/api/v1/connect/return', { connection: id })).status).toBe(404)
    })

    test('STR-35 STR-41: news come by the endpoints the installation made for itself, and only make it ask', async () => {
      const { session, accountId } = await onboarded(product())
      const { endpoints } = await eventually(
        () => session.good('GET', '/connect'),
        (seen) => seen.endpoints.every(({ state }: any) => state === 'ready') && seen.endpoints.length === 2,
      )
      expect(endpoints.map(({ kind }: any) => kind).toSorted()).toEqual(['connect', 'platform'])
      await status(session, 'active')

      await control(product(), 'POST', `/accounts/${accountId}/script`, { script: 'directors_missing' })
      const { demands } = await status(session, 'restricted')
      expect(demands).toContainEqual(
        expect.objectContaining({ class: 'people', words: expect.stringContaining('directors') }),
      )
      await control(product(), 'POST', `/accounts/${accountId}/script`, { script: 'due_later' })
      const later = await status(session, 'active_action_required')
      expect(later).toMatchObject({ stripeStatus: 'active', acceptsPaidBookings: true })
      expect(later.demands[0].deadline).toMatch(/^\d{4}-/)
      await control(product(), 'POST', `/accounts/${accountId}/script`, { script: 'rejected_fraud' })
      await status(session, 'rejected')
    })

    test('STR-33 B1: without any webhook the status is right within half a minute of coming back', async () => {
      const session = await signUp(product())
      const { id, account } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
      const { location } = await press(product(), session, onboardingPath(session))
      const quiet = { where: 'webhook', effect: 'drop', times: 1000 }
      await control(product(), 'POST', '/faults', quiet)
      fillForm(product(), location, 'under_review')
      await session.good('POST', '/api/v1/connect/return', { connection: id })
      expect(await status(session, 'under_review')).toMatchObject({ acceptsPaidBookings: false })
      await control(product(), 'POST', `/accounts/${account.id}/script`, { script: 'complete' })
      await product().ground.jobs.shift(31_000)
      expect(await status(session, 'active')).toMatchObject({ acceptsPaidBookings: true })
      await control(product(), 'DELETE', '/faults')
    })

    test('STR-32: our own link works for seven days as often as needed, for those who may, and then says how to go on', async () => {
      const session = await signUp(product())
      await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
      const { url } = await session.good('POST', '/connect/resume-links')
      const path = `/api/v1${new URL(url).pathname}`
      expect(JSON.stringify(await session.good('GET', '/connect'))).not.toContain(url.slice(-43))
      for (const method of ['GET', 'HEAD', 'GET'])
        expect((await press(product(), undefined, path, method)).status).toBe(200)
      expect((await session.good('GET', path)).state).toBe('open')

      const other = await signUp(product())
      for (const who of [undefined, other]) {
        const { status: code } = await press(product(), who, path)
        expect(code).toBe(who ? 404 : 401)
      }
      expect((await press(product(), session, `${path.slice(0, -1)}_`)).status).toBe(404)
      const doubleClick = await Promise.all([press(product(), session, path), press(product(), session, path)])
      for (const { location } of doubleClick) expect(location).toContain('/connect/setup/')

      for (let mint = 2; mint < 10; mint += 1) await press(product(), session, path)
      expect((await press(product(), session, path)).location).toContain('problem=too_many_links')
      const { url: second } = await session.good('POST', '/connect/resume-links')
      await session.good('POST', '/connect/resume-links/revoke')
      for (const withdrawn of [url, second])
        expect((await session.call('GET', `/api/v1${new URL(withdrawn).pathname}`)).status).toBe(404)
    })

    test('TRU-10 TRU-17 STR-9: after all of it no key, signing secret, link to Stripe’s form or link back into onboarding is in dump or log', async () => {
      expect(await expectNothingShown(product())).toBeGreaterThan(0)
    })
  },
  { isPlatform: true },
)
