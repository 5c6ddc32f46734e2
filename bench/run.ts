/** `npm run bench -- <name>`: measures by name; `-- list` names what can be measured. Nothing here is asserted by a test (PERF-18). */
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { measureSandbox } from './sandbox.ts'

/** Gives back the lines of the report. Throws when the work came out wrong: then no figure is worth printing (PERF-4). */
type Bench = (options: BenchOptions) => Promise<readonly string[]>

const benches: Readonly<Record<string, { readonly measures: string; readonly run: Bench }>> = {
  sandbox: {
    measures: 'the Stripe sandbox empty and with --n payments (100000): calls, deliveries, start, memory',
    run: measureSandbox,
  },
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      reps: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
    },
  })
  const [name = 'list'] = positionals
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (bench === undefined) {
    const lines = Object.entries(benches).map(([known, { measures }]) => `${known}  ${measures}`)
    process.stdout.write(`${lines.join('\n')}\n`)
    if (name !== 'list') process.exitCode = 1
    return
  }
  const before = describeMachine()
  const options = {
    n: values.n === undefined ? undefined : Number(values.n),
    reps: Number(values.reps),
    isQuick: values.quick,
  }
  const report = await bench.run(options)
  const quickly = values.quick ? ['Quick form: the work was checked, the figures do not count.'] : []
  process.stdout.write(`${[...report, ...quickly, before.text, `Load after: ${describeMachine().load}`].join('\n')}\n`)
}

await main()
