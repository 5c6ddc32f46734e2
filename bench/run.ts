/**
 * `npm run bench -- <name>` measures by name; `-- list` names what can be measured, `-- all` prints one table, `-- setup` installs the peers,
 * `-- compare` looks for ratios that fell (PERF-10, PERF-18). Nothing here is asserted by a test.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ratioLines, tableLines } from './figures.ts'
import { describeMachine, readLoad } from './machine.ts'
import type { BenchOptions, BenchReport, Ratio } from './options.ts'
import { measureSandbox } from './sandbox.ts'
import { installPeers } from './setup.ts'
import { measureSettle } from './settle.ts'
import { measureVerify } from './verify.ts'
import { measureWebhook } from './webhook.ts'

/** Throws when the work came out wrong: then no figure is worth printing (PERF-4). */
type Bench = (options: BenchOptions) => Promise<BenchReport>

const benches: Readonly<Record<string, { readonly measures: string; readonly run: Bench }>> = {
  webhook: {
    measures:
      'deliveries acknowledged durably, --n (25000) at --c (1, 8, 64) at once, beside peers, a naive endpoint and a ceiling',
    run: measureWebhook,
  },
  settle: {
    measures: 'from the hint to the money: --n payments (10000) with four events each, beside a naive worker',
    run: measureSettle,
  },
  verify: {
    measures: 'the check of a signature with four slots, beside the loop of the SDK over two secrets',
    run: measureVerify,
  },
  sandbox: {
    measures: 'the Stripe sandbox empty and with --n payments (100000): calls, deliveries, start, memory',
    run: async (options) => ({ lines: await measureSandbox(options), ratios: [] }),
  },
}

const baselineFile = join(import.meta.dirname, 'baseline.json')
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`)

interface Wish {
  readonly options: BenchOptions
  readonly json: string | undefined
  /** Whether these ratios are the ones later runs are compared with. */
  readonly isAccepted: boolean
}

function readWish(): { names: readonly string[]; wish: Wish } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      c: { type: 'string' },
      reps: { type: 'string', default: '5' },
      modes: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      accept: { type: 'boolean', default: false },
    },
  })
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))
  const options = {
    n: number(values.n),
    c: number(values.c),
    reps: Number(values.reps),
    modes: values.modes?.split(','),
    isQuick: values.quick,
    say,
  }
  return { names: positionals, wish: { options, json: values.json, isAccepted: values.accept } }
}

async function main(): Promise<void> {
  const { names, wish } = readWish()
  const [name = 'list', ...more] = names
  if (name === 'setup') return installPeers(say)
  if (name === 'all') return runAll(Object.keys(benches), wish)
  if (name === 'compare') return compare(more.length > 0 ? more : Object.keys(readBaseline()), wish)
  if (Object.hasOwn(benches, name)) return runAll([name], wish)
  const lines = tableLines(
    ['name', 'measures'],
    Object.entries(benches).map(([known, { measures }]) => [known, measures]),
  )
  const others = ['', '`all`, `compare [names]` (with bench/baseline.json), `setup` (installs the peers), `list`.']
  process.stdout.write(`${[...lines, ...others].join('\n')}\n`)
  if (name !== 'list') process.exitCode = 1
}

async function runAll(names: readonly string[], { options, json, isAccepted }: Wish): Promise<void> {
  const reports = new Map<string, BenchReport>()
  const before = readLoad()
  for (const name of names) {
    const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
    if (bench === undefined) throw new Error(`There is no bench ${name}. \`npm run bench -- list\` names them.`)
    reports.set(name, await bench.run(options))
    process.stdout.write(`${reports.get(name)?.lines.join('\n')}\n\n`)
  }
  const all = [...reports.values()]
  const ratios = all.flatMap((report) => report.ratios)
  const database = all.find((report) => report.database !== undefined)?.database
  const machine = describeMachine(before, database)
  if (names.length > 1) process.stdout.write(`${ratioLines(ratios).join('\n')}\n\n`)
  if (options.isQuick) process.stdout.write('Quick form: the work was checked, the figures do not count.\n')
  process.stdout.write(`${machine.join('\n')}\n`)
  if (isAccepted && !options.isQuick) accept(reports)
  if (json !== undefined) {
    const figures = Object.fromEntries([...reports].map(([name, report]) => [name, report.figures]))
    writeFileSync(json, `${JSON.stringify({ machine: machine.at(-1), ratios, figures }, null, 2)}\n`)
  }
}

function accept(reports: ReadonlyMap<string, BenchReport>): void {
  const accepted = [...reports].map(([name, { ratios }]) => [
    name,
    Object.fromEntries(ratios.map((ratio) => [ratio.name, Number(ratio.value.toFixed(3))])),
  ])
  const baseline = { ...readBaseline(), ...Object.fromEntries(accepted) }
  writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`)
}

/** By bench, the ratios that were last accepted. */
type Baseline = Readonly<Record<string, Readonly<Record<string, number>>>>

function readBaseline(): Baseline {
  return JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline
}

/** Whatever is more than a fifth worse than what was accepted is named, and the exit code says so. */
async function compare(names: readonly string[], { options }: Wish): Promise<void> {
  const baseline = readBaseline()
  const before = readLoad()
  const rows: string[][] = []
  let database: string | undefined
  for (const name of names) {
    const report = await benches[name]?.run(options)
    database = report?.database ?? database
    for (const ratio of report?.ratios ?? []) rows.push(compareOne(ratio, baseline[name]?.[ratio.name]))
  }
  const lines = tableLines(['ratio', 'now', 'accepted', ''], rows)
  process.stdout.write(`${[...lines, '', ...describeMachine(before, database)].join('\n')}\n`)
  if (rows.some((row) => row.at(-1) === 'FELL')) process.exitCode = 1
}

function compareOne({ name, is, value }: Ratio, accepted: number | undefined): string[] {
  if (accepted === undefined) return [name, value.toFixed(2), '', 'new']
  const hasFallen = is === 'least' ? value < 0.8 * accepted : value > accepted / 0.8
  return [name, value.toFixed(2), accepted.toFixed(2), hasFallen ? 'FELL' : 'holds']
}

// A signal ends what was begun: every `finally` runs, and servers die with us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

await main()
