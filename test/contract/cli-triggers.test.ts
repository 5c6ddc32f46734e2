/**
 * SBX-52: Stripe's own command line tool fires its triggers at the sandbox, and each causes exactly the event and the effect
 * it names, for the platform itself and for a connected account. Skipped aloud where the tool is not installed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCommandLine, whyAbsent } from './cli/command-line.ts'
import type { CommandLine } from './cli/command-line.ts'
import { openLane } from './cli/lane.ts'
import type { Lane, Run, Way } from './cli/lane.ts'
import { drawTable, isRefused } from './cli/table.ts'
import { triggers } from './cli/triggers.ts'
import type { Trigger } from './cli/effects.ts'

const table = new URL('../../docs/stripe-cli-triggers.md', import.meta.url)
const absence = whyAbsent()
const parallelRuns = 2
/** Alone it takes twenty seconds; other tests may want the machine as well. */
const longestMs = 240_000

if (absence !== undefined) process.stdout.write(`Stripe CLI triggers are skipped: ${absence}.\n`)

const ways: readonly Way[] = ['plain', 'connect']
const wanted = triggers.flatMap((trigger) => ways.map((way) => ({ trigger, way })))
const refused = wanted.filter(({ trigger, way }) => way === 'connect' && trigger.refusedOnConnect !== undefined)
const told = wanted.filter((one) => !refused.includes(one))

const runs: Run[] = []
const lanes: Lane[] = []
let tool: CommandLine | undefined

async function workOff(queue: { trigger: Trigger; way: Way }[], lane: Lane, line: CommandLine): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    runs.push(await lane.run(next.trigger, next.way, line))
}

function runOf(trigger: Trigger, way: Way): Run {
  const found = runs.find((run) => run.trigger === trigger && run.way === way)
  if (found === undefined) throw new Error(`${trigger.name} did not run ${way}.`)
  return found
}

describe.skipIf(absence !== undefined)('SBX-52: Stripe’s command line tool', () => {
  beforeAll(async () => {
    for (let count = 0; count < parallelRuns; count += 1) lanes.push(await openLane())
    const line = await openCommandLine(lanes.map(({ port }) => port))
    tool = line
    const queue = [...wanted]
    await Promise.all(lanes.map((lane) => workOff(queue, lane, line)))
    process.stdout.write(
      `Stripe CLI: ${runs.length} runs, ${line.isCutOff ? 'cut off from' : 'not cut off from'} any network.\n`,
    )
  }, longestMs)

  afterAll(async () => {
    tool?.close()
    for (const lane of lanes) await lane.close()
  })

  test.each(told.map(({ trigger, way }) => [trigger.name, trigger.event, way, trigger] as const))(
    '%s sends %s once (%s), signed, and does what it says',
    (_name, _event, way, trigger) => {
      const { delivered, strayed, verified, account, expectedAccount, effect, output } = runOf(trigger, way)

      expect({ delivered, strayed, verified, account, effect }, output).toEqual({
        delivered: 1,
        strayed: 0,
        verified: 1,
        account: expectedAccount,
        effect: undefined,
      })
    },
  )

  test.each(refused.map(({ trigger, way }) => [trigger.name, way, trigger] as const))(
    '%s (%s) is refused and tells nothing',
    (_name, way, trigger) => {
      const run = runOf(trigger, way)

      expect(isRefused(run), run.output).toBe(true)
    },
  )

  test('the table in the documentation shows what the runs showed', () => {
    const drawn = drawTable(wanted.map(({ trigger, way }) => runOf(trigger, way)))
    if (process.env['RENTROLL_WRITE_CLI_TABLE'] !== undefined) writeFileSync(table, drawn)

    expect(readFileSync(table, 'utf8')).toBe(drawn)
  })
})
