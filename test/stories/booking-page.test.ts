/**
 * The public page of an operator over HTTP, asked by somebody without a session (H11, STR-34, UI-200): it opens and closes with the
 * connection that takes new money, tells what is free and what it costs, and nothing else of anybody.
 */
import { expect, test } from 'vitest'
import { eachProduct, eventually, type Product, type Session } from '#test/product'
import { fillForm, onboardingPath, press, status } from './connected.ts'
import { control, openLane, pasteKeys, provoke } from './faulty.ts'
import { cardOnFile, checkOut, connectStripe, furnish, labelled, saveCard, signUp } from './walk.ts'

/** A second after the last one: whoever asks once a second is never refused for asking often (TRU-112). */
async function visit(product: Product, slug: string) {
  product.clock.advance(1_000)
  const reply = await fetch(`${product.origin}/api/v1/book/${slug}`)
  return { status: reply.status, text: await reply.clone().text(), body: (await reply.json()) as any }
}

/** What the page says to everybody, beside the reason the operator alone reads. */
async function opening(product: Product, session: Session): Promise<readonly [boolean, string | undefined]> {
  const { acceptsPaidBookings, why } = await session.good('GET', '/booking-page')
  const { body, text } = await visit(product, session.slug)
  expect(text).not.toContain(why ?? 'Stripe')
  return [body.acceptsPaidBookings && acceptsPaidBookings, why]
}

/** Until page and console say the same. */
const until = (product: Product, session: Session, isOpen: boolean) =>
  eventually(
    () => opening(product, session),
    ([seen, why]) => seen === isOpen && (why === undefined) === isOpen,
  )

eachProduct(
  'the booking page',
  (product) => {
    test('H11 STR-34: with a connected account it follows pending, active, restricted, active again and disconnected', async () => {
      const session = await signUp(product())
      expect(await opening(product(), session)).toEqual([false, expect.stringMatching(/^No Stripe account/)])
      const { account, id } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
      expect(await opening(product(), session)).toEqual([false, expect.stringContaining('Stripe still needs details')])

      const { location } = await press(product(), session, onboardingPath(session))
      fillForm(product(), location)
      // Coming back proves nothing: it opens when Stripe was asked.
      await session.good('POST', '/api/v1/connect/return', { connection: id })
      await status(session, 'active')
      expect(await opening(product(), session)).toEqual([true, undefined])

      const script = (name: string) => control(product(), 'POST', `/accounts/${account.id}/script`, { script: name })
      await script('directors_missing')
      expect(await until(product(), session, false)).toEqual([false, expect.stringMatching(/Stripe/)])
      await script('due_later')
      await status(session, 'active_action_required')
      expect(await opening(product(), session)).toEqual([true, undefined])
      await script('rejected_fraud')
      await until(product(), session, false)
      await script('complete')
      await until(product(), session, true)
      await session.good('POST', '/connect/disconnect', { word: 'disconnect' })
      expect((await opening(product(), session))[0]).toBe(false)
    })

    test('H11: with own keys it is open while the key works', async () => {
      const lane = await openLane(product(), 'Keys Desks')
      const { session } = lane
      expect(await opening(product(), session)).toEqual([true, undefined])
      const end = await provoke(lane, [{ where: 'api', effect: 'revoke_key' }])
      await session.good('POST', '/connections/stripe/test')
      expect(await opening(product(), session)).toEqual([false, expect.stringContaining('no longer accepts your key')])
      await end()
      await pasteKeys(lane)
      expect(await opening(product(), session)).toEqual([true, undefined])
      await session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
      expect((await opening(product(), session))[0]).toBe(false)
    })

    test('UI-3: the page is that of live mode from the first live payment on, also after the live account has left', async () => {
      const session = await signUp(product())
      await connectStripe(session, product())
      expect((await visit(product(), session.slug)).body).toMatchObject({ isTest: true, acceptsPaidBookings: true })
      session.mode = 'live'
      const keys = product().sandbox.keys.find(
        ({ account, mode }) => account === 'Keystone Storage' && mode === 'live',
      )!
      await session.good('PUT', '/connections/stripe', { publishableKey: keys.publishable, secretKey: keys.secret })
      expect((await visit(product(), session.slug)).body).toMatchObject({ isTest: false, acceptsPaidBookings: true })
      await session.good('POST', '/connections/stripe/endpoint')
      const set = await furnish(session)
      await saveCard(session, product(), set.renterId)
      await cardOnFile(session, set.renterId)
      const { invoiceId } = await checkOut(session, set)
      await labelled(session, invoiceId, 'Paid')
      await session.good('POST', '/connections/stripe/disconnect', { word: 'disconnect' })
      const { body } = await visit(product(), session.slug)
      expect(body).toMatchObject({ isTest: false, acceptsPaidBookings: false })
      session.mode = 'test'
      expect(await session.good('GET', '/booking-page')).toMatchObject({ mode: 'live', acceptsPaidBookings: false })
    })

    test('UI-200: it names what is free with its price, tax and deposit, and nobody who rents; how to reach the operator as it has told', async () => {
      const session = await signUp(product())
      const bare = await visit(product(), session.slug)
      expect(Object.keys(bare.body).toSorted()).toEqual([
        'acceptsPaidBookings',
        'categories',
        'isTest',
        'locale',
        'location',
        'operator',
      ])
      expect(bare.body.categories).toEqual([])
      const taken = await furnish(session, { manual: true, tag: 'Kanarie' })
      const { taxRates } = await session.good('GET', '/settings/tax-rates')
      await session.good('POST', '/categories', {
        code: 'OFF',
        name: 'Office',
        priceBasis: 'period_price',
        periodPrices: { month: '400.00', week: '120.00' },
        deposit: '0.00',
        taxRateId: taxRates[0].id,
      })
      const { rows: categories } = await session.good('GET', '/categories')
      const office = categories.find(({ code }: any) => code === 'OFF')
      await session.good('POST', '/spaces', { categoryId: office.id, number: 'O-1', title: 'By the window' })
      await checkOut(session, taken)
      const {
        slug: _slug,
        updatedAt: _at,
        isCurrencyFixed: _fixed,
        ...company
      } = await session.good('GET', '/settings/company')
      await session.good('PUT', '/settings/company', {
        ...company,
        phone: '+61 2 5550 1234',
        contactEmail: 'desk@fresh.example',
      })

      const { text, body } = await visit(product(), session.slug)
      expect(body).toMatchObject({ phone: '+61 2 5550 1234', email: 'desk@fresh.example', isTest: true })
      expect(body.categories).toEqual([
        {
          name: 'Office',
          prices: expect.arrayContaining([
            { label: 'Weekly', price: { amountMinor: '12000', currency: 'AUD' } },
            { label: 'Monthly', price: { amountMinor: '40000', currency: 'AUD' } },
          ]),
          tax: { name: 'GST', percent: '10' },
          spaces: [{ number: 'O-1', title: 'By the window' }],
          more: 0,
        },
      ])
      expect(text).not.toContain('Kanarie')
      expect(text).not.toMatch(/acct_|rnt_|spc_|[0-9a-f]{8}-[0-9a-f]{4}/)
    })

    test('UI-200: an address nobody has is answered like any that does not exist, and nothing is told or written', async () => {
      const unknown = await visit(product(), 'nobody-has-this')
      expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } })
      for (const strange of ['x'.repeat(199), '%27%20or%201=1', '..%2f..', 'HARBOUR-DESKS']) {
        const { status: code, body } = await visit(product(), strange)
        expect([code, body.detail], strange).toEqual([404, unknown.body.detail])
      }
      const page = await fetch(`${product().origin}/book/nobody-has-this`)
      expect([page.status, page.headers.get('set-cookie')]).toEqual([200, null])
    })
  },
  { isPlatform: true },
)
