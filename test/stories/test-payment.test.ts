/**
 * Before going live: the test payment ends in a Paid test invoice by the ordinary road (UI-130), and the list of what is still missing is
 * read from what is there (UI-133).
 */
import { expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product, type Session } from '#test/product'
import { connect, status } from './connected.ts'
import { control } from './faulty.ts'
import { operatorIdOf } from './fingerprints.ts'
import { chargesFor, connectStripe, furnish, invoiceOf, labelled, signUp } from './walk.ts'

const path = '/connections/test-payment'

const run = (session: Session, key = requestKey()) => session.good('POST', path, { requestKey: key })

const over = (session: Session) =>
  eventually(
    () => session.good('GET', path),
    ({ latest }) => latest?.isOver === true,
  )

const doneSteps = async (session: Session): Promise<string[]> => {
  const { steps } = await session.good('GET', '/connections/readiness')
  return steps.filter(({ isDone }: any) => isDone).map(({ name }: any) => name)
}

async function holds(product: Product, session: Session) {
  await expectBooksToHold(product, { operatorId: await operatorIdOf(product, session), mode: 'test' })
}

eachProduct(
  'the test payment',
  (product) => {
    test('UI-130: pressed once it is created, charged, delivered and Paid, and the invoice is an ordinary one', async () => {
      const session = await signUp(product())
      await connectStripe(session, product())
      expect(await session.good('GET', path)).toEqual({
        can: { allowed: true },
        amount: { amountMinor: '100', currency: 'AUD' },
      })

      await run(session)

      const { latest } = await over(session)
      expect(latest).toMatchObject({ state: 'paid', invoiceNumber: expect.stringMatching(/^TEST-INV-\d{6}$/) })
      expect(latest.cause).toBeUndefined()
      expect(latest.steps.map(({ name }: any) => name)).toEqual(['created', 'charged', 'delivered', 'paid'])
      for (const { name, at } of latest.steps) expect(at, name).toMatch(/^\d{4}-/)
      const paid = await labelled(session, latest.invoiceId, 'Paid')
      expect(paid).toMatchObject({
        isTest: true,
        renter: { name: 'Test payment' },
        lines: [{ description: 'Test payment', total: { amountMinor: '100' } }],
        payments: [{ state: 'succeeded', method: expect.stringContaining('4242') }],
      })
      expect(chargesFor(product(), paid).map(({ amount }) => amount)).toEqual([100])
      await holds(product(), session)
    })

    test('UI-130 UI-36: the same key is one payment, also pressed twice at once; another key is another, of the same renter', async () => {
      const session = await signUp(product())
      await connectStripe(session, product())
      const key = requestKey()
      const address = `/api/v1/w/${session.slug}${path}?mode=test`
      await Promise.all([1, 2].map(() => session.call('POST', address, { requestKey: key })))
      await run(session, key)
      const { latest: first } = await over(session)
      await run(session, key)
      expect((await session.good('GET', '/invoices')).rows).toHaveLength(1)
      expect((await invoiceOf(session, first.invoiceId)).payments).toHaveLength(1)

      await run(session)

      const { latest: second } = await eventually(
        () => session.good('GET', path),
        ({ latest }) => latest.invoiceId !== first.invoiceId && latest.isOver,
      )
      expect(second.state).toBe('paid')
      const { rows } = await session.good('GET', '/invoices')
      expect(new Set(rows.map(({ renter }: any) => renter.id)).size).toBe(1)
      expect((await session.good('GET', '/renters')).rows).toMatchObject([{ name: 'Test payment' }])
      const renter = await session.good('GET', `/renters/${rows[0].renter.id}`)
      expect(renter.methods).toHaveLength(1)
      await holds(product(), session)
    })

    test('UI-130: without a webhook it is Paid all the same, and the likely cause of the missing delivery is told', async () => {
      const session = await signUp(product())
      await connectStripe(session, product(), { webhook: false })
      await run(session)
      const { latest } = await over(session)
      expect(latest.state).toBe('paid')
      expect(latest.cause).toMatch(/no delivery told of it\. No endpoint at Stripe delivers here/)
      expect(latest.steps.find(({ name }: any) => name === 'delivered')).toEqual({ name: 'delivered' })
      expect(await doneSteps(session)).not.toContain('webhook')
    })

    test('UI-130: a lost answer about the card charges nothing, and pressing again goes on', async () => {
      const session = await signUp(product())
      await connectStripe(session, product())
      const key = requestKey()
      const lost = {
        where: 'api',
        match: { method: 'POST', path: '/v1/setup_intents$' },
        effect: 'drop_after',
        times: 3,
      }
      await control(product(), 'POST', '/faults', lost)
      expect((await session.refused('POST', path, { requestKey: key })).body).toMatchObject({ code: 'stripe_away' })
      expect((await session.good('GET', '/invoices')).rows).toEqual([])
      await control(product(), 'DELETE', '/faults')

      await run(session, key)

      expect((await over(session)).latest.state).toBe('paid')
      await holds(product(), session)
    })

    test('UI-130: live is refused with its reason, and so is test mode without Stripe', async () => {
      const session = await signUp(product())
      const unconnected = await session.refused('POST', path, { requestKey: requestKey() })
      expect(unconnected).toMatchObject({ status: 409, body: { code: 'not_connected' } })
      expect(await session.good('GET', path)).toMatchObject({ can: { allowed: false } })
      session.mode = 'live'
      const refusal = await session.refused('POST', path, { requestKey: requestKey() })
      expect(refusal).toMatchObject({ status: 409, body: { code: 'live_moves_money' } })
      const reason = 'Live mode moves real money. The first real payment proves this step.'
      expect(refusal.body.detail).toBe(reason)
      expect(await session.good('GET', path)).toMatchObject({ can: { allowed: false, reason } })
      expect((await session.good('GET', '/renters')).rows).toEqual([])
    })

    test('BIL-28 UI-133: a test payment fixes no currency', async () => {
      const session = await signUp(product())
      await connectStripe(session, product())
      await run(session)
      await over(session)
      expect(await session.good('GET', '/settings/company')).toMatchObject({ isCurrencyFixed: false })
    })

    test('UI-133: the list of what is missing before going live fills as it is done', async () => {
      const session = await signUp(product())
      expect(await session.good('GET', '/connections/readiness')).toEqual({
        steps: ['test_payment', 'webhook', 'agreement', 'tax'].map((name) => ({ name, isDone: false })),
      })
      await furnish(session)
      expect(await doneSteps(session)).toEqual(['agreement', 'tax'])
      await connectStripe(session, product())
      await run(session)
      await over(session)
      expect(await doneSteps(session)).toEqual(['test_payment', 'webhook', 'agreement', 'tax'])
      session.mode = 'live'
      expect(await doneSteps(session)).toEqual(['agreement', 'tax'])
    })

    test('UI-133: whoever went past the step of taxes without a rate has decided', async () => {
      const session = await signUp(product())
      await session.good('PUT', '/settings/billing-rules', { preset: 'storage', anchorDay: null })
      await session.good('POST', '/onboarding/steps/5', { mark: 'done' })
      expect(await doneSteps(session)).toEqual(['tax'])
    })

    test('UI-130: a connected account takes the test payment as well', async () => {
      const session = await signUp(product())
      await connect(product(), session)
      await status(session, 'active')
      await run(session)
      const { latest } = await over(session)
      expect(latest).toMatchObject({ state: 'paid' })
      expect(latest.cause).toBeUndefined()
      expect(await doneSteps(session)).toEqual(['test_payment', 'webhook'])
      await holds(product(), session)
    })
  },
  { isPlatform: true },
)
