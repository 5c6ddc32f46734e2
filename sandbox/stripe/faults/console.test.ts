/** The console's page of faults offers all that can be armed, and each offer can be armed (SBX-41). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'
import { effectTables } from './effects.ts'

let bench: Bench
let page: string

beforeAll(async () => {
  bench = await startBench()
  const reply = await fetch(`${bench.sandbox.url}/_sandbox/faults`, { headers: { accept: 'text/html' } })
  page = await reply.text()
})

afterEach(() => void bench.running.faults.clear())

afterAll(() => bench.close())

const press = (form: Record<string, string>): Promise<Response> =>
  fetch(`${bench.sandbox.url}/_sandbox/faults/arm`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: bench.sandbox.url },
    body: new URLSearchParams(form).toString(),
  })

describe('SBX-41: faults by click', () => {
  test('every effect is in the form and can be armed from it', async () => {
    const offered = [...page.matchAll(/<option value="((?:api|webhook|mail) \w+)"/g)].map((match) => match[1] ?? '')
    const known = Object.entries(effectTables).flatMap(([where, table]) =>
      Object.keys(table).map((kind) => `${where} ${kind}`),
    )

    expect(offered.toSorted()).toStrictEqual(known.toSorted())
    for (const effect of offered.filter((one) => one !== 'api refuse')) {
      const patch = effect === 'api mutate' ? { text: '[{"op":"remove","path":"/id"}]' } : {}
      const reply = await press({ effect, ...patch })
      expect([effect, reply.status]).toStrictEqual([effect, 303])
    }
    expect(bench.running.faults.list()).toHaveLength(known.length - 1)
  })

  test('every preset arms a fault, and says what to expect and how to undo it', async () => {
    const presets = [...page.matchAll(/name="preset" value="(\w+)"/g)].map((match) => match[1] ?? '')

    expect(presets.length).toBeGreaterThan(15)
    for (const preset of presets.filter((one) => one !== 'refuse')) {
      expect([preset, (await press({ preset })).status]).toStrictEqual([preset, 303])
    }
    expect(bench.running.faults.list()).toHaveLength(presets.length - 1)
  })

  test('an effect with its number, setting, end and chance', async () => {
    await press({
      effect: 'api decline_next',
      text: 'lost_card',
      account: bench.keys('Harbour').accountId,
      probability: '0.5',
      until: 'PT10M',
    })

    expect(bench.running.faults.list()).toMatchObject([
      { effect: { kind: 'decline_next', code: 'lost_card' }, match: { probability: 0.5 }, timesLeft: null },
    ])
  })
})
