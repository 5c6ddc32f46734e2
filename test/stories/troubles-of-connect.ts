/** What goes wrong with an account made here, on the way to Stripe's form and afterwards (STR-29 to STR-39); see troubles.ts. */
import { refuseOnboarding } from '#onboarding'
import { eventually, Session, type Product } from '#test/product'
import { expect } from 'vitest'
import { connect, fillForm, onboardingPath, press, status } from './connected.ts'
import { control, type FaultWish } from './faulty.ts'
import { elsewhere, saidIn, type Said, type Scene, type Trouble } from './trouble.ts'
import { mailsTo, signInAgain, signUp, turn } from './walk.ts'

export function making(scene: Scene): readonly Trouble[] {
  const { product } = scene
  const faulty = (what: string, about: string, effect: FaultWish['effect'], times = 9): Trouble => ({
    about,
    what,
    async provoke() {
      const session = await signUp(product)
      await control(product, 'POST', '/faults', {
        where: 'api',
        match: { method: 'POST', path: '/v1/accounts$' },
        effect,
        times,
      })
      const said = saidIn(await session.refused('POST', '/connect/account', { country: 'AU' }))
      await control(product, 'DELETE', '/faults')
      return said
    },
  })
  return [
    {
      about: 'STR-29',
      what: 'The installation has no Stripe keys of its own',
      provoke: () =>
        elsewhere(scene, { isPlatform: false }, async (without) =>
          saidIn(await (await signUp(without)).refused('POST', '/connect/account', { country: 'AU' })),
        ),
    },
    {
      about: 'STR-30',
      what: 'A country Stripe does not serve',
      provoke: async () => saidIn(await (await signUp(product)).refused('POST', '/connect/account', { country: 'KP' })),
    },
    {
      about: 'UI-142',
      what: 'A currency Stripe does not pay out in that country',
      provoke: async () => {
        const session = await signUp(product)
        return saidIn(await session.refused('POST', '/connect/account', { country: 'NZ', currency: 'EUR' }))
      },
    },
    faulty('Stripe refuses the key of the installation', 'STR-30', { kind: 'status_before', status: 401 }),
    faulty('The installation may not make accounts', 'STR-30', { kind: 'status_before', status: 403 }),
    faulty('The answer is lost', 'STR-29', 'drop_after'),
  ]
}

/** As a program asks for Stripe's form: what a browser is shown on the page it came from is in the refusal. */
async function minting(session: Session): Promise<Said> {
  return saidIn(await session.refused('POST', '/connect/onboarding'))
}

export function links(scene: Scene): readonly Trouble[] {
  const { product } = scene
  const begun = async (at = product) => {
    const session = await signUp(at)
    const { id } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
    return { session, id: id as string }
  }
  const resume = async (session: Session) => {
    const { url } = await session.good('POST', '/connect/resume-links')
    return `/api/v1${new URL(url).pathname}`
  }
  const failing = async (session: Session, effect: FaultWish['effect']) => {
    await control(product, 'POST', '/faults', {
      where: 'api',
      match: { method: 'POST', path: '/v1/account_links$' },
      effect,
      times: 9,
    })
    const said = await minting(session)
    await control(product, 'DELETE', '/faults')
    return said
  }
  return [
    { about: 'STR-31', what: 'No account was made yet', provoke: async () => minting(await signUp(product)) },
    {
      about: 'STR-31',
      what: 'Stripe makes no link to its form',
      provoke: async () => failing((await begun()).session, { kind: 'status_before', status: 503 }),
    },
    {
      about: 'STR-33',
      what: 'Stripe sends the person back again and again',
      async provoke() {
        const { session, id } = await begun()
        for (let bounce = 0; bounce < 3; bounce += 1) await press(product, session, `/connect/refresh?c=${id}`, 'GET')
        const reply = await fetch(`${product.origin}/connect/refresh?c=${id}`, {
          redirect: 'manual',
          headers: { Cookie: session.cookie },
        })
        const code = new URL(reply.headers.get('location')!, product.origin).searchParams.get('problem')
        const { title, cause, nextStep } = refuseOnboarding(code as 'sent_back').refusal.problem
        return { title, cause, next: nextStep }
      },
    },
    {
      about: 'STR-32',
      what: 'A resume link that is tampered with, or of another company',
      async provoke() {
        const path = await resume((await begun()).session)
        const other = await signUp(product)
        const foreign = saidIn(await other.refused('POST', path))
        const cut = saidIn(await other.refused('POST', `${path.slice(0, -1)}_`))
        if (JSON.stringify(foreign) !== JSON.stringify(cut))
          throw new Error('a foreign link and a wrong one look apart')
        return foreign
      },
    },
    {
      about: 'STR-32',
      what: 'A resume link that was revoked',
      async provoke() {
        const { session } = await begun()
        const path = await resume(session)
        await session.good('POST', '/connect/resume-links/revoke')
        return saidIn(await session.refused('POST', path))
      },
    },
    {
      about: 'STR-32',
      what: 'A resume link that is older than seven days',
      provoke: () =>
        elsewhere(scene, { isPlatform: true }, async (later) => {
          const { session } = await begun(later)
          return endedLink(later, session, await resume(session))
        }),
    },
    {
      about: 'STR-32',
      what: 'The link is used for the eleventh time within an hour',
      async provoke() {
        const { session } = await begun()
        const path = await resume(session)
        for (let mint = 0; mint < 10; mint += 1) await press(product, session, path)
        return saidIn(await session.refused('POST', path))
      },
    },
  ]
}

/** Its page tells a visitor the day and nothing else, and has another one mailed that works (UI-145). */
async function endedLink(product: Product, session: Session, path: string): Promise<Said> {
  await turn(product, { advance: 'P8D' })
  const visitor = new Session(product.origin)
  const { body } = await visitor.call('GET', path)
  expect(body).toEqual({ state: 'ended', endsAt: expect.any(String), isSignedIn: false, hasPass: false })
  const mailed = async () => {
    const mails = await mailsTo(product, `owner@${session.slug}.example`)
    return mails.flatMap(({ text }) => /\/connect\/resume\/[\w-]+/.exec(text)?.slice(0, 1) ?? [])
  }
  const before = await mailed()
  expect((await visitor.call('POST', `${path}/mail`)).status).toBe(204)
  const after = await eventually(mailed, ({ length }) => length > before.length)
  const fresh = after.find((link) => !before.includes(link))
  expect((await visitor.call('GET', `/api/v1${fresh}`)).body).toMatchObject({ state: 'open' })
  await signInAgain(session)
  return saidIn(await session.refused('POST', path))
}

/** The badge of the connected account under Settings, Payments, with the button below it. */
async function cardOf(session: Session, wanted: string, since = new Date(0)): Promise<Said> {
  const { badge: shown } = await eventually(
    () => session.good('GET', '/connect'),
    ({ stripeStatusDetail, fetchedAt }) => stripeStatusDetail === wanted && new Date(fetchedAt) > since,
  )
  return { title: shown.label, cause: shown.sentence, next: shown.action }
}

export function standing({ product, account }: Scene): readonly Trouble[] {
  const { session, accountId } = account
  const scripted = (about: string, what: string, [script, wanted]: readonly [string, string]): Trouble => ({
    about,
    what,
    async provoke() {
      await control(product, 'POST', `/accounts/${accountId}/script`, { script })
      // The account as it was before may have looked alike.
      return cardOf(session, wanted, product.clock.now())
    },
  })
  return [
    {
      about: 'STR-34',
      what: 'The form was left half-way',
      async provoke() {
        const other = await signUp(product)
        await other.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
        const { location } = await press(product, other, onboardingPath(other))
        fillForm(product, location, 'saved_for_later')
        return cardOf(other, 'pending')
      },
    },
    scripted('STR-34', 'Stripe checks what was sent', ['under_review', 'under_review']),
    scripted('STR-34', 'Details of directors are missing', ['directors_missing', 'restricted']),
    scripted('STR-34', 'Details are overdue', ['past_due', 'restricted']),
    scripted('STR-34', 'The platform paused the account', ['platform_paused', 'restricted']),
    scripted('STR-134', 'Stripe gives a reason nobody knows', ['unknown_disabled_reason', 'restricted']),
    scripted('STR-34', 'No bank account', ['no_bank_account', 'active_payouts_blocked']),
    scripted('STR-34', 'Details are due in a week', ['due_later', 'active_action_required']),
    scripted('STR-34', 'Details will be asked for', ['future_requirements', 'active_action_required']),
    scripted('STR-34', 'Stripe rejected the account', ['rejected_fraud', 'rejected']),
    {
      about: 'STR-38',
      what: 'The operator removed Rentroll at Stripe',
      async provoke() {
        await control(product, 'POST', `/accounts/${accountId}/deauthorize`)
        return cardOf(session, 'disconnected')
      },
    },
    {
      about: 'STR-38',
      what: 'Connecting again an account that was removed',
      provoke: async () => saidIn(await session.refused('POST', '/connect/account', { country: 'AU' })),
    },
    {
      about: 'STR-14',
      what: 'Choosing an account that may not take payments',
      async provoke() {
        const other = await signUp(product)
        await connect(product, other, 'under_review')
        await status(other, 'under_review')
        return saidIn(await other.refused('PUT', '/connections/charging', { kind: 'connect' }))
      },
    },
  ]
}
