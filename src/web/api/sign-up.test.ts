import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, until, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

const place = { country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }
const password = 'forty-two green teapots'

eachDatabase('signing up', {}, (ground) => {
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
