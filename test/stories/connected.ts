/** Stripe Connect as a person goes through it: buttons, Stripe's own form, and what becomes of the account. */
import { expect } from 'vitest'
import { eventually, type Product, type Session } from '#test/product'
import { signUp } from './walk.ts'

/** What a browser does with a button: the proof where the last is old, no body, its own origin, no following by itself. */
export async function press(product: Product, session: Session | undefined, path: string, method = 'POST') {
  if (method === 'POST') await session?.makeSure()
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

export const onboardingPath = ({ slug }: Session) => `/api/v1/w/${slug}/connect/onboarding?mode=test`

/** Fills Stripe's form with test data, as its page does. @returns where the form leads back to. */
export function fillForm(product: Product, link: string, script = 'complete'): string {
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

export const status = (session: Session, wanted: string) =>
  eventually(
    () => session.good('GET', '/connect'),
    ({ stripeStatusDetail }) => stripeStatusDetail === wanted,
  )

/** Signed up, connected, the form completed and the account active. */
export async function onboarded(product: Product, script = 'complete') {
  const session = await signUp(product)
  return { session, ...(await connect(product, session, script)) }
}

/** The account made, Stripe's form filled in, and back. */
export async function connect(product: Product, session: Session, script = 'complete') {
  const { account } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
  const { location } = await press(product, session, onboardingPath(session))
  const back = new URL(fillForm(product, location, script))
  await session.good('POST', '/api/v1/connect/return', { connection: back.searchParams.get('c') })
  return { accountId: account.id as string, connection: back.searchParams.get('c')! }
}
