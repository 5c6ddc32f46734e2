import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSandbox } from '../index.ts'
import { startBench, startReceiver, until } from '../stripe/test-bench.ts'
import type { Bench, RawAnswer } from '../stripe/test-bench.ts'
import { ownClock } from './clock.ts'

const start = Date.parse('2026-11-02T09:00:00Z')
const hour = 3_600_000
const day = 24 * hour

describe('SBX-38: the clock of a sandbox that runs alone', () => {
  let folder: string
  let wallMs: number
  const open = () => ownClock(folder, () => wallMs)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    wallMs = start
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  test('goes with the wall, plus what it was turned', async () => {
    const clock = open()
    await clock.standAt(new Date(start + day))
    wallMs += hour
    const standing = clock.now().getTime()
    await clock.goOn()
    wallMs += hour

    expect(standing).toBe(start + day)
    expect(clock.now().getTime()).toBe(start + day + hour)
  })

  test('keeps its offset over a restart', async () => {
    const clock = open()
    await clock.standAt(new Date(start + day))
    await clock.goOn()
    wallMs += hour

    expect(open().now().getTime()).toBe(start + day + hour)
  })

  test('stays frozen over a restart, through a turn, and flows from there when it is let go', async () => {
    const clock = open()
    await clock.freeze(true)
    await clock.standAt(new Date(start + day))
    await clock.goOn()
    wallMs += 5 * hour
    const again = open()
    const frozen = [again.isFrozen(), again.now().getTime()]
    await again.freeze(false)
    wallMs += 1000

    expect(frozen).toStrictEqual([true, start + day])
    expect([again.isFrozen(), again.now().getTime()]).toStrictEqual([false, start + day + 1000])
  })

  test('never goes back', async () => {
    const clock = open()
    await clock.standAt(new Date(start - hour))

    expect(clock.now().getTime()).toBe(start)
  })

  test('a file that holds no clock is refused, not guessed', () => {
    writeFileSync(join(folder, 'clock.json'), '{}')

    expect(open).toThrow('holds no clock')
  })

  test('npm run sandbox has it: turned by a day, it stays turned after a restart', async () => {
    const ask = async (url: string, init: RequestInit = {}): Promise<{ now: string; isFrozen: boolean }> =>
      (await fetch(`${url}/_sandbox/clock`, init)).json() as Promise<{ now: string; isFrozen: boolean }>
    const first = await startSandbox({ port: 0, folder })
    await ask(first.url, { method: 'POST', body: '{"freeze":true}' })
    const before = await ask(first.url)
    await ask(first.url, { method: 'POST', body: '{"advance":"P1D"}' })
    await first.close()
    const second = await startSandbox({ port: 0, folder })
    const after = await ask(second.url)
    await second.close()

    expect(Date.parse(after.now) - Date.parse(before.now)).toBe(day)
    expect(after.isFrozen).toBe(true)
  })
})

describe('SBX-38, SBX-48: POST /_sandbox/clock', () => {
  let bench: Bench

  beforeEach(async () => {
    bench = await startBench()
  })

  afterEach(() => bench.close())

  const turn = (wish: unknown): Promise<RawAnswer> => bench.control('POST', '/clock', wish)

  test('turns by a duration and to an instant, and tells both', async () => {
    const byDuration = await turn({ advance: 'P1DT1H' })
    const toInstant = await turn({ set: '2026-12-01T10:00:00+01:00' })
    const seen = await bench.control('GET', '/clock')

    expect([byDuration.status, byDuration.body.now]).toStrictEqual([200, '2026-11-03T10:00:00.000Z'])
    expect([toInstant.status, toInstant.body.now]).toStrictEqual([200, '2026-12-01T09:00:00.000Z'])
    expect(seen.body).toMatchObject({
      now: '2026-12-01T09:00:00.000Z',
      isFrozen: true,
      walk: { state: 'done', from: '2026-11-03T10:00:00.000Z', to: '2026-12-01T09:00:00.000Z' },
    })
  })

  test.each(['P0D', 'PT0S'])('%s is no turn at all', async (advance) => {
    const { status, body } = await turn({ advance })

    expect([status, body.now, body.walk]).toStrictEqual([200, '2026-11-02T09:00:00.000Z', null])
  })

  test.each([
    [{ set: '2026-11-02T08:59:59Z' }, 409, 'Time only moves forward: it is 2026-11-02T09:00:00.000Z here'],
    [{ advance: '-P1D' }, 409, 'Time only moves forward'],
    [{ advance: 'P500D' }, 400, 'at most 400 days'],
    [{ advance: 'P400DT1S' }, 400, 'at most 400 days'],
    [{ advance: 'tomorrow' }, 400, 'must be a duration'],
    [{ advance: '' }, 400, 'must be a duration'],
    [{ advance: 'P999999999Y' }, 400, 'must be a duration'],
    [{ advance: 86_400 }, 400, 'advance must be a text'],
    [{ set: '2026-13-01' }, 400, 'set must be an instant'],
    [{ set: '2026-12-01' }, 400, 'set must be an instant'],
    [{ set: 5 }, 400, 'set must be a text'],
    [{ freeze: 'yes' }, 400, 'freeze must be true or false'],
    [{ advance: 'P1D', set: '2026-12-01T00:00:00Z' }, 400, 'Give either advance'],
    [{}, 400, 'Give either advance'],
    [{ rewind: true }, 400, 'rewind is not known here'],
    [['P1D'], 400, 'The body must be a JSON object'],
  ])('%j is refused and nothing moves', async (wish, status, words) => {
    const answer = await turn(wish)

    expect([answer.status, answer.body.error]).toStrictEqual([status, expect.stringContaining(words)])
    expect(bench.clock.now().getTime()).toBe(start)
  })

  test('a body that is no JSON is refused', async () => {
    const response = await fetch(`${bench.sandbox.url}/_sandbox/clock`, { method: 'POST', body: 'P1D' })

    expect(response.status).toBe(400)
  })

  test('400 days are the most', async () => {
    expect((await turn({ advance: 'P400D' })).body.now).toBe('2027-12-07T09:00:00.000Z')
  })

  test('a turn under way is seen, refuses a second one, and stops when it is canceled', async () => {
    let letGo = (): void => undefined
    let isDone = false
    const leave = bench.sandbox.time.join({
      name: 'A slow side',
      nextDueAt: async () => (isDone ? null : new Date(start + hour)),
      runDue: () =>
        new Promise((resolve) => {
          letGo = () => {
            isDone = true
            resolve()
          }
        }),
    })

    const begun = await turn({ advance: 'P2D', wait: false })
    await until(() => bench.sandbox.time.view.walk?.where === 'A slow side')
    const seen = await bench.control('GET', '/clock')
    const second = await turn({ advance: 'P1D' })
    const canceling = bench.sandbox.time.cancel()
    letGo()
    await canceling
    const canceled = await bench.control('GET', '/clock')
    leave()

    expect(begun.status).toBe(202)
    expect(seen.body).toMatchObject({
      now: '2026-11-02T10:00:00.000Z',
      walk: { state: 'walking', where: 'A slow side', steps: 1 },
    })
    expect([second.status, second.body.error]).toStrictEqual([409, expect.stringContaining('is being turned')])
    expect(canceled.body).toMatchObject({ now: '2026-11-02T10:00:00.000Z', walk: { state: 'canceled' } })
    expect((await bench.control('POST', '/clock/cancel')).status).toBe(409)
  })

  test('a clock that was only lent is not turned', async () => {
    const lent = await startSandbox({ port: 0, now: () => new Date(start) })
    const response = await fetch(`${lent.url}/_sandbox/clock`, { method: 'POST', body: '{"advance":"P1D"}' })
    await lent.close()

    expect(response.status).toBe(409)
  })
})

describe('SBX-39: a turn in one go and in small steps', () => {
  /** What 31 days leave behind, of the same seed and the same calls. */
  async function month(turns: readonly string[]): Promise<unknown> {
    const bench = await startBench({ seed: 'month' })
    const receiver = await startReceiver()
    receiver.answerWith(500)
    const stripe = bench.sdk('Harbour', 'live')
    await bench.control('POST', '/settings', { deliveryOrder: 'as_created' })
    await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
    const intent = await stripe.paymentIntents.create(
      { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true, return_url: 'https://a.example' },
      { idempotencyKey: 'one' },
    )
    await stripe.refunds.create({ payment_intent: intent.id, amount: 100 }, { idempotencyKey: 'two' })
    for (const advance of turns) await bench.control('POST', '/clock', { advance })
    const events = bench.sandbox.stripe.listEvents(1000)
    const tries = bench.sandbox.stripe
      .listDeliveries(1000)
      .map(({ id, tries: made }) => [id, ...made.map(({ at, status }) => `${at.toISOString()} ${status}`)])
    const left = {
      now: bench.clock.now(),
      events: events.map(({ id, type, createdAt }) => [id, type, createdAt]),
      tries,
      balance: await stripe.balance.retrieve(),
      endpoints: (await stripe.webhookEndpoints.list()).data.map(({ id, status }) => [id, status]),
    }
    await bench.close()
    await receiver.close()
    return left
  }

  test('31 days at once, day by day, and in odd pieces leave the same events, tries and money', async () => {
    const atOnce = await month(['P31D'])
    const daily = await month(Array.from({ length: 31 }, () => 'P1D'))
    const odd = await month(['PT1M', 'PT9M', 'P3DT7H', 'PT17H', 'P13D', 'P13DT23H50M'])

    expect(daily).toStrictEqual(atOnce)
    expect(odd).toStrictEqual(atOnce)
  })

  test('four days at once give every try at its own time', async () => {
    const left = (await month(['P4D'])) as { tries: string[][]; endpoints: string[][] }

    const hours = left.tries
      .at(-1)
      ?.slice(1)
      .map((made) => (Date.parse(made.slice(0, 24)) - start) / hour)
    expect(hours).toStrictEqual([0, 1 / 60, 1 / 6, 1, 3, 6, 12, 24, 36, 48, 60, 72])
    expect(left.endpoints[0]?.[1]).toBe('disabled')
  })
})
