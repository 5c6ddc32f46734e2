import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, until, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

const place = { country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }
const password = 'forty-two green teapots'

eachDatabase('signing up and in', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

  const unique = (word: string) => `${word}-${crypto.randomUUID().slice(0, 13)}`
  const tokenIn = (link: string | undefined) => new URL(link ?? '').searchParams.get('token') ?? ''

  async function askForLink(email: string, slug: string): Promise<string> {
    await api.visitor().post('/api/v1/sign-up', { name: 'Ada Quill', email, slug })
    return tokenIn((await api.mailTo(email, 'Confirm')).links[0])
  }

  describe('sign-up', () => {
    test('TRU-70: a link by mail, a password, and the person owns a workspace with settings and one location', async () => {
      const { visitor, slug, email } = await api.signUp()

      const me = await visitor.call('/api/v1/me')

      expect(me.body.person).toMatchObject({ name: 'Ada Quill', email })
      expect(me.body.operators).toHaveLength(1)
      expect(me.body.operators[0]).toMatchObject({ slug, role: 'owner', ...place, defaultMode: 'test' })
      expect(me.body.operators[0].permissions).toContain('connection.keys')
    })

    test('TRU-70: opening the link changes nothing, as often as a mail scanner opens it', async () => {
      const slug = unique('scan')
      const token = await askForLink(`${slug}@example.test`, slug)

      const first = await api.visitor().call(`/api/v1/sign-up/${token}`)
      const second = await api.visitor().call(`/api/v1/sign-up/${token}`)

      expect([first.status, second.status]).toEqual([200, 200])
      expect(second.body).toEqual({ name: 'Ada Quill', email: `${slug}@example.test`, slug })
      const confirmed = await api.visitor().post('/api/v1/verify-email', { token, password, ...place })
      expect(confirmed.status).toBe(200)
    })

    test('TRU-70: a link works once, also when it is sent twice at the same moment', async () => {
      const slug = unique('once')
      const token = await askForLink(`${slug}@example.test`, slug)

      const both = await Promise.all(
        [1, 2].map(() => api.visitor().post('/api/v1/verify-email', { token, password, ...place })),
      )

      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404])
      expect(both.find(({ status }) => status === 404)?.body.code).toBe('link_spent')
    })

    test('TRU-70: after ten minutes the link has expired, and a new one keeps what was entered', async () => {
      const slug = unique('late')
      const email = `${slug}@example.test`
      const token = await askForLink(email, slug)
      ground().clock.advance(10 * 60_000)

      const late = await api.visitor().post('/api/v1/verify-email', { token, password, ...place })
      await api.visitor().post('/api/v1/sign-up/resend', { token })
      const fresh = await until(
        async () => (await api.mailsTo(email)).map((mail) => tokenIn(mail.links[0])).find((other) => other !== token),
        'a second link',
      )
      const confirmed = await api.visitor().post('/api/v1/verify-email', { token: fresh, password, ...place })

      expect(late.status).toBe(404)
      expect(`${late.body.detail} ${late.body.nextStep}`).toBe(
        'This link has expired. Links work for 10 minutes. Send a new one.',
      )
      expect(confirmed.body).toEqual({ slug })
    })

    test('TRU-71: a known address gets the same answer and another mail', async () => {
      const { email } = await api.signUp()
      const slug = unique('again')

      const known = await api.visitor().post('/api/v1/sign-up', { name: 'Mallory', email, slug })
      const unknown = await api
        .visitor()
        .post('/api/v1/sign-up', { name: 'Mallory', email: `${slug}@example.test`, slug })

      expect(known.body).toEqual(unknown.body)
      expect(known.body).toEqual({ message: 'If this address can be used, a link is on its way.' })
      expect([known.status, unknown.status]).toEqual([200, 200])
      const warning = await api.mailTo(email, 'already have an account')
      expect(warning.text).not.toContain('token=')
    })

    test('a taken slug is told, because slugs are public', async () => {
      const { slug } = await api.signUp()

      const taken = await api
        .visitor()
        .post('/api/v1/sign-up', { name: 'Bo', email: `${unique('bo')}@example.test`, slug })

      expect(taken.status).toBe(409)
      expect(taken.body).toMatchObject({ code: 'slug_taken', errors: [{ pointer: '/slug' }] })
    })

    test('TRU-112: at most five links an hour go to one address', async () => {
      const slug = unique('many')
      const email = `${slug}@example.test`

      for (let count = 0; count < 7; count += 1)
        await api.visitor().post('/api/v1/sign-up', { name: 'Ada Quill', email, slug })
      await api.context.people.settle()

      expect(await api.mailsTo(email)).toHaveLength(5)
    })

    test.each([
      ['short', 'password_too_short'],
      ['Password12345', 'password_is_common'],
      ['p@ssw0rdp@ssw0rd', 'password_is_common'],
      ['aaaaaaaaaaaaaaaa', 'password_is_common'],
      ['ADA  Quill-1234-xx', undefined],
    ])('TRU-72: the password %s is answered with %s, and the link still works', async (tried, code) => {
      const slug = unique('weak')
      const token = await askForLink(`${slug}@example.test`, slug)

      const answer = await api.visitor().post('/api/v1/verify-email', { token, password: tried, ...place })

      expect(answer.body.code).toBe(code)
      expect(answer.status).toBe(code === undefined ? 200 : 422)
    })

    test('every field that does not fit is named in plain words', async () => {
      const answer = await api.visitor().post('/api/v1/sign-up', { name: ' ', email: 'nobody', slug: '-x', extra: 1 })

      expect(answer.status).toBe(422)
      expect(answer.body.errors).toEqual([
        { pointer: '/name', detail: 'Enter your name.' },
        { pointer: '/email', detail: 'Enter a mail address, such as name@example.com.' },
        {
          pointer: '/slug',
          detail: 'Use 3 to 40 small letters, digits and hyphens, with a letter or digit at both ends.',
        },
        { pointer: '/extra', detail: 'The field "extra" is not known here.' },
      ])
    })
  })

  describe('sign-in', () => {
    test('TRU-19: a wrong password and an unknown address get one and the same answer', async () => {
      const { email } = await api.signUp()

      const wrong = await api.visitor().post('/api/v1/sign-in', { email, password: 'not the right one' })
      const unknown = await api
        .visitor()
        .post('/api/v1/sign-in', { email: `${unique('no')}@example.test`, password: 'not the right one' })

      const withoutId = ({ requestId: _requestId, ...rest }: Record<string, unknown>) => rest
      expect(wrong.status).toBe(401)
      expect(withoutId(wrong.body)).toEqual(withoutId(unknown.body))
    })

    test('the session cookie is HttpOnly, SameSite=Lax and named for plain http on loopback', async () => {
      const { email, password: own } = await api.signUp()

      const answer = await api.visitor().post('/api/v1/sign-in', { email: email.toUpperCase(), password: own })

      expect(answer.status).toBe(200)
      expect(answer.headers.getSetCookie()[0]).toMatch(
        /^rentroll_dev=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
      )
    })

    test('TRU-75: what the database holds does not work as a cookie', async () => {
      const { visitor } = await api.signUp()
      const rows = await ground().database.auth.selectFrom('sessions').select('token').execute()
      const thief = api.visitor()

      const answers = []
      for (const { token } of rows) {
        thief.cookies.set('rentroll_dev', token)
        answers.push((await thief.call('/api/v1/me')).body.person)
      }

      expect(rows.length).toBeGreaterThan(0)
      expect(answers.every((person) => person === null)).toBe(true)
      expect((await visitor.call('/api/v1/me')).body.person).not.toBeNull()
    })

    test('TRU-75: a session ends after twelve hours without use and after seven days in any case', async () => {
      const [idle, old] = [await api.signUp(), await api.signUp()]
      const past = (hours: number) => new Date(Date.now() - hours * 3_600_000)
      const sessionOf = async (email: string) =>
        (
          await ground()
            .database.auth.selectFrom('users')
            .select('id')
            .where('email', '=', email)
            .executeTakeFirstOrThrow()
        ).id
      const { auth } = ground().database

      await auth
        .updateTable('sessions')
        .set({ expires_at: past(0.01) })
        .where('user_id', '=', await sessionOf(idle.email))
        .execute()
      await auth
        .updateTable('sessions')
        .set({ created_at: past(7 * 24 + 1) })
        .where('user_id', '=', await sessionOf(old.email))
        .execute()

      expect((await idle.visitor.call('/api/v1/me')).body.person).toBeNull()
      expect((await old.visitor.call('/api/v1/me')).body.person).toBeNull()
    })

    test('turning the clock of the application does not sign anybody out', async () => {
      const { visitor } = await api.signUp()

      ground().clock.advance(40 * 86_400_000)

      expect((await visitor.call('/api/v1/me')).body.person).not.toBeNull()
    })

    test('signing out ends the session for every copy of the cookie', async () => {
      const { visitor } = await api.signUp()
      const copy = api.visitor()
      copy.cookies.set('rentroll_dev', visitor.cookies.get('rentroll_dev') ?? '')

      const out = await visitor.post('/api/v1/sign-out')

      expect(out.status).toBe(200)
      expect(out.headers.get('clear-site-data')).toBe('"storage"')
      expect(visitor.cookies.has('rentroll_dev')).toBe(false)
      expect((await copy.call('/api/v1/me')).body.person).toBeNull()
    })

    test('TRU-77: after five failures an account waits, longer each time, and the right password waits as well', async () => {
      const { email, password: own } = await api.signUp()
      const tryIt = (tried: string) => api.visitor().post('/api/v1/sign-in', { email, password: tried })

      const failed = []
      for (let count = 0; count < 12; count += 1) {
        failed.push((await tryIt('not the right one')).status)
        if (count >= 4 && count < 11) ground().clock.advance(2 ** (count - 4) * 1_000)
      }
      const early = await tryIt(own)
      ground().clock.advance(128_000)
      const right = await tryIt(own)

      const seconds = Number(early.headers.get('retry-after'))
      expect(failed).toEqual(Array.from({ length: 12 }, () => 401))
      expect(early.status).toBe(429)
      expect(seconds).toBeGreaterThan(64)
      expect(seconds).toBeLessThanOrEqual(128)
      expect(early.body.detail).toBe(`Too many attempts. Try again in ${seconds} seconds.`)
      expect(right.status).toBe(200)
    })

    test('TRU-77: after ten failures in a row the person is told by mail, once', async () => {
      const { email } = await api.signUp()

      for (let count = 0; count < 12; count += 1) {
        await api.visitor().post('/api/v1/sign-in', { email, password: 'not the right one' })
        ground().clock.advance(10 * 60_000)
      }
      await api.context.people.settle()

      expect((await api.mailsTo(email)).filter(({ subject }) => subject.includes('Failed sign-ins'))).toHaveLength(1)
    })

    test('TRU-77: guesses sent all at once do not slip through together', async () => {
      const { email } = await api.signUp()

      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          api.visitor().post('/api/v1/sign-in', { email, password: 'not the right one' }),
        ),
      )

      expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
    })
  })

  describe('a new password', () => {
    test('a forgotten password: a link by mail, once, and every session ends', async () => {
      const { visitor, email, slug } = await api.signUp()

      const asked = await api.visitor().post('/api/v1/forgotten-password', { email })
      const link = (await api.mailTo(email, 'Set a new password')).links[0] ?? ''
      const token = new URL(link).pathname.split('/').at(-1)
      const reset = await api.visitor().post('/api/v1/reset-password', { token, password: 'a brand new long one' })
      const again = await api.visitor().post('/api/v1/reset-password', { token, password: 'a second try at it' })
      const next = api.visitor()
      const signedIn = await next.post('/api/v1/sign-in', { email, password: 'a brand new long one' })

      const log = await next.call(`/api/v1/w/${slug}/audit?mode=test`)
      const actions = log.body.rows.map(({ action }: { action: string }) => action)
      expect(actions).toEqual(['session.signed_in', 'person.password_reset'])
      expect(asked.body).toEqual({ message: 'If this address can be used, a link is on its way.' })
      expect([reset.status, again.status, signedIn.status]).toEqual([200, 404, 200])
      expect((await visitor.call('/api/v1/me')).body.person).toBeNull()
    })

    test('TRU-71: an unknown address gets the same answer and no mail', async () => {
      const email = `${unique('nobody')}@example.test`

      const asked = await api.visitor().post('/api/v1/forgotten-password', { email })
      await api.context.people.settle()

      expect(asked.body).toEqual({ message: 'If this address can be used, a link is on its way.' })
      expect(await api.mailsTo(email)).toEqual([])
    })

    test('TRU-76: changing the password ends the other sessions and keeps this one', async () => {
      const { visitor, email, password: own } = await api.signUp()
      const other = api.visitor()
      await other.post('/api/v1/sign-in', { email, password: own })

      const wrong = await visitor.post('/api/v1/me/password', {
        present: 'not my password',
        password: 'another long password',
      })
      const changed = await visitor.post('/api/v1/me/password', { present: own, password: 'another long password' })

      expect(wrong.body).toMatchObject({ code: 'wrong_password', errors: [{ pointer: '/present' }] })
      expect(changed.status).toBe(200)
      expect((await visitor.call('/api/v1/me')).body.person).not.toBeNull()
      expect((await other.call('/api/v1/me')).body.person).toBeNull()
    })
  })
})
