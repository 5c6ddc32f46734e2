import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

eachDatabase('what guards every request', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

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

  test('SBX-38: an answer says the time of the application, not that of the wall', async () => {
    const { clock } = ground()
    clock.advance(86_400_000)

    const [was, { headers }] = [clock.now(), await fetch(`${api.origin}/api/v1/me`)]

    const said = Date.parse(headers.get('Date') ?? '')
    expect(said).toBeGreaterThan(was.getTime() - 1000)
    expect(said).toBeLessThanOrEqual(clock.now().getTime())
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
})
