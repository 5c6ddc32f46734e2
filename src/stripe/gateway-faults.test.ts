import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogs, systemClock, Secret } from '#platform'
import { faultOf, newIntent, newKey } from '#test/intents'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { createStripe } from './index.ts'

let ground: StripeSandboxGround

beforeAll(async () => {
  ground = await openStripeSandbox()
})
afterAll(() => ground.close())

describe('STR-7 the outcome of a write', () => {
  const unknownByEffect = [
    ['drop_before', 'network'],
    ['drop_after', 'network'],
    [{ kind: 'status_before', status: 503 }, 'server'],
    [{ kind: 'status_after', status: 500 }, 'server'],
    ['empty_200', 'unexpected_response'],
  ] as const

  test.each(unknownByEffect)('is unknown after %j', async (effect, kind) => {
    const created = await newIntent(ground, 'pm_card_bypassPending')
    await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })
    await ground.armFault({ method: 'POST', path: '^/v1/refunds' }, effect, 5)

    const fault = await faultOf(
      ground.gateway.createRefund(ground.scopeOf(), {
        paymentIntent: created.id,
        amountMinor: 100n,
        metadata: {},
        idempotencyKey: newKey('refund'),
      }),
    )

    await fetch(`${ground.sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
    expect(fault).toMatchObject({ kind, isOutcomeUnknown: true, operation: 'refunds.create' })
  })

  test('is known after 401, 403 and 404, and a read never leaves one unknown', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
    for (const [status, kind] of [
      [401, 'auth'],
      [403, 'permission'],
      [404, 'missing'],
    ] as const) {
      await ground.armFault({ method: 'POST', path: '/confirm$' }, { kind: 'status_before', status }, 1)
      const fault = await faultOf(
        ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
          offSession: true,
          idempotencyKey: newKey('confirm'),
        }),
      )
      expect(fault).toMatchObject({ kind, isOutcomeUnknown: false, httpStatus: status })
    }
    await ground.armFault({ method: 'GET', path: '^/v1/payment_intents/' }, 'empty_200', 9)
    const fault = await faultOf(ground.gateway.findPaymentIntent(ground.scopeOf(), created.id))
    await fetch(`${ground.sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
    expect(fault).toMatchObject({ kind: 'unexpected_response', isOutcomeUnknown: false })
  })

  test('STR-5 429 is repeated until it passes, with the same key', async () => {
    const created = await newIntent(ground, 'pm_card_visa')
    await ground.armFault({ method: 'POST', path: '/confirm$' }, { kind: 'status_before', status: 429 }, 2)

    const confirmed = await ground.gateway.confirmPaymentIntent(ground.scopeOf(), created.id, {
      offSession: true,
      idempotencyKey: newKey('confirm'),
    })

    expect(confirmed.status).toBe('succeeded')
  })
})

describe('answers that are not Stripe’s', () => {
  let proxy: Server
  let answer: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } = {
    status: 200,
    body: '',
  }
  const ask = () => {
    const apiBase = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const gateway = createStripe({ apiBase, logs: createLogs('silent'), clock: systemClock, installation: 'test' })
    return gateway.readBalance({ ...ground.scopeOf(), handling: { timeoutMs: 2_000, retries: 0 } })
  }

  beforeAll(async () => {
    proxy = createServer((_, response) => void response.writeHead(answer.status, answer.headers).end(answer.body))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => new Promise((resolve) => proxy.close(resolve)))

  const strange = [
    [200, '<html>Sign in to the hotel network</html>', 'unexpected_response'],
    [200, 'null', 'unexpected_response'],
    [200, '7', 'unexpected_response'],
    [200, '[]', 'unexpected_response'],
    [200, '{"object":"account","id":"acct_1"}', 'unexpected_response'],
    [200, '{"object":"balance","livemode":true,"available":[],"pending":[]}', 'unexpected_response'],
    [
      200,
      '{"object":"balance","livemode":false,"available":[{"amount":1.5,"currency":"aud"}],"pending":[]}',
      'unexpected_response',
    ],
    [200, '{"error":{"type":"api_error","message":"no"}}', 'unexpected_response'],
    [204, '', 'unexpected_response'],
    [502, '<html>Bad gateway</html>', 'server'],
    [401, 'no', 'auth'],
  ] as const

  test.each(strange)('STR-6 %i %s is %s', async (status, body, kind) => {
    answer = { status, body }
    expect((await faultOf(ask())).kind).toBe(kind)
  })

  test('STR-6 a redirect is not followed with the key', async () => {
    answer = { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }
    expect((await faultOf(ask())).kind).toBe('unexpected_response')
  })

  test('STR-7 nobody listening is `network`, refused', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const gateway = createStripe({
      apiBase: `http://127.0.0.1:${port}`,
      logs: createLogs('silent'),
      clock: systemClock,
      installation: 'test',
    })
    const fault = await faultOf(
      gateway.readBalance({ ...ground.scopeOf(), handling: { timeoutMs: 2_000, retries: 0 } }),
    )
    expect(fault).toMatchObject({ kind: 'network', code: 'refused' })
  })
})

test('STR-11 each call leaves one line without a secret, and STR-9 a fault carries none either', async () => {
  const before = ground.logLines.length
  const secret = 'sk_test_sandboxNobodyIssuedThisKey00'

  const fault = await faultOf(ground.gateway.readAccount({ ...ground.scopeOf(), credential: new Secret(secret) }))

  const lines = ground.logLines.slice(before)
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    stripe: 'accounts.retrieve_current',
    outcome: 'auth',
    mode: 'test',
  })
  expect(lines.join('')).not.toContain(secret)
  expect(JSON.stringify(fault) + fault.stack).not.toContain(secret)
})
