/**
 * Signing up and in the wrong way round: links twice, late, raced and flooded; forms saved from two tabs; sessions that ended while a
 * page was open (TRU-70 to TRU-77, UI-36).
 */
import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, Session, type Product } from '#test/product'
import { mailsTo, signUp } from './walk.ts'

const place = { country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }
const password = 'correct horse battery staple'
const onItsWay = { message: 'If this address can be used, a link is on its way.' }
const spent = {
  status: 404,
  code: 'link_spent',
  title: 'This link no longer works',
  detail: 'This link was used before, was replaced by a newer one, or was never sent.',
  nextStep: 'Use the newest link in your mail, or start again.',
}
const expired = {
  status: 404,
  code: 'link_expired',
  title: 'This link has expired',
  detail: 'This link has expired. Links work for 10 minutes.',
  nextStep: 'Send a new one.',
}
const minute = 60_000

eachProduct('wrong journeys', (product) => {
  const visitor = () => new Session(product().origin)
  const fresh = () => {
    const slug = `late-${crypto.randomUUID().slice(0, 8)}`
    return { name: 'Kim Park', email: `kim@${slug}.example`, slug }
  }
  const tokens = (to: string) => tokensOf(product(), to)
  const token = async (to: string) => (await tokens(to)).at(-1)!

  test('TRU-70: a confirmation pressed five times at once, and once more later, opens one workspace', async () => {
    const form = fresh()
    expect(await visitor().good('POST', '/api/v1/sign-up', form)).toEqual(onItsWay)
    const confirmation = { token: await token(form.email), password, ...place }
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => visitor().call('POST', '/api/v1/verify-email', confirmation)),
    )
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const { body } of replies.filter(({ status }) => status !== 200)) expect(body).toMatchObject(spent)
    expect((await visitor().refused('POST', '/api/v1/verify-email', confirmation)).body).toMatchObject(spent)
    expect((await visitor().call('GET', `/api/v1/sign-up/${confirmation.token}`)).body).toMatchObject(spent)
  })

  test('TRU-70: opening the link changes nothing; after ten minutes it has expired, and a new one is one button away', async () => {
    const form = fresh()
    await visitor().good('POST', '/api/v1/sign-up', form)
    const first = await token(form.email)
    for (let look = 0; look < 3; look += 1)
      expect(await visitor().good('GET', `/api/v1/sign-up/${first}`)).toEqual(form)
    product().clock.advance(10 * minute)
    const late = await visitor().refused('POST', '/api/v1/verify-email', { token: first, password, ...place })
    expect(late.body).toMatchObject(expired)
    expect(await visitor().good('POST', '/api/v1/sign-up/resend', { token: first })).toEqual(onItsWay)
    const second = await eventually(
      () => tokens(form.email),
      (all) => all.length === 2,
    )
    const renewed = second.find((one) => one !== first)!
    const confirmed = await visitor().good('POST', '/api/v1/verify-email', { token: renewed, password, ...place })
    expect(confirmed).toEqual({ slug: form.slug })
  })

  test('two people race for one address: the first to confirm has it, the other reads that it is taken and has no account', async () => {
    const [one, other] = [fresh(), fresh()]
    const rival = { ...other, slug: one.slug }
    for (const form of [one, rival]) await visitor().good('POST', '/api/v1/sign-up', form)
    const forms = await Promise.all([one, rival].map(({ email }) => token(email)))
    const replies = await Promise.all(
      forms.map((link) => visitor().call('POST', '/api/v1/verify-email', { token: link, password, ...place })),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(replies.find(({ status }) => status === 409)!.body).toMatchObject({
      code: 'slug_taken',
      title: 'This address is taken',
      detail: 'Another workspace already uses this address.',
      nextStep: 'Choose another address for your workspace.',
    })
    const loser = replies[0]!.status === 409 ? one : rival
    const refused = await visitor().refused('POST', '/api/v1/sign-in', { email: loser.email, password })
    expect(refused.body).toMatchObject({ status: 401, code: 'sign_in_refused' })
  })

  test('TRU-119: a process that died between workspace and person: the same link finishes it', async () => {
    const form = fresh()
    await visitor().good('POST', '/api/v1/sign-up', form)
    const { database, clock } = product().ground
    const links = database.auth.selectFrom('links').select('operator_id').where('email', '=', form.email)
    const { operator_id: id } = (await links.executeTakeFirstOrThrow()) as { operator_id: string }
    await inScope(database, { operatorId: id, mode: 'test' }, (rows) =>
      rows
        .insertInto('app.operators')
        .values({ id, slug: form.slug, name: 'Half open', created_at: clock.now() })
        .execute(),
    )
    const session = visitor()
    const confirmation = { token: await token(form.email), password, ...place }
    expect(await session.good('POST', '/api/v1/verify-email', confirmation)).toEqual({ slug: form.slug })
    session.slug = form.slug
    expect(await session.good('GET', '/settings/company')).toMatchObject({ currency: 'AUD', country: 'AU' })
  })

  test('TRU-76: a reset link works once of five at once, ends every session, and its time is ten minutes', async () => {
    const owner = await signUp(product())
    const email = `owner@${owner.slug}.example`
    const wanted = 'purple elephants dance at noon'
    await visitor().good('POST', '/api/v1/forgotten-password', { email })
    const first = await resetToken(product(), email, 1)
    product().clock.advance(10 * minute)
    expect(
      (await visitor().refused('POST', '/api/v1/reset-password', { token: first, password: wanted })).body,
    ).toMatchObject(expired)
    await visitor().good('POST', '/api/v1/forgotten-password', { email })
    const second = await resetToken(product(), email, 2)
    const short = await visitor().refused('POST', '/api/v1/reset-password', { token: second, password: 'short' })
    expect(short.body).toMatchObject({ status: 422, code: 'password_too_short' })
    const replies = await Promise.all(
      Array.from({ length: 5 }, () =>
        visitor().call('POST', '/api/v1/reset-password', { token: second, password: wanted }),
      ),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404])
    expect((await owner.get('/dashboard')).body).toMatchObject({ status: 401, code: 'signed_out' })
    const old = await visitor().refused('POST', '/api/v1/sign-in', { email, password })
    expect(old.body).toMatchObject({ code: 'sign_in_refused' })
    expect(await visitor().good('POST', '/api/v1/sign-in', { email, password: wanted })).toEqual({ slug: owner.slug })
  })

  test('TRU-112: asking for links without end sends five in an hour, and the fifth goes on working', async () => {
    const owner = await signUp(product())
    const email = `owner@${owner.slug}.example`
    const form = fresh()
    for (let asked = 0; asked < 8; asked += 1) {
      expect(await visitor().good('POST', '/api/v1/forgotten-password', { email })).toEqual(onItsWay)
      expect(await visitor().good('POST', '/api/v1/sign-up', form)).toEqual(onItsWay)
    }
    const signUpLinks = await eventually(
      () => tokens(form.email),
      (all) => all.length === 5,
    )
    const answers = await Promise.all(signUpLinks.map((one) => visitor().call('GET', `/api/v1/sign-up/${one}`)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    // One of the five of this hour was the sign-up itself.
    const resets = await eventually(
      () => resetTokens(product(), email),
      (all) => all.length === 4,
    )
    const resetting = await Promise.all(
      resets.map((one) => visitor().call('POST', '/api/v1/reset-password', { token: one, password: 'too short' })),
    )
    expect(resetting.filter(({ body }) => body.code === 'password_too_short')).toHaveLength(1)
  })

  test('UI-36: settings saved from two tabs: the second reads that they changed meanwhile, and the first stay', async () => {
    const owner = await signUp(product())
    const {
      slug: _slug,
      updatedAt: _at,
      isCurrencyFixed: _fixed,
      ...company
    } = await owner.good('GET', '/settings/company')
    const tabs = ['First Desks', 'Second Desks'].map((name) => ({ ...company, name }))
    const path = `/api/v1/w/${owner.slug}/settings/company?mode=test`
    const replies = await Promise.all(tabs.map((tab) => owner.call('PUT', path, tab)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(replies.find(({ status }) => status === 409)!.body).toMatchObject({
      code: 'stale_settings',
      title: 'Someone changed this meanwhile',
      detail: 'These settings were saved by someone else after you opened them.',
      nextStep: 'Load them again and repeat your change.',
    })
    const kept = replies.find(({ status }) => status === 200)!.body
    expect((await owner.good('GET', '/settings/company')).name).toBe(kept.name)
    const renter = await owner.good('POST', '/renters', { kind: 'person', name: 'Kim' })
    const change = (name: string) => ({ kind: 'person', name, version: renter.version })
    await owner.good('PUT', `/renters/${renter.id}`, change('Kim Park'))
    expect((await owner.refused('PUT', `/renters/${renter.id}`, change('Kim Lee'))).body).toMatchObject({
      status: 409,
      code: 'stale_renter',
      detail: 'This renter was saved by someone else after you opened the form.',
    })
  })

  test('TRU-76: a stream that was open tells nothing more once its session has ended', async () => {
    const owner = await signUp(product())
    const other = visitor()
    await other.good('POST', '/api/v1/sign-in', { email: `owner@${owner.slug}.example`, password })
    other.slug = owner.slug
    const reply = await fetch(`${product().origin}/api/v1/stream?operator=${owner.slug}&mode=test`, {
      headers: { Cookie: other.cookie },
    })
    const heard = { text: '', isOver: false }
    const reading = (async () => {
      for await (const chunk of reply.body!) heard.text += Buffer.from(chunk).toString()
      heard.isOver = true
    })()
    const before = await owner.good('POST', '/renters', { kind: 'person', name: 'Before' })
    await eventually(
      async () => heard.text,
      (text) => text.includes(before.id),
    )
    await other.good('POST', '/api/v1/sign-out')
    const after = await owner.good('POST', '/renters', { kind: 'person', name: 'After' })
    await eventually(
      async () => heard.isOver,
      (isOver) => isOver,
    )
    await reading
    expect(heard.text).not.toContain(after.id)
  })
})

async function tokensOf(product: Product, to: string): Promise<string[]> {
  const mails = await eventually(
    () => mailsTo(product, to),
    (all) => all.length > 0,
  )
  return mails.flatMap(({ text }) => /token=([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? [])
}

async function resetTokens(product: Product, to: string): Promise<string[]> {
  const mails = await mailsTo(product, to)
  return mails.flatMap(({ text }) => /reset-password\/([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? [])
}

/** The newest of so many. */
async function resetToken(product: Product, to: string, many: number): Promise<string> {
  const seen = await eventually(
    () => resetTokens(product, to),
    (all) => all.length === many,
  )
  const fresh = await Promise.all(
    seen.map(async (token) => {
      const { body } = await new Session(product.origin).call('POST', '/api/v1/reset-password', {
        token,
        password: 'x',
      })
      return { token, isFresh: body.code === 'password_too_short' }
    }),
  )
  return fresh.find(({ isFresh }) => isFresh)!.token
}
