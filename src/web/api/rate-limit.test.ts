import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { turnableClock } from '#platform'
import { openTestApi, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { eventText, makeConnection, makeReceiver, signatureFor } from '#test/inbox'
import { createRateLimit } from './rate-limit.ts'

const start = new Date('2026-11-22T08:00:00Z')

test('TRU-112: a minute’s worth at once, then one for each token that comes back', () => {
  const clock = turnableClock(0, start)
  const { take } = createRateLimit({ clock, perMinute: 60 })
  const taken = (key: string, times: number) =>
    Array.from({ length: times }, () => take(key)).filter((one) => !one).length

  expect(taken('a', 100)).toBe(60)
  expect(take('a')).toEqual({
    'Retry-After': '1',
    'RateLimit-Limit': '60',
    'RateLimit-Remaining': '0',
    'RateLimit-Reset': '60',
  })
  clock.advance(999)
  expect(taken('a', 10)).toBe(0)
  clock.advance(1)
  expect(taken('a', 10)).toBe(1)
  clock.advance(10_500)
  expect(taken('a', 20)).toBe(10)
  expect(taken('b', 100)).toBe(60)
  clock.advance(60_000)
  expect(taken('a', 100)).toBe(60)
})

test('TRU-112: a clock that was put back keeps nobody out for longer than a minute', () => {
  const clock = { at: start.getTime(), now: () => new Date(clock.at), wallTimeOf: (instant: Date) => instant }
  const { take } = createRateLimit({ clock, perMinute: 2 })
  take('a')
  take('a')
  clock.at -= 600_000
  expect(take('a')).toMatchObject({ 'Retry-After': '30' })
  clock.at += 30_000
  expect(take('a')).toBeUndefined()
})

test('TRU-112: only so many are remembered, and who was there last is', () => {
  const { take } = createRateLimit({ clock: turnableClock(0, start), perMinute: 1, most: 3 })
  for (const key of ['a', 'b', 'c', 'd']) expect(take(key)).toBeUndefined()
  for (const key of ['b', 'c', 'd']) expect(take(key), key).toMatchObject({ 'Retry-After': '60' })
  expect(take('a')).toBeUndefined()
})

eachDatabase('limits at the edge', {}, (ground) => {
  let bare: TestApi
  let behind: TestApi
  beforeAll(async () => {
    const { clock } = ground()
    clock.standAt(clock.now())
    bare = await openTestApi(ground())
    const receiver = makeReceiver(ground(), () => undefined)
    behind = await openTestApi(ground(), { receiver, trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] })
  })
  afterAll(async () => {
    await bare.stop()
    await behind.stop()
  })
  const rested = () => ground().clock.advance(60_000)

  const ask = (api: TestApi, path: string, headers: Record<string, string> = {}) =>
    api.visitor().call(path, { headers })
  const from = (address: string) => ({ 'X-Forwarded-For': address })
  const many = async (
    api: TestApi,
    times: number,
    headers: Record<string, string> = {},
    path = '/api/v1/book/nobody',
  ) => {
    const answers = []
    for (let count = 0; count < times; count += 1) answers.push((await ask(api, path, headers)).status)
    return answers.filter((status) => status === 429).length
  }

  describe('TRU-112: the public booking page', () => {
    test('60 a minute from one place, page and API together; then 429 with when to come back, in words', async () => {
      rested()
      const { slug } = await bare.signUp()
      expect(await many(bare, 30, {}, `/book/${slug}`)).toBe(0)
      expect(await many(bare, 30, {}, `/api/v1/book/${slug}`)).toBe(0)

      const refused = await ask(bare, `/api/v1/book/${slug}`)
      expect(refused.status).toBe(429)
      expect(refused.body).toMatchObject({ code: 'too_many_visits', title: 'Too many visits at once', status: 429 })
      const limits = ['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']
      expect(limits.map((name) => refused.headers.get(name))).toEqual(['1', '60', '0', '60'])
      expect(refused.headers.get('cache-control')).toBe('no-store')

      // The page is the same page: it says in words what the API answers.
      const page = await ask(bare, `/book/${slug}`)
      expect([page.status, page.headers.get('retry-after')]).toEqual([429, '1'])
      expect(page.headers.get('content-type')).toMatch(/^text\/html/)
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(page.text).toContain('<div id="root">')

      // Nothing else is counted with it.
      const asset = /\/assets\/[\w.-]+\.js/.exec(page.text)?.[0] ?? 'no script'
      expect(await many(bare, 70, {}, asset)).toBe(0)
      expect((await ask(bare, '/livez')).status).toBe(200)
      ground().clock.advance(1_000)
      expect(await many(bare, 2, {}, `/api/v1/book/${slug}`)).toBe(1)
    })

    test('by IPv4 address and by IPv6 /64, as a trusted proxy says it', async () => {
      rested()
      expect(await many(behind, 61, from('203.0.113.7'))).toBe(1)
      expect(await many(behind, 1, from('203.0.113.8'))).toBe(0)
      expect(await many(behind, 60, from('2001:db8:1:2::1'))).toBe(0)
      expect(await many(behind, 1, from('2001:db8:1:2:ffff::9'))).toBe(1)
      expect(await many(behind, 1, from('2001:db8:1:3::1'))).toBe(0)
      // Two proxies of ours, one behind the other; what the visitor wrote in front of it is not read.
      expect(await many(behind, 1, from('198.51.100.1, 203.0.113.7, 10.1.2.3'))).toBe(1)
      expect(await many(behind, 1, from('198.51.100.2, ::ffff:203.0.113.7'))).toBe(1)
      expect(await many(behind, 1, from('203.0.113.7, 198.51.100.3'))).toBe(0)
      // What is no address ends the way: the last proxy is the caller then.
      expect(await many(behind, 61, from('unknown'))).toBe(1)
      expect(await many(behind, 1)).toBe(1)
    })

    test('whoever is not a trusted proxy cannot speak for others', async () => {
      rested()
      const before = ground().logLines.length
      let refused = 0
      for (let count = 0; count < 62; count += 1) refused += await many(bare, 1, from(`203.0.113.${count}`))
      expect(refused).toBe(2)
      expect(
        ground()
          .logLines.slice(before)
          .filter((line) => line.includes('TRUSTED_PROXIES')),
      ).toHaveLength(1)
    })

    test('TRU-200: a visitor behind a proxy on this machine is not on this machine', async () => {
      expect((await ask(behind, '/metrics')).status).toBe(200)
      expect((await ask(behind, '/metrics', from('203.0.113.9'))).status).toBe(404)
      expect((await ask(behind, '/metrics', from('127.0.0.1, 203.0.113.9'))).status).toBe(404)
    })
  })

  describe('TRU-112: deliveries that nobody of ours signed', () => {
    const deliver = async (signature: string, body: string, { token = '', address = '203.0.113.40' } = {}) => {
      const path = token === '' ? '/api/stripe/webhook' : `/api/stripe/webhook/${token}`
      const headers = { 'Stripe-Signature': signature, 'Content-Type': 'application/json', ...from(address) }
      return fetch(`${behind.origin}${path}`, { method: 'POST', headers, body })
    }
    const forged = () => `t=${Math.floor(ground().clock.now().getTime() / 1000)},v1=${'0'.repeat(64)}`
    const flood = async (times: number, about: { token?: string; address?: string } = {}) => {
      const statuses: number[] = []
      for (let sent = 0; sent < times; sent += 50) {
        const some = Array.from({ length: Math.min(50, times - sent) }, () => deliver(forged(), '{}', about))
        for (const reply of await Promise.all(some)) statuses.push(reply.status)
      }
      return [400, 429].map((status) => statuses.filter((one) => one === status).length)
    }

    test('600 a minute from one place are 400, the rest 429; what is rightly signed always passes', async () => {
      rested()
      const connection = await makeConnection(ground())
      const { secret, endpointToken: token } = connection
      const good = async () => {
        const body = eventText({ objectId: `pi_${Math.random().toString(36).slice(2)}` })
        return deliver(signatureFor(ground(), { body, secret }), body, { token })
      }
      expect((await good()).status).toBe(200)
      expect(await flood(300, { token })).toEqual([300, 0])
      // Whichever address it was sent to: the limit is the sender's.
      expect(await flood(310)).toEqual([300, 10])

      const refused = await deliver(forged(), '{}', { token })
      expect([refused.status, await refused.text(), refused.headers.get('retry-after')]).toEqual([
        429,
        'too many failures',
        '1',
      ])
      expect(refused.headers.get('ratelimit-limit')).toBe('600')
      // The same for every wrong header and every address, known or not.
      for (const [signature, about] of [
        ['', { token }],
        ['t=1,v1=00', {}],
        [forged(), { token: 'A'.repeat(43) }],
      ] as const)
        expect((await deliver(signature, '{}', about)).status).toBe(429)

      for (let count = 0; count < 20; count += 1) expect((await good()).status).toBe(200)
      expect((await deliver(forged(), '{}', { address: '203.0.113.41' })).status).toBe(400)
      // What was rightly signed took nothing: one token comes back every tenth of a second.
      ground().clock.advance(1_000)
      expect(await flood(12, { token })).toEqual([10, 2])
    })

    test('what is no delivery is answered as ever', async () => {
      await flood(601)
      expect((await fetch(`${behind.origin}/api/stripe/webhook`, { headers: from('203.0.113.40') })).status).toBe(405)
    })
  })
})
