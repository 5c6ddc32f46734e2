/** Stripe Connect over HTTP (stripe.md §4): from the click to the first paid invoice on the operator's own account, and out again. */
import { expect, test } from 'vitest'
import type { Session } from '#test/product'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product } from '#test/product'
import { operatorIdOf } from './fingerprints.ts'
import { cardOnFile, checkOut, connectStripe, furnish, invoiceOf, labelled, mailsTo, saveCard, signUp } from './walk.ts'

const day = 86_400_000

/** What a browser does with a button: no body, its own origin, no following by itself. */
async function press(product: Product, session: Session | undefined, path: string, method = 'POST') {
  const reply = await fetch(`${product.origin}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(method === 'POST' && { Origin: product.origin, 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...(session && { Cookie: session.cookie }),
    },
  })
  await reply.arrayBuffer()
  return { status: reply.status, location: reply.headers.get('location') ?? '' }
}

const onboardingPath = ({ slug }: Session) => `/api/v1/w/${slug}/connect/onboarding?mode=test`

/** Fills Stripe's form with test data, as its page does. @returns where the form leads back to. */
function fillForm(product: Product, link: string, script = 'complete'): string {
  const { onboarding } = product.sandbox.stripe as any
  const opened = onboarding.openLink(new URL(link).pathname.split('/').at(-1))
  expect(opened.state).toBe('open')
  for (;;) {
    const fields = onboarding.view(opened.visit).groups.flatMap((group: any) => group.fields)
    const values = Object.fromEntries(fields.map(({ name, testValue }: any) => [name, testValue]))
    const outcome = onboarding.submit(opened.visit, values, script)
    if (outcome.state !== 'incomplete') return outcome.returnUrl
  }
}

async function conclude(product: Product, account: string, deed: string, body: object = {}): Promise<void> {
  const reply = await fetch(`${product.sandbox.url}/_sandbox/accounts/${account}/${deed}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(reply.status, await reply.text()).toBe(200)
}

/** What really stands at Stripe for this operator. */
async function madeFor(product: Product, operatorId: string): Promise<any[]> {
  const { secret } = product.sandbox.keys.find(({ account, mode }) => account === 'Rental Platform' && mode === 'test')!
  const reply = await fetch(`${product.sandbox.url}/v1/accounts?limit=100`, {
    headers: { Authorization: `Bearer ${secret}`, 'Stripe-Version': '2026-10-28.endive' },
  })
  const { data } = (await reply.json()) as { data: any[] }
  return data.filter(({ metadata }) => metadata.rentroll_operator === operatorId)
}

const status = (session: Session, wanted: string) =>
  eventually(
    () => session.good('GET', '/connect'),
    ({ stripeStatusDetail }) => stripeStatusDetail === wanted,
  )

/** Signed up, connected, the form completed and the account active. */
async function onboarded(product: Product, script = 'complete') {
  const session = await signUp(product)
  const { account } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
  const { location } = await press(product, session, onboardingPath(session))
  const back = new URL(fillForm(product, location, script))
  await session.good('POST', '/api/v1/connect/return', { connection: back.searchParams.get('c') })
  return { session, accountId: account.id as string, connection: back.searchParams.get('c')! }
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

      const begun = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
      expect(begun).toMatchObject({
        state: 'connected',
        stripeStatusDetail: 'pending',
        isCharging: false,
        wish: { country: 'AU' },
        account: { id: expect.stringMatching(/^acct_/), country: 'AU' },
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
      await eventually(
        () => Promise.resolve(product().sandbox.stripe.listObjects(active.account.id, 'test', 'refund') as any[]),
        (refunds) => refunds.length === 1,
      )
      const scope = { operatorId: await operatorIdOf(product(), session), mode: 'test' } as const
      await expectBooksToHold(product(), scope)
      const told = product().logLines.join('\n')
      expect(told).not.toContain('/connect/setup/')
    })
  },
  { isPlatform: true },
)
