/** What a fault waits for, when it ends, and what is refused (SBX-41, SBX-48). */
import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { Faults } from './faults.ts'

let bench: Bench
let stripe: Stripe

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Harbour')
})

afterEach(() => bench.control('DELETE', '/faults'))

afterAll(() => bench.close())

const statusOf = async (path = '/v1/balance'): Promise<number> => (await bench.raw(path)).status

describe('SBX-41: arming', () => {
  test('until an instant or for a duration of sandbox time, then it is gone', async () => {
    const minute = { where: 'api', effect: { kind: 'status_before', status: 503 }, until: 'PT1M30S' }
    const armed = await bench.control('POST', '/faults', minute)
    const during = await statusOf()
    bench.clock.advance(89_000)
    const late = await statusOf()
    bench.clock.advance(1000)
    const after = await statusOf()
    const until = new Date(bench.clock.now().getTime() + 1000).toISOString()
    await bench.control('POST', '/faults', { ...minute, until })
    const instant = await statusOf()
    bench.clock.advance(1000)

    expect(armed).toMatchObject({ status: 201, body: { timesLeft: null, until: '2026-11-02T09:01:30.000Z' } })
    expect([during, late, after, instant, await statusOf()]).toStrictEqual([503, 503, 200, 503, 200])
    expect(bench.sandbox.stripe.health().activeFaults).toBe(0)
  })

  test('by mode, by account and by method', async () => {
    const arm = (match: object): ReturnType<Bench['control']> =>
      bench.control('POST', '/faults', { where: 'api', match, effect: { kind: 'status_before', status: 503 } })
    const ask = (account: string, mode: 'test' | 'live'): Promise<number> =>
      bench.raw('/v1/balance', { key: bench.keys(account, mode).secret }).then(({ status }) => status)
    const all = (): Promise<number[]> =>
      Promise.all([ask('Harbour', 'test'), ask('Harbour', 'live'), ask('Keystone', 'test')])

    await arm({ mode: 'live' })
    const byMode = await all()
    await bench.control('DELETE', '/faults')
    await arm({ account: bench.keys('Keystone').accountId })
    const byAccount = await all()
    await bench.control('DELETE', '/faults')
    await arm({ method: 'post' })
    const byMethod = await all()

    expect(byMode).toStrictEqual([200, 503, 200])
    expect(byAccount).toStrictEqual([200, 200, 503])
    expect(byMethod).toStrictEqual([200, 200, 200])
    expect(await refusalOf(stripe.customers.create({}))).toMatchObject({ statusCode: 503 })
  })

  test('every hit is logged with its request, longer than the fault lives', async () => {
    const armed = await bench.control('POST', '/faults', {
      where: 'api',
      effect: { kind: 'status_before', status: 500 },
      times: 1,
    })
    const refusal = await refusalOf(stripe.balance.retrieve())
    await stripe.balance.retrieve()

    const hits = await bench.control('GET', '/faults/hits')

    expect(hits.body[0]).toMatchObject({
      faultId: armed.body.id,
      where: 'api',
      effect: 'status_before',
      subject: { name: refusal.requestId, method: 'GET', path: '/v1/balance', mode: 'test' },
    })
    expect(hits.body[1]?.faultId).not.toBe(armed.body.id)
    expect((await bench.control('GET', `/faults/${armed.body.id}`)).status).toBe(404)
  })

  test('GET shows one fault and how often it struck', async () => {
    const { body } = await bench.control('POST', '/faults', {
      where: 'api',
      effect: 'lock_timeout',
      match: { path: 'customers', nth: 2 },
    })
    await stripe.customers.list()
    await refusalOf(stripe.customers.list())

    const shown = await bench.control('GET', `/faults/${body.id}`)

    expect(shown.body).toStrictEqual({
      id: body.id,
      where: 'api',
      effect: { kind: 'lock_timeout' },
      match: { path: 'customers', nth: 2 },
      timesLeft: null,
      until: null,
      seen: 2,
      hits: 1,
    })
  })

  test('probability draws by the seed: the same again, and neither all nor nothing', () => {
    const draw = (seed: string): boolean[] => {
      const faults = new Faults({ nowMs: () => 0, seed: () => seed })
      faults.arm({ where: 'api', effect: 'drop_after', match: { probability: 0.4 } })
      return Array.from({ length: 200 }, () => faults.apiEffects({ name: 'call' }).length === 1)
    }

    expect(draw('one')).toStrictEqual(draw('one'))
    expect(draw('one')).not.toStrictEqual(draw('two'))
    const struck = draw('one').filter(Boolean).length
    expect(struck).toBeGreaterThan(50)
    expect(struck).toBeLessThan(110)
  })

  test('two faults strike the same call', async () => {
    await bench.control('POST', '/faults', { where: 'api', effect: { kind: 'delay', ms: 1 } })
    await bench.control('POST', '/faults', { where: 'api', effect: 'empty_200' })

    const { body } = await bench.raw('/v1/balance')

    expect(body).toStrictEqual({})
    expect(bench.sandbox.stripe.listRequests(1)[0]?.faults).toStrictEqual(['delay', 'empty_200'])
  })
})

describe('SBX-48: a fault that cannot be armed', () => {
  const good = { where: 'api', effect: 'drop_after' }
  test.each<[string, unknown, string]>([
    ['no place', { effect: 'drop' }, 'where must be "api", "webhook" or "mail".'],
    ['an unknown place', { where: 'moon', effect: 'drop' }, 'where must be "api", "webhook" or "mail".'],
    ['an effect of another place', { where: 'mail', effect: 'drop_after' }, 'effect must be one of refuse_temporary'],
    ['no effect', { where: 'api' }, 'effect must be an object.'],
    ['an effect named like the language', { where: 'api', effect: 'constructor' }, 'effect must be one of'],
    ['an unknown field', { ...good, tiems: 3 }, 'tiems is not known; known are where, match, effect, times, until.'],
    ['an unknown setting', { where: 'api', effect: { kind: 'delay', seconds: 3 } }, 'effect.seconds is not known'],
    ['an unknown status', { where: 'api', effect: { kind: 'status_before', status: 418 } }, 'effect.status must be'],
    ['an unknown decline', { where: 'api', effect: { kind: 'decline_next', code: 'no' } }, 'effect.code must be one'],
    ['a delay of a month', { where: 'webhook', effect: { kind: 'delay', ms: 41 * 86_400_000 } }, 'effect.ms must be'],
    ['half a millisecond', { where: 'api', effect: { kind: 'delay', ms: 0.5 } }, 'effect.ms must be a whole number'],
    ['no patch', { where: 'api', effect: 'mutate' }, 'effect.patch is missing.'],
    ['a bad operation', mutate({ op: 'move', path: '/a' }), 'effect.patch[0].op must be one of'],
    ['a bad pointer', mutate({ op: 'remove', path: 'a' }), 'effect.patch[0].path must be a JSON pointer'],
    ['a step without value', mutate({ op: 'add', path: '/a' }), 'effect.patch[0].value is missing.'],
    ['a bad regular expression', { ...good, match: { path: '(' } }, 'match.path is not a regular expression'],
    ['an unknown method', { ...good, match: { method: 'LOOK' } }, 'match.method must be one of'],
    ['an unknown mode', { ...good, match: { mode: 'both' } }, 'match.mode must be "test" or "live".'],
    ['a match of another place', { ...good, match: { event_type: 'charge.*' } }, 'match.event_type is not known'],
    ['a narrowed port', { where: 'api', effect: 'refuse', match: { path: 'a' } }, 'match.path is not known'],
    ['a call before the first', { ...good, match: { nth: 0 } }, 'match.nth must be a whole number'],
    ['an impossible chance', { ...good, match: { probability: 1.5 } }, 'match.probability must be a number'],
    ['no times', { ...good, times: 0 }, 'times must be a whole number from 1'],
    ['times as a text', { ...good, times: '3' }, 'times must be a whole number from 1'],
    ['both ends', { ...good, times: 1, until: 'PT1M' }, 'Give times or until, not both.'],
    ['an end that passed', { ...good, until: '2020-01-01T00:00:00Z' }, 'until must be later than the time'],
    ['an end that is none', { ...good, until: 'tomorrow' }, 'until must be an instant such as'],
    ['an empty duration', { ...good, until: 'P' }, 'until must be an instant such as'],
    ['no duration', { ...good, until: 'PT0S' }, 'until must be later than the time'],
    ['an end in years', { ...good, until: 'P401D' }, 'until may be at most 400 days away.'],
    ['a list', [], 'The body must be a JSON object.'],
  ])('%s is refused with its field, and nothing is armed', async (_, fault, message) => {
    const answer = await bench.control('POST', '/faults', fault)

    expect(answer.status).toBe(400)
    expect(answer.body.error).toContain(message)
    expect(bench.running.faults.list()).toStrictEqual([])
  })

  function mutate(step: object): object {
    return { where: 'api', effect: { kind: 'mutate', patch: [step] } }
  }
})
