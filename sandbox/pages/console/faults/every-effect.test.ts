/** The page of faults offers all that can be armed, and each offer can be armed (SBX-41). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../../index.ts'
import type { Sandbox } from '../../../index.ts'
import { effectTables } from '../../../stripe/faults/effects.ts'
import type { RunningSandbox } from '../../../stripe/index.ts'
import { Visitor } from '../visitor.ts'
import { FAULT_PRESETS } from './fault-presets.ts'

const page = '/_sandbox/faults'
let sandbox: Sandbox
let visitor: Visitor
const faults = () => (sandbox.stripe as RunningSandbox).faults

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, seed: 'every effect' })
  visitor = new Visitor(sandbox.url)
})
afterEach(() => void faults().clear())
afterAll(() => sandbox.close())

const effects = Object.entries(effectTables).flatMap(([where, table]) =>
  Object.keys(table).map((kind) => `${where}.${kind}`),
)

// Closing the port would close the console with it; it opens again by itself.
const armable = (name: string): boolean => name !== 'api.refuse' && name !== 'refuse'

describe('SBX-41: faults by click', () => {
  test('every effect is offered', async () => {
    const shown = await visitor.open(page)
    const offered = [...shown.matchAll(/<option value="((?:api|webhook|mail)\.\w+)"/g)].map(([, name]) => name)

    expect(offered.toSorted()).toStrictEqual(effects.toSorted())
  })

  test.each(effects.filter(armable))('%s is armed by its form', async (effect) => {
    const patch = [['json:effect.patch', '[{"op":"remove","path":"/id"}]']] as const
    await visitor.press(`${page}/new?effect=${effect}`, 'sandbox-fault-arm', effect === 'api.mutate' ? patch : [])

    expect(
      faults()
        .list()
        .map((fault) => `${fault.where}.${fault.effect.kind}`),
    ).toStrictEqual([effect])
  })

  test.each(FAULT_PRESETS.filter(({ name }) => armable(name)))(
    'the preset $name is armed by one press',
    async (preset) => {
      const { page: armed } = await visitor.press(page, `sandbox-provoke-${preset.name}`)

      expect(faults().list()).toMatchObject([{ where: preset.fault.where, effect: preset.fault.effect }])
      expect(armed).toContain('1 fault active')
      expect([preset.expect, preset.undo]).not.toContain('')
    },
  )
})
