/**
 * How much it costs to acknowledge a delivery durably (PERF-20 to PERF-22, PERF-40): modes in turn, each on a fresh database. One pass
 * without duplicates gives the figures, one with duplicates, shuffled, and pairs within one second show whether all was kept.
 */
import { openCluster, type BenchCluster, type BenchDatabase } from './databases.ts'
import { median, ratioLines, ratioOf, spread, tableLines } from './figures.ts'
import { sendLoad } from './load.ts'
import { arePeersInstalled, listModes, makeTemplate, type Mode, type ModeName } from './modes.ts'
import type { BenchOptions, BenchReport, Ratio } from './options.ts'
import { cpuMs, residentMb, type ServerProcess } from './processes.ts'
import { secrets } from './secrets.ts'

export const accounts = 2_000
const fullSize = 25_000
const sameSecondPairs = 20

/** One repetition of one mode. */
export interface Figure {
  readonly throughput: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMs: number
  readonly serverCpuMs: number
  readonly residentMb: number
}

type Figures = Map<ModeName, Figure[]>

interface Bench {
  readonly cluster: BenchCluster
  readonly modes: readonly Mode[]
  readonly templates: Map<ModeName, BenchDatabase>
  readonly n: number
}

export async function measureWebhook(options: BenchOptions): Promise<BenchReport> {
  const n = options.n ?? (options.isQuick ? 300 : fullSize)
  const reps = options.isQuick ? Math.min(options.reps, 1) : options.reps
  const callers = callersOf(options)
  const cluster = await openCluster()
  try {
    const bench: Bench = { cluster, modes: listModes(options.modes), templates: new Map(), n }
    for (const mode of bench.modes) {
      options.say(`preparing ${mode.name}`)
      bench.templates.set(mode.name, await makeTemplate(cluster, mode))
    }
    const kept = await checkKept(bench, options)
    const byCallers = new Map<number, Figures>()
    for (const c of callers) byCallers.set(c, await measureCallers(bench, { c, reps, options }))
    const ratios = callers.flatMap((c) => judge(c, byCallers.get(c) ?? new Map()))
    return {
      lines: [
        `webhook: acknowledge durably, ${n} deliveries of 4.0 KB over ${accounts} accounts, ${reps} repetitions. State changes are not part of it: see settle.`,
        ...(arePeersInstalled()
          ? []
          : ['The peers are not installed: run `npm run bench -- setup` to compare with them.']),
        ...callers.flatMap((c) => ['', `${c} at once`, ...figureLines(byCallers.get(c) ?? new Map())]),
        '',
        ...ratioLines(ratios),
        '',
        ...kept,
      ],
      ratios,
      figures: Object.fromEntries(callers.map((c) => [`c=${c}`, Object.fromEntries(byCallers.get(c) ?? [])])),
      database: cluster.settings,
    }
  } finally {
    await cluster.close()
  }
}

/** A fresh copy of the mode's database, and its server on it; whatever the work did, both are gone afterwards. */
async function withServer<T>(
  bench: Bench,
  mode: Mode,
  work: (server: ServerProcess, database: BenchDatabase) => Promise<T>,
): Promise<T> {
  const database = await bench.cluster.create(bench.templates.get(mode.name))
  try {
    await mode.fill?.(database)
    const server = await mode.start(database)
    try {
      return await work(server, database)
    } finally {
      await server.stop('SIGKILL')
    }
  } finally {
    await database.drop()
  }
}

function callersOf({ c, isQuick }: BenchOptions): readonly number[] {
  if (c !== undefined) return [c]
  return isQuick ? [64] : [1, 8, 64]
}

/** A B C D E, A B C D E …; the first repetition warms up what a short run never would (PERF-12). */
async function measureCallers(
  bench: Bench,
  { c, reps, options }: { c: number; reps: number; options: BenchOptions },
): Promise<Figures> {
  const figures: Figures = new Map(bench.modes.map(({ name }) => [name, []]))
  const isWarmUp = (rep: number): boolean => rep === 0 && bench.n < fullSize && reps > 1
  for (let rep = 0; rep < reps; rep += 1) {
    for (const mode of bench.modes) {
      const figure = await measureOnce(bench, mode, c)
      options.say(
        `c=${c} repetition ${rep + 1} ${mode.name}: ${figure.throughput.toFixed(0)}/s, p50 ${figure.p50Ms.toFixed(2)} ms, p99 ${figure.p99Ms.toFixed(2)} ms, ${(figure.cpuMs * 1000).toFixed(0)} µs`,
      )
      if (!isWarmUp(rep)) figures.get(mode.name)?.push(figure)
    }
  }
  return figures
}

async function measureOnce(bench: Bench, mode: Mode, c: number): Promise<Figure> {
  const { cluster, n } = bench
  return withServer(bench, mode, async (server, database) => {
    const heads = [server.pid, cluster.pid].filter((pid) => pid !== undefined)
    let before = heads.map(cpuMs)
    const result = await sendLoad(
      {
        ...targetOf(server, mode),
        c,
        events: { kind: 'mixed', n, accounts, duplicates: false, isShuffled: false, seed: 1 },
      },
      () => void (before = heads.map(cpuMs)),
    )
    const spent = heads.map((pid, place) => cpuMs(pid) - (before[place] ?? 0))
    const memory = residentMb(server.pid)
    await assertStored(mode, database, n)
    return {
      throughput: n / result.seconds,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      cpuMs: spent.reduce((sum, one) => sum + one, 0) / n,
      serverCpuMs: (spent[0] ?? 0) / n,
      residentMb: memory,
    }
  })
}

async function assertStored(mode: Mode, database: BenchDatabase, expected: number): Promise<void> {
  const stored = await mode.countStored(database)
  if (stored !== undefined && stored !== expected)
    throw new Error(`${mode.name} stored ${stored} of ${expected} different events: no figure (PERF-4).`)
}

/** Duplicates and any order lose and double nothing; and what becomes of two news of one second (PERF-40). */
async function checkKept(bench: Bench, options: BenchOptions): Promise<readonly string[]> {
  const rows: string[][] = []
  for (const mode of bench.modes) {
    options.say(`checking ${mode.name}: duplicates, shuffled, pairs within one second`)
    const kept = await withServer(bench, mode, async (server, database) => {
      const shuffled = { kind: 'mixed', n: bench.n, accounts, duplicates: true, isShuffled: true, seed: 2 } as const
      const { sent } = await sendLoad({ ...targetOf(server, mode), c: options.c ?? 64, events: shuffled })
      await assertStored(mode, database, bench.n)
      const isStored = (await mode.countStored(database)) !== undefined
      return isStored ? `${bench.n} of ${bench.n} kept once, of ${sent} deliveries` : 'keeps nothing'
    })
    rows.push([mode.name, kept, await showSameSecond(bench, mode)])
  }
  return tableLines(
    ['mode', 'with 5 % duplicates, shuffled', '`processing`, then `succeeded` in the same second'],
    rows,
  )
}

function targetOf(server: ServerProcess, { path }: Mode) {
  return { port: server.port, path, secret: secrets.STRIPE_WEBHOOK_SECRET_CONNECT }
}

function showSameSecond(bench: Bench, mode: Mode): Promise<string> {
  return withServer(bench, mode, async (server, database) => {
    const n = 2 * sameSecondPairs
    const events = { kind: 'same-second', n, accounts, duplicates: false, isShuffled: false, seed: 3 } as const
    await sendLoad({ ...targetOf(server, mode), c: 1, events })
    const stuck = await mode.countProcessing(database)
    if (stuck !== undefined) return `${stuck} of ${sameSecondPairs} payments stay processing for good`
    const stored = await mode.countStored(database)
    if (stored === undefined) return 'keeps nothing'
    const kept = `${stored} of ${n} news kept`
    return mode.name === 'product'
      ? `${kept}; the payment is re-read at Stripe, see settle`
      : `${kept}; it keeps no state of payments`
  })
}

function figureLines(figures: Figures): string[] {
  const rows = [...figures].map(([name, all]) => [
    name,
    spread(all.map((one) => one.throughput)),
    spread(
      all.map((one) => one.p50Ms),
      2,
    ),
    spread(
      all.map((one) => one.p99Ms),
      2,
    ),
    spread(all.map((one) => one.cpuMs * 1000)),
    spread(all.map((one) => one.serverCpuMs * 1000)),
    spread(all.map((one) => one.residentMb)),
  ])
  return tableLines(['mode', 'per second', 'p50 ms', 'p99 ms', 'CPU µs/event', 'of it server', 'server MB'], rows)
}

/** The goals of PERF-20, 21, 22 and 94 for this number of callers; none where a peer is missing. */
function judge(c: number, figures: Figures): readonly Ratio[] {
  const pick = (name: ModeName, read: (figure: Figure) => number): number[] => (figures.get(name) ?? []).map(read)
  const compare = (
    goal: Pick<Ratio, 'name' | 'is' | 'goal'>,
    other: ModeName,
    read: (figure: Figure) => number,
  ): Ratio[] => {
    const theirs = pick(other, read)
    const ours = pick('product', read)
    if (theirs.length === 0 || ours.length === 0) return []
    return [ratioOf({ ...goal, name: `webhook c=${c} ${goal.name} / ${other}` }, { ours, theirs })]
  }
  const least = (name: string, goal: number) => ({ name, is: 'least' as const, goal })
  const most = (name: string, goal: number) => ({ name, is: 'most' as const, goal })
  const [rate, cpu, p50, p99] = [
    (one: Figure) => one.throughput,
    (one: Figure) => one.cpuMs,
    (one: Figure) => one.p50Ms,
    (one: Figure) => one.p99Ms,
  ]
  if (c === 1) {
    const better = (['supabase-sync', 'stripe-sync'] as const).toSorted(
      (one, other) => median(pick(one, p50)) - median(pick(other, p50)),
    )[0]
    return compare(most('p50', 1), better ?? 'supabase-sync', p50)
  }
  if (c < 64)
    return [
      ...compare(least('throughput', 1.7), 'stripe-sync', rate),
      ...compare(least('throughput', 1.3), 'supabase-sync', rate),
    ]
  return [
    ...compare(least('throughput', 4), 'stripe-sync', rate),
    ...compare(least('throughput', 3), 'supabase-sync', rate),
    ...compare(most('CPU', 1 / 5), 'stripe-sync', cpu),
    ...compare(most('CPU', 1 / 4), 'supabase-sync', cpu),
    ...compare(most('p99', 1 / 3), 'stripe-sync', p99),
    ...compare(most('p99', 1 / 3), 'supabase-sync', p99),
    ...compare(least('throughput', 0.5), 'verify-only', rate),
    ...compare(most('memory', 1.5), 'stripe-sync', (one) => one.residentMb),
  ]
}
