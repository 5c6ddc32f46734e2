/**
 * Must show 7 (G10): the product is down for 72 hours while 50,000 events happen at Stripe, then it is started, with no webhook at all.
 * Measured until every event is in the inbox and every object is worked; then nothing may be missing and nothing may have happened
 * twice. The sandbox is a process of its own and limits calls as Stripe does in live mode; PostgreSQL commits for good.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startSandboxProcess, type SandboxProcess } from '../bench/sandbox-process.ts'
import { startCluster, type Cluster } from '../scripts/cluster.ts'
import { createLogs, readConfiguration, turnableClock, type TurnableClock } from '../src/platform/index.ts'
import { openGround, openMigrated, startWork, type Ground } from '../src/wiring.ts'
import {
  amountMinor,
  listBreaches,
  masterKey,
  operatorId,
  paymentIdOf,
  seedOperator,
  seedPayments,
} from './back-fill-seed.ts'
import type { ProofOptions, ProofReport } from './options.ts'
import { inParallel, openAccount, type Account } from './sandbox-account.ts'

const outageHours = 72
const limitSeconds = 600
/** Declined once and then paid: two events of the intent and two of its charges. */
const eventsPerPayment = 4

export async function proveBackFill({ n, isBusy, tell }: ProofOptions): Promise<ProofReport> {
  const events = n ?? 50_000
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-prove-'))
  const cluster = await startCluster({ isDurable: true })
  const sandbox = await startSandboxProcess(folder)
  const clock = turnableClock()
  try {
    const stripe = await openAccount(sandbox)
    const product = await openProduct(cluster, { sandbox, clock, folder })
    await seedOperator(cluster.ownerUrl, { box: product.box, secretKey: stripe.key })
    const payments = Math.ceil(events / eventsPerPayment)
    const intents = await beforeOutage(cluster, { stripe, payments })
    await outage(sandbox, { stripe, intents, clock })
    const happened = new Map((await stripe.listEvents()).map(({ id, type }) => [id, type]))
    tell(`${happened.size} events have happened, the product is started`)
    await sandbox.control('POST', '/settings', { account: stripe.account, rateLimits: true })

    const spent = await recover(product, { cluster, happened, giveUpAfter: isBusy ? 3_600 : 2 * limitSeconds })
    const report = await judge(cluster, { happened, payments })
    return {
      lines: [
        `${happened.size} events of ${payments} payments in ${outageHours} hours without a delivery, live mode, Stripe's limits on`,
        `Every event in the inbox after ${spent.kept.toFixed(0)} s, every object worked after ${spent.worked.toFixed(0)} s (limit ${limitSeconds} s), ${spent.cpu.toFixed(0)} s of processor time for the product`,
        ...report.lines,
      ],
      breaches: [
        ...(spent.worked <= (isBusy ? 3_600 : limitSeconds) ? [] : [`It took too long: ${spent.worked.toFixed(0)} s`]),
        ...report.breaches,
      ],
    }
  } finally {
    await sandbox.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openProduct(
  cluster: Cluster,
  { sandbox, clock, folder }: { sandbox: SandboxProcess; clock: TurnableClock; folder: string },
): Promise<Ground> {
  const configuration = readConfiguration({
    DATABASE_URL: cluster.url,
    DATABASE_OWNER_URL: cluster.ownerUrl,
    DATABASE_AUTH_URL: cluster.url.replace('rentroll_app', 'rentroll_auth'),
    RENTROLL_DATA_DIR: folder,
    RENTROLL_MASTER_KEY: masterKey,
    RENTROLL_SANDBOX: 'off',
    STRIPE_API_BASE: sandbox.url,
  })
  if ('problems' in configuration) throw new Error(configuration.problems.join('\n'))
  const logs = createLogs('error', (line) => process.stderr.write(line))
  const database = await openMigrated({ configuration, clock, logs })
  return openGround({ database, configuration, clock, logs, publicUrl: 'http://127.0.0.1:1', sandboxUrl: undefined })
}

/** Every payment is known here and at Stripe, and waits for its renter. */
async function beforeOutage(
  cluster: Cluster,
  { stripe, payments }: { stripe: Account; payments: number },
): Promise<readonly string[]> {
  const intents: string[] = []
  await inParallel(payments, async (place) => {
    const { id } = await stripe.call('/v1/payment_intents', {
      amount: String(amountMinor),
      currency: 'aud',
      'payment_method_types[0]': 'card',
      'metadata[rentroll_operator]': operatorId,
      'metadata[rentroll_payment]': paymentIdOf(place),
    })
    intents[place] = String(id)
  })
  await seedPayments(cluster.ownerUrl, intents)
  return intents
}

/** An hour of events after the other. Both clocks are turned, and the product does not run. */
async function outage(
  sandbox: SandboxProcess,
  { stripe, intents, clock }: { stripe: Account; intents: readonly string[]; clock: TurnableClock },
): Promise<void> {
  const perHour = Math.ceil(intents.length / outageHours)
  for (let hour = 0; hour < outageHours; hour += 1) {
    const ofHour = intents.slice(hour * perHour, (hour + 1) * perHour)
    await inParallel(ofHour.length, async (place) => {
      const path = `/v1/payment_intents/${ofHour[place]}/confirm`
      await stripe.call(path, { payment_method: 'pm_card_visa_chargeDeclined' }, 402)
      await stripe.call(path, { payment_method: 'pm_card_visa' })
    })
    await sandbox.control('POST', '/clock', { advance: 'PT1H' })
    clock.advance(3_600_000)
  }
  clock.advance(60_000)
}

/** Starts the product and asks the database every two seconds, because counting costs what it measures. Times are seconds, Infinity for what did not come. */
async function recover(
  product: Ground,
  wish: { cluster: Cluster; happened: ReadonlyMap<string, string>; giveUpAfter: number },
): Promise<{ readonly kept: number; readonly worked: number; readonly cpu: number }> {
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
  const { cluster, happened, giveUpAfter } = wish
  const work = await startWork(product)
  let kept = Infinity
  try {
    for (;;) {
      const seconds = (performance.now() - startedAt) / 1000
      const [row] = await ask(
        cluster,
        'select (select count(*) from app.inbox_events) as events, (select count(*) from app.inbox_objects) as objects',
      )
      if (Number(row?.['events']) >= happened.size) kept = Math.min(kept, seconds)
      const { user, system } = process.cpuUsage(cpuBefore)
      const cpu = (user + system) / 1e6
      if (kept < Infinity && Number(row?.['objects']) === 0) return { kept, worked: seconds, cpu }
      if (seconds > giveUpAfter) return { kept, worked: Infinity, cpu }
      await new Promise((resolve) => setTimeout(resolve, 2_000))
    }
  } finally {
    await work.stop()
    await product.database.close()
  }
}

async function judge(
  cluster: Cluster,
  { happened, payments }: { happened: ReadonlyMap<string, string>; payments: number },
): Promise<ProofReport> {
  const events = await ask(cluster, 'select event_id, via, state, deliveries from app.inbox_events')
  const kept = new Set(events.map((row) => String(row['event_id'])))
  const missing = [...happened.keys()].filter((id) => !kept.has(id))
  const unwell = events.filter(({ state }) => state !== 'done' && !String(state).startsWith('ignored'))
  const twice = events.filter(({ deliveries }) => Number(deliveries) !== 1)
  const [paid] = await ask(
    cluster,
    `select count(*) filter (where state = 'succeeded') as succeeded, count(*) as payments from app.payments`,
  )
  const entries = await ask(
    cluster,
    `select rule, count(*) as times, count(distinct cause_id) as causes from app.ledger_entries group by 1 order by 1`,
  )
  const doubled = entries.filter(({ times, causes }) => times !== causes)
  const [invoices] = await ask(cluster, `select count(*) filter (where status = 'paid') as paid from app.invoices`)
  const breaches = [
    ...missing.slice(0, 5).map((id) => `missing: ${id} ${happened.get(id)}`),
    ...unwell.slice(0, 5).map((row) => `not ended: ${JSON.stringify(row)}`),
    ...twice.slice(0, 5).map((row) => `twice: ${JSON.stringify(row)}`),
    ...doubled.map((row) => `posted twice: ${JSON.stringify(row)}`),
    ...(Number(paid?.['succeeded']) === payments ? [] : [`paid: ${JSON.stringify(paid)}`]),
    ...(Number(invoices?.['paid']) === payments ? [] : [`invoices paid: ${JSON.stringify(invoices)}`]),
    ...(await listBreaches(cluster.ownerUrl)),
  ]
  const posted = entries.map(({ rule, times }) => `${rule} ${times}`).join(', ')
  return {
    lines: [
      `Missing: ${missing.length}. Kept twice: ${twice.length}. Not ended: ${unwell.length}. Posted twice: ${doubled.length}`,
      `Paid: ${paid?.['succeeded']} of ${payments}; entries: ${posted}`,
    ],
    breaches,
  }
}

async function ask({ ownerUrl }: Cluster, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
