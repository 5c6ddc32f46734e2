import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { OpenAPIHono, createRoute } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { readAccessTable } from './context.ts'

eachDatabase('the gate', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

  const company = (slug: string) => `/api/v1/w/${slug}/settings/company?mode=test`

  describe('who is let in', () => {
    test('a signed-out visitor gets 401 and no detail, whether or not the slug exists', async () => {
      const { slug } = await api.signUp()

      const [known, unknown] = await Promise.all([
        api.visitor().call(company(slug)),
        api.visitor().call(company('no-such-place')),
      ])

      expect([known.status, unknown.status]).toEqual([401, 401])
      expect(known.body.code).toBe('signed_out')
      expect(known.text).not.toContain(slug)
    })

    test('TRU-1: the owner of another operator gets 404, the same as for a slug that does not exist, and changes nothing', async () => {
      const [mine, theirs] = [await api.signUp(), await api.signUp()]
      const before = await theirs.visitor.call(company(theirs.slug))

      const foreign = await mine.visitor.call(company(theirs.slug))
      const missing = await mine.visitor.call(company('no-such-place'))
      const { slug: _slug, updatedAt: _updatedAt, isCurrencyFixed: _isCurrencyFixed, ...fields } = before.body
      const written = await mine.visitor.call(company(theirs.slug), {
        method: 'PUT',
        body: { ...fields, name: 'Taken over' },
      })

      expect([foreign.status, missing.status, written.status]).toEqual([404, 404, 404])
      expect(foreign.body.detail).toBe(missing.body.detail)
      expect((await theirs.visitor.call(company(theirs.slug))).body).toEqual(before.body)
    })

    test('TRU-90: a role that may not is told which roles may', async () => {
      const { visitor, slug, email } = await api.signUp()
      const { auth } = ground().database
      const { id } = await auth.selectFrom('users').select('id').where('email', '=', email).executeTakeFirstOrThrow()
      await auth.updateTable('memberships').set({ role: 'front_desk' }).where('user_id', '=', id).execute()

      const read = await visitor.call(company(slug))
      const added = await visitor.post(`/api/v1/w/${slug}/settings/tax-rates`, {
        name: 'GST',
        percent: '10',
        treatment: 'taxable',
      })

      expect(read.status).toBe(200)
      expect(added.status).toBe(403)
      expect(added.body.detail).toBe('Needs the owner or admin role.')
    })

    test('a mode that is neither test nor live is refused by name', async () => {
      const { visitor, slug } = await api.signUp()

      const answer = await visitor.call(`/api/v1/w/${slug}/settings/company?mode=both`)

      expect(answer.status).toBe(422)
      expect(answer.body.errors).toEqual([{ pointer: '/mode', detail: 'Choose test or live.' }])
    })

    test('an id of another kind, a malformed one and an unknown one are all 404', async () => {
      const { visitor, slug } = await api.signUp()
      const ids = ['inv_0198c1d20000700080000000000000ab', 'tax_1', 'tax_0198c1d20000700080000000000000ab']

      const answers = await Promise.all(
        ids.map((id) => visitor.post(`/api/v1/w/${slug}/settings/tax-rates/${id}/retire`)),
      )

      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(ids.map(() => [404, 'not_found']))
    })

    test('an address of the API that does not exist is a problem, not a page', async () => {
      const answer = await api.visitor().call('/api/v1/nothing-here')

      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.body.requestId).toBe(answer.headers.get('request-id'))
    })
  })

  describe('TRU-116: requests from other sites', () => {
    const form = { name: 'Ada Quill', email: 'ada@example.test', slug: 'cross-site' }
    const send = (headers: Record<string, string>) =>
      fetch(`${api.origin}/api/v1/sign-up`, { method: 'POST', headers, body: JSON.stringify(form) })

    test.each([
      ['another origin', { origin: 'https://evil.example', 'content-type': 'application/json' }],
      [
        'another origin that claims to be the same site',
        { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      ],
      ['no origin at all', { 'content-type': 'application/json' }],
      ['the origin "null"', { origin: 'null', 'content-type': 'application/json' }],
    ])('%s is refused', async (_what, headers) => {
      const answer = await send(headers)

      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'cross_site_request' })
    })

    test('a form of another kind than JSON is refused even from our own origin', async () => {
      const answer = await send({ origin: api.origin, 'content-type': 'text/plain' })

      expect(answer.status).toBe(403)
    })

    test('without an origin the word of the browser that it is the same one counts', async () => {
      const answer = await send({ 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' })

      expect(answer.status).toBe(200)
    })
  })

  describe('TRU-110, TRU-115: bodies', () => {
    const deep = `{"email":${'['.repeat(33)}${']'.repeat(33)}}`
    const manyKeys = JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`key${index}`, 1])))

    test.each([
      ['not JSON', '{', 400, 'malformed_body'],
      ['a list', '[]', 400, 'malformed_body'],
      ['33 levels', deep, 400, 'malformed_body'],
      ['1,001 keys', manyKeys, 400, 'malformed_body'],
      ['one key twice', '{"email":"a@example.test","password":"x","email":"b@example.test"}', 400, 'malformed_body'],
      [
        'one key twice, once in disguise',
        String.raw`{"email":"a@example.test","\u0065mail":"b@example.test"}`,
        400,
        'malformed_body',
      ],
      ['__proto__', '{"__proto__":{"role":"owner"}}', 400, 'malformed_body'],
      ['more than 64 KiB', JSON.stringify({ email: 'x'.repeat(65_536) }), 413, 'body_too_large'],
      ['a card number', '{"email":"4242 4242 4242 4242","password":"x"}', 422, 'card_number'],
    ])('%s is refused', async (_what, body, ...expected) => {
      const answer = await api.visitor().call('/api/v1/sign-in', { method: 'POST', body })

      expect([answer.status, answer.body.code]).toEqual(expected)
    })

    test('a card number is answered with the sentence of TRU-115', async () => {
      const answer = await api
        .visitor()
        .post('/api/v1/sign-in', { email: 'ada@example.test', password: 'pay with 5555-5555-5555-4444 now' })

      expect(answer.body.detail).toBe('Card numbers must not be sent to Rentroll. Use the payment page.')
    })

    test('long digits inside an id or a word are not a card number', async () => {
      const answer = await api
        .visitor()
        .post('/api/v1/sign-in', { email: 'ada@example.test', password: 'inv_4242424242424242' })

      expect(answer.body.code).toBe('sign_in_refused')
    })

    test('a request that names no length, as some programs send it without a body, is answered', async () => {
      const socket = connect(Number(new URL(api.origin).port), '127.0.0.1')
      socket.write(`POST /api/v1/sign-out HTTP/1.1\r\nHost: a\r\nOrigin: ${api.origin}\r\nConnection: close\r\n\r\n`)

      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200/)
    })

    test('bytes that are no text are refused', async () => {
      const headers = { origin: api.origin, 'content-type': 'application/json' }

      const answer = await fetch(`${api.origin}/api/v1/sign-in`, {
        method: 'POST',
        headers,
        body: new Uint8Array([123, 34, 255, 34, 125]),
      })

      expect(answer.status).toBe(400)
    })

    test('a body sent without saying how long it is is cut off at 64 KiB', async () => {
      const chunk = new TextEncoder().encode('x'.repeat(16_384))
      let sent = 0
      const body = new ReadableStream({
        pull(controller) {
          sent += 1
          if (sent > 8) controller.close()
          else controller.enqueue(chunk)
        },
      })
      const init = {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { origin: api.origin, 'content-type': 'application/json' },
      }

      const answer = await fetch(`${api.origin}/api/v1/sign-in`, init as RequestInit)

      expect(answer.status).toBe(413)
    })
  })

  describe('headers', () => {
    test('TRU-113: every answer carries them: pages, data, problems, health', async () => {
      const answers = await Promise.all(
        ['/', '/sign-in', '/api/v1/me', '/api/v1/nothing', '/livez', '/openapi.json'].map((path) =>
          api.visitor().call(path),
        ),
      )

      for (const { headers } of answers) {
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
        expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
        expect(headers.get('permissions-policy')).toContain('camera=()')
        expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
        expect(headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/)
        expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin')
        expect(headers.get('x-powered-by') ?? headers.get('server')).toBeNull()
      }
    })

    test('TRU-104: the pages of mailed links send no referrer and are not indexed', async () => {
      const { headers } = await api.visitor().call('/reset-password/abc')

      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-robots-tag')).toBe('noindex')
    })

    test('personal answers are never stored', async () => {
      expect((await api.visitor().call('/api/v1/me')).headers.get('cache-control')).toBe('no-store')
    })
  })

  describe('faults', () => {
    test('TRU-117: an unknown fault is said in one sentence with a reference; the log has it, scrubbed, and the answer has no stack', async () => {
      const { visitor, slug } = await api.signUp()
      const broken = await openTestApi(ground(), {
        hasFinalisedInvoice: () =>
          Promise.reject(new Error('the books fell off the shelf near sk_test_4eC39HqLyjWDarjtT1zdp7dc')),
      })
      const guest = broken.visitor()
      guest.cookies.set('rentroll_dev', visitor.cookies.get('rentroll_dev') ?? '')

      const answer = await guest.call(company(slug))
      await broken.stop()

      const { requestId } = answer.body
      const line = ground().logLines.find((logged) => logged.includes(requestId) && logged.includes('books fell'))
      expect(answer.status).toBe(500)
      expect(answer.body.detail).toBe(
        `Something failed on our side. Nothing was charged twice. Reference ${requestId}.`,
      )
      expect(answer.text).not.toContain('shelf')
      expect(line).toContain('sk_test_••••')
    })

    test('TRU-260: the log names the pattern of a route, never its path', async () => {
      const { visitor, slug } = await api.signUp()

      const answer = await visitor.call(company(slug))

      const line = ground().logLines.find((logged) => logged.includes(answer.headers.get('request-id') ?? 'none'))
      expect(JSON.parse(line ?? '{}')).toMatchObject({
        route: '/api/v1/w/:slug/settings/company',
        method: 'GET',
        status: 200,
        mode: 'test',
      })
      expect(line).not.toContain(slug)
    })
  })
})

test('TRU-91: an operation that does not say who may use it stops the start', () => {
  const route = (path: string, access?: string) =>
    createRoute({
      method: 'get',
      path,
      responses: { 204: { description: 'nothing' } },
      ...(access && { 'x-permission': access }),
    })
  const tableOf = (path: string, access?: string) => () =>
    readAccessTable(new OpenAPIHono().openapi(route(path, access), (c) => c.body(null, 204)))

  expect(tableOf('/api/v1/w/{slug}/things')).toThrow('GET /api/v1/w/:slug/things has no known x-permission')
  expect(tableOf('/api/v1/w/{slug}/things', 'everything.do')).toThrow('no known x-permission')
  expect(tableOf('/api/v1/things', 'space.view')).toThrow('stands under no operator')
  expect([...tableOf('/api/v1/w/{slug}/things', 'space.view')()]).toEqual([
    ['GET /api/v1/w/:slug/things', 'space.view'],
  ])
})
