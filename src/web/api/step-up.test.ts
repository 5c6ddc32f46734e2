import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type SignedUp, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

const late = 5 * 60_000

eachDatabase('proving again', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

  const prove = ({ visitor }: Pick<SignedUp, 'visitor'>, password: string) =>
    visitor.post('/api/v1/step-up', { method: 'password', password })
  const keys = (slug: string) => `/api/v1/w/${slug}/connections/stripe?mode=test`
  const save = ({ visitor, slug }: SignedUp) =>
    visitor.call(keys(slug), { method: 'PUT', body: { publishableKey: 'pk' } })
  const secondsLeft = async ({ visitor }: SignedUp) => (await visitor.call('/api/v1/step-up')).body.secondsLeft

  test('TRU-78: who signed in a moment ago is not asked; five minutes later they are, with the ways to prove it', async () => {
    const ada = await api.signUp()
    expect(await secondsLeft(ada)).toBe(300)
    expect((await save(ada)).status).toBe(422)

    ground().clock.advance(late)
    const asked = await save(ada)
    expect(asked.status).toBe(403)
    expect(asked.body).toMatchObject({ code: 'step_up_required', methods: ['password'] })
    expect((await ada.visitor.call(keys(ada.slug))).status).toBe(200)

    expect((await prove(ada, ada.password)).body).toEqual({ secondsLeft: 300 })
    expect((await save(ada)).status).toBe(422)
  })

  test('TRU-75: proving gives the session a new token; the one before opens nothing any more', async () => {
    const ada = await api.signUp()
    const before = new Map(ada.visitor.cookies)
    const createdAt = () => ground().database.auth.selectFrom('sessions').select(['id', 'created_at']).execute()
    const sessions = await createdAt()
    expect((await prove(ada, ada.password)).status).toBe(200)
    expect(await createdAt()).toEqual(sessions)

    const thief = api.visitor()
    for (const [name, value] of before) thief.cookies.set(name, value)
    expect((await thief.call(keys(ada.slug))).status).toBe(401)
    expect((await ada.visitor.call(keys(ada.slug))).status).toBe(200)
  })

  test('TRU-78: what was proven in another session of the same person does not count', async () => {
    const ada = await api.signUp()
    ground().clock.advance(late)
    const other = { ...ada, visitor: api.visitor() }
    await other.visitor.post('/api/v1/sign-in', { email: ada.email, password: ada.password })

    expect((await save(other)).status).toBe(422)
    expect((await save(ada)).body.code).toBe('step_up_required')
  })

  test('TRU-77: wrong passwords are counted as at sign-in, and after ten the person and the audit log are told', async () => {
    const ada = await api.signUp()
    const codes: string[] = []
    for (let count = 0; count < 10; count += 1) {
      codes.push((await prove(ada, 'not my password')).body.code)
      if (count < 4) continue
      const early = await prove(ada, ada.password)
      codes.push(`${early.body.code} ${early.headers.get('retry-after')}`)
      ground().clock.advance(2 ** (count - 4) * 1_000)
    }
    const waits = [1, 2, 4, 8, 16, 32].map((seconds) => ['wrong_password', `too_many_attempts ${seconds}`])
    expect(codes).toEqual([...Array(4).fill('wrong_password'), ...waits.flat()])
    await api.mailTo(ada.email, 'Failed sign-ins')
    expect((await prove(ada, ada.password)).status).toBe(200)
    const log = await ada.visitor.call(`/api/v1/w/${ada.slug}/audit?mode=test`)
    const actions = log.body.rows.map((row: { action: string }) => row.action)
    expect(actions.slice(0, 2)).toEqual(['session.proven_again', 'session.many_failures'])
    expect(log.text).not.toContain(ada.password)
  })

  test('nobody signed in proves nothing, and a way that does not exist is refused', async () => {
    const ada = await api.signUp()
    expect((await prove({ visitor: api.visitor() }, 'x')).status).toBe(401)
    const unknown = await ada.visitor.post('/api/v1/step-up', { method: 'totp', password: ada.password })
    expect(unknown.body.errors).toEqual([
      { pointer: '/method', detail: 'Choose one of these for the method: password.' },
    ])
  })

  test('a clock that is behind the proof asks again', async () => {
    const ada = await api.signUp()
    const ahead = new Date(ground().clock.now().getTime() + 60_000)
    await ground().database.auth.updateTable('session_proofs').set({ proven_at: ahead }).execute()
    expect(await secondsLeft(ada)).toBe(0)
  })
})
