import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

eachDatabase('signing in', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

  const unique = (word: string) => `${word}-${crypto.randomUUID().slice(0, 13)}`

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

      // However long the answers take, none of them has waited.
      ground().clock.standAt(ground().clock.now())
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          api.visitor().post('/api/v1/sign-in', { email, password: 'not the right one' }),
        ),
      )
      ground().clock.flow()

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
