import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { createDrain, patience, startServer, type WebServer } from './server.ts'

/** Sends bytes as they are and answers what came back until the other side hung up. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
  })
  socket.on('error', () => undefined)
  socket.write(bytes)
  await once(socket, 'close')
  return answer
}

describe('the server', () => {
  let server: WebServer
  beforeAll(async () => {
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      answering: () => ({ fetch: async (request) => new Response(await request.text()) }),
    })
  })
  afterAll(() => server.stop())

  test('TRU-111: headers above 8 KiB are answered with 431', async () => {
    expect(await sendRaw(server.port, `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(9_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    )
  })

  test.each([
    [
      'both a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde'],
    ['lines without a carriage return', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ])('TRU-111: %s is refused', async (_what, bytes) => {
    expect(await sendRaw(server.port, bytes)).toMatch(/^HTTP\/1\.1 400/)
  })

  test('TRU-20: a client that never ends its headers is let go, by its limits within six seconds', async () => {
    expect(patience.headersTimeout + patience.connectionsCheckingInterval).toBeLessThanOrEqual(6_000)

    const answer = await sendRaw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n')

    expect(answer).toMatch(/^HTTP\/1\.1 408|^$/)
  })

  test('a taken port is an error that says so', async () => {
    const second = startServer({
      host: '127.0.0.1',
      port: server.port,
      answering: () => ({ fetch: () => new Response() }),
    })

    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

test('TRU-201: a request underway is answered although the server was told to stop', async () => {
  const { promise: arrived, resolve: sayArrived } = Promise.withResolvers<void>()
  const { promise: mayAnswer, resolve: letAnswer } = Promise.withResolvers<void>()
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    answering: () => ({
      async fetch() {
        sayArrived()
        await mayAnswer
        return new Response('finished')
      },
    }),
  })
  const asked = fetch(server.origin)
  await arrived

  const stopped = server.stop()
  letAnswer()

  expect(await (await asked).text()).toBe('finished')
  await stopped
  await expect(fetch(server.origin)).rejects.toThrow('fetch failed')
})

test('draining is marked once, and tells everybody who asked', () => {
  const drain = createDrain()
  const told: string[] = []
  drain.onMark(() => told.push('first'))
  drain.onMark(() => told.push('second'))

  drain.mark()
  drain.mark()

  expect(told).toEqual(['first', 'second'])
  expect(drain.isDraining()).toBe(true)
})

eachDatabase('health', {}, (ground) => {
  let api: TestApi
  beforeAll(async () => {
    api = await openTestApi(ground())
  })
  afterAll(() => api.stop())

  test('TRU-200: alive and ready, each check by name', async () => {
    const [live, ready] = await Promise.all([api.visitor().call('/livez'), api.visitor().call('/readyz')])

    expect(live.text).toBe('ok')
    expect(ready.status).toBe(200)
    expect(ready.body).toEqual({
      isReady: true,
      checks: { database: 'ok', migrations: 'ok', masterKey: 'ok', accepting: 'ok' },
    })
  })

  test('TRU-196: figures by pattern, with no name of an operator', async () => {
    const { visitor, slug } = await api.signUp()
    await visitor.call(`/api/v1/w/${slug}/settings/company`)

    const { text } = await api.visitor().call('/metrics')

    expect(text).toContain(
      'rentroll_http_request_seconds_count{method="GET",route="/api/v1/w/:slug/settings/company",status="200"}',
    )
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    expect(text).not.toContain(slug)
  })

  test('a report of a broken content policy is counted by its directive', async () => {
    const report = [
      {
        type: 'csp-violation',
        body: { effectiveDirective: 'script-src-elem', documentURL: 'http://x/reset-password/secret' },
      },
    ]

    const answer = await fetch(`${api.origin}/api/csp-reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/reports+json' },
      body: JSON.stringify(report),
    })

    expect(answer.status).toBe(204)
    expect((await api.visitor().call('/metrics')).text).toContain(
      'rentroll_csp_reports_total{directive="script-src-elem"} 1',
    )
  })

  test('the description of the API holds every operation with its permission', async () => {
    const { body } = await api.visitor().call('/openapi.json')

    const operations = Object.values<Record<string, { 'x-permission'?: string }>>(body.paths).flatMap((path) =>
      Object.values(path),
    )
    expect(operations.length).toBeGreaterThan(10)
    expect(operations.every((operation) => typeof operation['x-permission'] === 'string')).toBe(true)
  })
})
