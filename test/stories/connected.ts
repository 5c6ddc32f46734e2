/** Stripe Connect as a person goes through it: buttons, Stripe's own form, and what becomes of the account. */
import { expect } from 'vitest'
import { eventually, type Product, type Session } from '#test/product'
import { dump } from './dump.ts'
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
  const { account } = await session.good('POST', '/connect/account', {
    country: 'AU',
    currency: 'AUD',
    businessType: 'company',
  })
  const { location } = await press(product, session, onboardingPath(session))
  const back = new URL(fillForm(product, location, script))
  await session.good('POST', '/api/v1/connect/return', { connection: back.searchParams.get('c') })
  return { accountId: account.id as string, connection: back.searchParams.get('c')! }
}

/**
 * Searches every row and every line of the log for the platform's key, signing secrets, links to Stripe's form and our own links back.
 * @returns how many links back were mailed.
 */
export async function expectNothingShown(product: Product): Promise<number> {
  const reply = await fetch(`${product.sandbox.url}/_sandbox/mail?limit=500`, {
    headers: { Accept: 'application/json' },
  })
  const { messages } = (await reply.json()) as { messages: { links: string[] }[] }
  const tokens = messages
    .flatMap(({ links }) => links)
    .flatMap((link) => /\/connect\/resume\/([\w-]{20,})/.exec(link)?.slice(1) ?? [])
  const { secret } = product.sandbox.keys.find(({ account, mode }) => account === 'Rental Platform' && mode === 'test')!
  const places = { dump: [...(await dump(product)).values()].join('\n'), log: product.logLines.join('\n') }
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(10_000)
    for (const hidden of [secret, ...tokens])
      expect(text.includes(hidden), `${place}: ${hidden.slice(0, 6)}…`).toBe(false)
    expect(text, place).not.toMatch(/\/connect\/setup\/[\w-]{6,}/)
    expect(text, place).not.toMatch(/\bwhsec_[A-Za-z0-9+/=_-]{10,}/)
  }
  return tokens.length
}
