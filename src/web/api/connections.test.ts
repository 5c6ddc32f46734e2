import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type SignedUp, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

eachDatabase('connections', {}, (ground) => {
  let api: TestApi
  let owner: SignedUp
  beforeAll(async () => {
    api = await openTestApi(ground())
    owner = await api.signUp()
  })
  afterAll(() => api.stop())

  const keys = (account = 'Harbour Desks') => {
    const found = api.sandbox.keys.find((set) => set.account === account && set.mode === 'test')
    if (!found) throw new Error(`no keys of ${account}`)
    return { publishableKey: found.publishable, secretKey: found.secret }
  }
  const address = (path = '', slug = owner.slug) => `/api/v1/w/${slug}/connections/stripe${path}?mode=test`
  const put = (body: object, path = '') => owner.visitor.call(address(path), { method: 'PUT', body })
  const read = async () => (await owner.visitor.call(address())).body

  test('L4 UI-123 keys go in, the connection comes out, and no answer ever holds a secret', async () => {
    expect(await read()).toMatchObject({ state: 'none', badges: [], webhook: { state: 'missing', addresses: {} } })

    const saved = await put(keys())
    const made = await owner.visitor.post(address('/endpoint'), {})
    const seen = await owner.visitor.call(address())

    expect(saved).toMatchObject({
      status: 200,
      body: { connection: { state: 'connected', badges: [{ label: 'Connected' }, { label: 'Webhook missing' }] } },
    })
    expect(saved.body.steps.length).toBeGreaterThan(3)
    expect(made).toMatchObject({
      status: 200,
      body: { webhook: { state: 'waiting_first_event', endpoint: { isFound: true, isOurs: true } } },
    })
    expect(seen.body).toMatchObject({
      account: { name: 'Harbour Desks', country: 'AU', currency: 'AUD', chargesEnabled: true },
      publishableKey: keys().publishableKey,
      secretKey: {
        last4: keys().secretKey.slice(-4),
        kind: 'secret',
        fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
      webhook: {
        addresses: { own: expect.stringMatching(/\/api\/stripe\/webhook\/[A-Za-z0-9_-]{43}$/) },
        secrets: [{ source: 'created' }],
      },
    })
    expect(seen.body.webhook.events.map((event: { atStripe: string }) => event.atStripe)).toEqual(
      Array.from({ length: 10 }, () => 'selected'),
    )
    for (const { text } of [saved, made, seen]) expect(text).not.toMatch(/sk_test|whsec_|_secret_|"v1\|/)
  })

  test('STR-24 the test of the connection comes as twelve rows under a title', async () => {
    const tested = await owner.visitor.post(address('/test'), {})

    expect(tested).toMatchObject({ status: 200, body: { title: 'Connection works' } })
    expect(tested.body.rows).toHaveLength(12)
  })

  test('STR-23 a refusal is a problem with its title, its field and the next step, and the saved keys stay', async () => {
    const { publishableKey, secretKey } = keys()
    const before = await read()

    const swapped = await put({ publishableKey: secretKey, secretKey: publishableKey })
    const foreign = await put(keys('Keystone Storage'))

    expect(swapped).toMatchObject({
      status: 422,
      body: {
        code: 'secret_in_publishable',
        title: 'Unable to verify credentials',
        errors: [{ pointer: '/publishableKey' }],
      },
    })
    expect(foreign).toMatchObject({
      status: 409,
      body: { code: 'different_account', title: 'Different Stripe account' },
    })
    expect(foreign.body.detail).toContain('0 renters with autopay')
    expect(swapped.text).not.toContain(secretKey)
    expect(await read()).toEqual(before)
  })

  test('STR-58 a pasted webhook secret works beside the older one until a time that is told', async () => {
    const pasted = await put({ webhookSecret: 'whsec_PastedIntoTheField01' }, '/webhook-secret')

    expect(pasted.status).toBe(200)
    expect(Date.parse(pasted.body.othersUntil)).toBeGreaterThan(ground().clock.now().getTime())
    expect(pasted.body.connection.webhook.secrets).toMatchObject([
      { source: 'pasted', last4: 'ld01' },
      { source: 'created', validUntil: pasted.body.othersUntil },
    ])
  })

  test('STR-46 checking and repairing answer with the connection as it is then', async () => {
    expect((await owner.visitor.post(address('/endpoint/check'), {})).body.webhook.endpoint).toMatchObject({
      isFound: true,
      isEnabled: true,
    })
    expect(await owner.visitor.post(address('/endpoint/repair'), {})).toMatchObject({ status: 200 })
    expect(await owner.visitor.post(address('/endpoint'), {})).toMatchObject({
      status: 409,
      body: { code: 'endpoint_exists' },
    })
    expect(await owner.visitor.post(address('/endpoint'), { isFresh: true })).toMatchObject({ status: 200 })
  })

  test('TRU-50 the owner of another workspace and a visitor get nothing', async () => {
    const other = await api.signUp()

    expect((await other.visitor.call(address())).status).toBe(404)
    expect((await other.visitor.call(address('', other.slug))).body.state).toBe('none')
    expect((await api.visitor().call(address())).status).toBe(401)
  })
})
