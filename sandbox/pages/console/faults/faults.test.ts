/** Faults armed, counted, struck and cleared by the buttons of the console. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../../index.ts'
import type { Sandbox } from '../../../index.ts'
import { Visitor } from '../visitor.ts'

const page = '/_sandbox/faults'
let sandbox: Sandbox
let visitor: Visitor
const balance = () => visitor.clientOf(sandbox.keys[0]!.secret).balance.retrieve()

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'console faults' })
  visitor = new Visitor(sandbox.url)
})
afterEach(async () => {
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
})
afterAll(() => sandbox.close())

describe('presets', () => {
  test('SBX-41: a preset acts on the next call, is counted on every page, and Undo ends it', async () => {
    const armed = await visitor.press(page, 'sandbox-provoke-outage')

    expect(armed.page).toContain('1 fault active')
    expect(await visitor.open('/_sandbox/payments')).toContain('1 fault active')
    expect(await visitor.open('/_sandbox/mail')).toContain('1 fault active')
    await expect(balance()).rejects.toMatchObject({ statusCode: 503 })
    const id = /sandbox-fault-clear-(fault_\w+)/.exec(armed.page)![1]!
    const cleared = await visitor.press(page, `sandbox-fault-clear-${id}`)
    expect(cleared.page).toContain('data-testid="sandbox-no-faults"')
    await expect(balance()).resolves.toMatchObject({ object: 'balance' })
  })

  test('SBX-41: a preset that is armed says so and offers the way back instead of arming twice', async () => {
    const { page: armed } = await visitor.press(page, 'sandbox-provoke-outage')

    expect(armed).not.toContain('sandbox-provoke-outage')
    expect(armed).toContain('sandbox-provoke-twice')
  })

  test('SBX-41: a hit is logged with its request, though the fault is used up', async () => {
    await visitor.press(page, 'sandbox-provoke-fail_before')
    await expect(balance()).rejects.toMatchObject({ statusCode: 500 })

    const shown = await visitor.open(page)

    expect(shown).toContain('sandbox-no-faults')
    expect(shown.slice(shown.indexOf('sandbox-fault-hit'))).toContain('GET /v1/balance')
  })
})

describe('any fault', () => {
  const arm = (effect: string, typed: readonly [string, string][]) =>
    visitor.press(`${page}/new?effect=${effect}`, 'sandbox-fault-arm', typed)

  test('SBX-41: the form arms any fault, and Clear all ends several', async () => {
    await arm('webhook.drop', [])
    const second = await arm('api.status_before', [
      ['number:effect.status', '429'],
      ['text:match.method', 'GET'],
      ['text:match.path', '^/v1/balance$'],
      ['number:times', '1'],
    ])

    expect(second.path).toBe(page)
    expect(second.page).toContain('2 faults active')
    await expect(balance()).rejects.toMatchObject({ statusCode: 429 })
    expect((await visitor.press(page, 'sandbox-fault-clear-all')).page).toContain('sandbox-no-faults')
  })

  test.each([
    ['api.status_before', 'number:effect.status', '418', 'effect.status must be one of'],
    ['api.drop_before', 'text:match.path', '(', 'match.path is not a regular expression'],
    ['webhook.drop', 'number:times', '-1', 'times must be a whole number'],
    ['webhook.delay', 'number:effect.ms', 'soon', 'effect.ms must be a whole number'],
    ['api.mutate', 'json:effect.patch', 'no JSON', 'effect.patch'],
  ])('SBX-48: %s with %s %j is refused naming the field; nothing is armed', async (effect, name, value, sentence) => {
    const refused = await arm(effect, [[name, value]])

    expect(refused.page).toContain(sentence)
    expect(refused.page).toContain(`value="${value}"`)
    expect(await visitor.open(page)).toContain('sandbox-no-faults')
  })
})

describe('the clock', () => {
  test('SBX-38: a day is turned by a press, and the page tells the new time', async () => {
    const before = sandbox.stripe.now()

    const { page: after } = await visitor.press('/_sandbox', 'sandbox-clock-P1D')

    expect(sandbox.stripe.now().getTime() - before.getTime()).toBeGreaterThanOrEqual(86_400_000)
    expect(after).toContain('The clock goes one day forward.')
  })

  test('SBX-38: time is frozen and let go by the same button', async () => {
    const frozen = await visitor.press('/_sandbox', 'sandbox-clock-freeze')
    const flowing = await visitor.press('/_sandbox', 'sandbox-clock-freeze')

    expect(frozen.page).toContain('>Frozen<')
    expect(flowing.page).not.toContain('>Frozen<')
  })
})
