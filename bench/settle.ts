/**
 * From hint to money (PERF-23, PERF-50): deliveries about payments, in random order and partly twice, until every payment is settled from
 * a re-read. Beside it a naive worker that does the same per event, and what the better known peer needs to store the same deliveries.
 */
import { join } from 'node:path'
import { openCluster, runSql, type BenchCluster, type BenchDatabase } from './databases.ts'
import { makeEvents, type EventsWish } from './events.ts'
import { ratioLines, ratioOf, spread, tableLines } from './figures.ts'
import { sendLoad } from './load.ts'
import { listModes, makeTemplate, startProductApart, startStandIn, type Mode } from './modes.ts'
import { waitUntilEmpty, writeJobs } from './naive-jobs.ts'
import type { BenchOptions, BenchReport, Ratio } from './options.ts'
import { cpuMs, startServer, type ServerProcess } from './processes.ts'
import { masterKey, platformKey, secrets } from './secrets.ts'
import { operatorCount, seedBooks } from './seed.ts'
import { checkSettled, waitUntilSettled } from './settled.ts'

const fullSize = 10_000
const eventsPerPayment = 4
const mostNaive = 2_000
const readMs = 20
const floors = join(import.meta.dirname, 'floors')

/** One repetition of one mode. Times are milliseconds of processor time for each delivery. */
interface Figure {
  readonly perSecond: number
  readonly cpuMs: number
  readonly seconds: number
  readonly readsPerPayment: number
  readonly acknowledgedPerSecond: number
}

interface Bench {
  readonly cluster: BenchCluster
  readonly product: BenchDatabase
  readonly peer: { readonly mode: Mode; readonly template: BenchDatabase } | undefined
  readonly payments: number
  readonly c: number
}

export async function measureSettle(options: BenchOptions): Promise<BenchReport> {
  const payments = options.n ?? (options.isQuick ? 60 : fullSize)
  const reps = options.isQuick ? 1 : options.reps
  const cluster = await openCluster()
  try {
    const bench = await prepare(cluster, { payments, options })
    const [ours, naive, peer]: [Figure[], Figure[], Figure[]] = [[], [], []]
    for (let rep = 0; rep < reps; rep += 1) {
      const step = async (
        name: string,
        figures: Figure[],
        measure: () => Promise<Figure | undefined>,
      ): Promise<void> => {
        const figure = await measure()
        if (!figure) return
        options.say(
          `repetition ${rep + 1} ${name}: ${figure.perSecond.toFixed(0)} deliveries/s, ${(figure.cpuMs * 1000).toFixed(0)} µs each`,
        )
        figures.push(figure)
      }
      await step('product', ours, () => measureProduct(bench))
      await step('naive worker', naive, () => measureNaive(bench))
      await step('stripe-sync, acknowledge alone', peer, () => measurePeer(bench))
    }
    const ratios = judge({ ours, naive, peer })
    return {
      lines: [
        `settle: ${payments} payments of ${operatorCount} operators, ${eventsPerPayment} events each in random order, 5 % of them twice, reads of 20 ms, ${reps} repetitions`,
        ...figureLines({ ours, naive, peer }),
        '',
        ...ratioLines(ratios),
        '',
        'Checked after each repetition: every payment succeeded, every invoice paid once, books equal to the sequential sum per operator, no invariant broken, every event ended.',
      ],
      ratios,
      figures: { product: ours, 'naive-worker': naive, 'stripe-sync': peer },
      database: cluster.settings,
    }
  } finally {
    await cluster.close()
  }
}

async function prepare(
  cluster: BenchCluster,
  { payments, options }: { payments: number; options: BenchOptions },
): Promise<Bench> {
  const modes = listModes(options.modes)
  const [productMode, peerMode] = [listModes(['product'])[0], modes.find(({ name }) => name === 'stripe-sync')]
  if (!productMode) throw new Error('There is no product to measure.')
  options.say('preparing the databases')
  const product = await makeTemplate(cluster, productMode)
  const peer = peerMode && { mode: peerMode, template: await makeTemplate(cluster, peerMode) }
  return { cluster, product, peer, payments, c: options.c ?? 64 }
}

function deliveriesOf({ payments }: Pick<Bench, 'payments'>): EventsWish {
  const n = payments * eventsPerPayment
  return { kind: 'settle', n, accounts: operatorCount, duplicates: true, isShuffled: true, seed: 5 }
}

async function readsOf(stripe: ServerProcess): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${stripe.port}/reads`)
  return ((await response.json()) as { readonly reads: number }).reads
}

/** From the first acknowledgement until the last payment is settled; processor time until the inbox is empty as well. */
async function measureProduct(bench: Bench): Promise<Figure> {
  const { cluster, payments } = bench
  const database = await cluster.create(bench.product)
  const stripe = await startStandIn(readMs)
  const { web, worker } = await startProductApart(database, { STRIPE_API_BASE: `http://127.0.0.1:${stripe.port}` })
  try {
    await seedBooks(database, payments)
    const spent = watchCpu([web, worker], cluster)
    const load = await sendLoad(
      {
        port: web.port,
        path: '/api/stripe/webhook',
        c: bench.c,
        secret: secrets.STRIPE_WEBHOOK_SECRET_CONNECT,
        events: deliveriesOf(bench),
      },
      spent.begin,
    )
    await waitUntilSettled(database, { payments, server: worker })
    const cpu = spent.end()
    const seconds = ((await lastSettledAt(database)) - load.firstAckAt) / 1000
    await checkSettled(database, { payments, deliveries: load.sent })
    return {
      perSecond: load.sent / seconds,
      cpuMs: cpu / load.sent,
      seconds,
      readsPerPayment: (await readsOf(stripe)) / payments,
      acknowledgedPerSecond: load.sent / load.seconds,
    }
  } finally {
    await worker.stop()
    await web.stop()
    await stripe.stop()
    await database.drop()
  }
}

async function lastSettledAt(database: BenchDatabase): Promise<number> {
  const [row] = await runSql(
    database.ownerUrl,
    'select extract(epoch from max(settled_at)) * 1000 as last from app.payments',
  )
  return Number(row?.['last'])
}

/** The same deliveries as jobs that already stand in a table; fewer of them, because it takes long and its rate does not change. */
async function measureNaive(bench: Bench): Promise<Figure> {
  const { cluster } = bench
  const payments = Math.min(bench.payments, mostNaive)
  const database = await cluster.create(bench.product)
  const stripe = await startStandIn(readMs)
  const events = makeEvents(deliveriesOf({ payments }))
  await seedBooks(database, payments)
  await writeJobs(database, events)
  const server = await startServer({
    args: [join(floors, 'naive-worker.ts')],
    environment: {
      DATABASE_URL: database.appUrl,
      DATABASE_OWNER_URL: database.ownerUrl,
      DATABASE_AUTH_URL: database.authUrl,
      RENTROLL_MASTER_KEY: masterKey,
      STRIPE_SECRET_KEY_TEST: platformKey,
      STRIPE_API_BASE: `http://127.0.0.1:${stripe.port}`,
    },
  })
  try {
    const spent = watchCpu([server], cluster)
    const startedAt = performance.now()
    spent.begin()
    process.kill(server.pid, 'SIGUSR2')
    await waitUntilEmpty(database, server)
    const seconds = (performance.now() - startedAt) / 1000
    const cpu = spent.end()
    return {
      perSecond: events.length / seconds,
      cpuMs: cpu / events.length,
      seconds,
      readsPerPayment: (await readsOf(stripe)) / payments,
      acknowledgedPerSecond: Number.NaN,
    }
  } finally {
    await server.stop()
    await stripe.stop()
    await database.drop()
  }
}

/** What the peer needs to store the same deliveries, and nothing more: it settles nothing. */
async function measurePeer({ cluster, peer, payments, c }: Bench): Promise<Figure | undefined> {
  if (!peer) return undefined
  const database = await cluster.create(peer.template)
  const server = await peer.mode.start(database)
  try {
    const spent = watchCpu([server], cluster)
    const secret = secrets.STRIPE_WEBHOOK_SECRET_CONNECT
    const events = deliveriesOf({ payments })
    const load = await sendLoad({ port: server.port, path: peer.mode.path, c, secret, events }, spent.begin)
    const rate = load.sent / load.seconds
    return {
      perSecond: rate,
      cpuMs: spent.end() / load.sent,
      seconds: load.seconds,
      readsPerPayment: 0,
      acknowledgedPerSecond: rate,
    }
  } finally {
    await server.stop()
    await database.drop()
  }
}

function watchCpu(servers: readonly ServerProcess[], cluster: BenchCluster) {
  const heads = [...servers.map(({ pid }) => pid), cluster.pid].filter((pid) => pid !== undefined)
  const read = (): number => heads.reduce((sum, pid) => sum + cpuMs(pid), 0)
  let before = read()
  return { begin: () => void (before = read()), end: () => read() - before }
}

interface All {
  readonly ours: readonly Figure[]
  readonly naive: readonly Figure[]
  readonly peer: readonly Figure[]
}

function judge({ ours, naive, peer }: All): readonly Ratio[] {
  const cpu = (all: readonly Figure[]): readonly number[] => all.map((one) => one.cpuMs)
  const rate = (all: readonly Figure[]): readonly number[] => all.map((one) => one.perSecond)
  const reads = ours.map((one) => one.readsPerPayment)
  return [
    ...(peer.length === 0
      ? []
      : [
          ratioOf(
            // Decision 0041.
            { name: 'settle CPU all-in / stripe-sync acknowledging', is: 'most', goal: 2.5 },
            { ours: cpu(ours), theirs: cpu(peer) },
          ),
        ]),
    ratioOf({ name: 'settle rate / naive worker', is: 'least', goal: 3 }, { ours: rate(ours), theirs: rate(naive) }),
    ratioOf({ name: 'settle reads per payment', is: 'most', goal: 1.3 }, { ours: reads, theirs: reads.map(() => 1) }),
  ]
}

function figureLines({ ours, naive, peer }: All): string[] {
  const row = (name: string, all: readonly Figure[]): readonly string[][] =>
    all.length === 0
      ? []
      : [
          [
            name,
            spread(all.map((one) => one.perSecond)),
            spread(
              all.map((one) => one.seconds),
              1,
            ),
            spread(all.map((one) => one.cpuMs * 1000)),
            spread(
              all.map((one) => one.readsPerPayment),
              2,
            ),
          ],
        ]
  return tableLines(
    ['mode', 'deliveries/s', 'seconds', 'CPU µs/delivery', 'reads/payment'],
    [
      ...row('product, acknowledge to settled', ours),
      ...row('naive worker, settle alone', naive),
      ...row('stripe-sync, acknowledge alone', peer),
    ],
  )
}
