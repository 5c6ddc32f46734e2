/**
 * Must show 6 (STR-119): `kill -9` of server and worker, in turn every two seconds, while 5,000 events are dropped, repeated and sent
 * out of order. The sandbox is Stripe in a process of its own, PostgreSQL commits for good, and each payment is declined and paid there
 * just before its news are sent. Afterwards nothing acknowledged may be lost and nothing may have happened twice.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { findFreePort } from '../bench/processes.ts'
import { startSandboxProcess, type SandboxProcess } from '../bench/sandbox-process.ts'
import { startCluster, type Cluster } from '../scripts/cluster.ts'
import { createLogs, readConfiguration, secretBox, systemClock } from '../src/platform/index.ts'
import { openMigrated } from '../src/wiring.ts'
import {
  amountMinor,
  masterKey,
  operatorId,
  paymentIdOf,
  seedEndpoint,
  seedOperator,
  seedPayments,
} from './back-fill-seed.ts'
import { judgeKills } from './kills-judge.ts'
import { startMortal, type Mortal } from './mortal-process.ts'
import type { ProofOptions, ProofReport } from './options.ts'
import { drawFrom, type Random } from './random.ts'
import { inParallel, openAccount, type Account } from './sandbox-account.ts'
import { createSender, type Sender } from './stripe-sender.ts'
import { watchTakeOvers, type TakeOver, type TakeOvers } from './take-over.ts'

const eventsPerPayment = 4
const paymentsAtOnce = 25
/** A hundred events every two seconds, so that 5,000 last for fifty kills. */
const batchEveryMs = 2_000
const killEveryMs = 2_000
const limitMs = 10_000
/** A dead worker's objects are nobody's for this long, whoever is there to take them. */
const leaseMs = 8_000
/** An event is left to its deliveries for half a minute before it is fetched. */
const graceMs = 35_000
const sendWithinMs = 180_000
const restWithinMs = 300_000

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined)

export async function proveKills(options: ProofOptions): Promise<ProofReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-prove-'))
  const cluster = await startCluster()
  const sandbox = await startSandboxProcess(folder)
  const client = new pg.Client({ connectionString: cluster.ownerUrl })
  await client.connect()
  const product = await startProduct(cluster, { sandbox, folder })
  const takeOvers = watchTakeOvers(client)
  try {
    return await stormAndJudge(options, { ...product, cluster, client, takeOvers })
  } finally {
    await takeOvers.stop()
    await product.web.stop()
    await product.worker.stop()
    await client.end()
    await sandbox.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Ground = Awaited<ReturnType<typeof startProduct>> & {
  readonly cluster: Cluster
  readonly client: pg.Client
  readonly takeOvers: TakeOvers
}

async function stormAndJudge({ n, seed, isBusy, tell }: ProofOptions, ground: Ground): Promise<ProofReport> {
  const { web, worker, takeOvers, cluster, client, stripe, url, webhookSecret } = ground
  const payments = Math.ceil((n ?? 5_000) / eventsPerPayment)
  await Promise.all([web.waitUntilReady(), worker.waitUntilReady()])
  const sender = createSender({ url, secret: webhookSecret, random: drawFrom(seed, 1) })
  const startedAt = performance.now()
  const killer = startKiller({ web, worker, takeOvers, random: drawFrom(seed, 2) })
  const happened = await happen(cluster, { stripe, payments, sender, tell }).finally(killer.stop)
  const stormSeconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  const unanswered = sender.pending()
  sender.end()
  tell(`the kills are over after ${stormSeconds} s, what was dropped is waited for`)
  const rest = await comeToRest(client, { worker, takeOvers, happened: happened.size })
  const taken = judgeTakeOvers(takeOvers.seen, { worker, isBusy })
  const report = await judgeKills(client, cluster.ownerUrl, { payments, happened, sent: sender })
  return {
    lines: [
      `${happened.size} events of ${payments} payments, declined and paid at the sandbox, live mode, sent over ${stormSeconds} s`,
      `kill -9: ${web.kills()} of the server, ${worker.kills()} of the worker, in turn every ${killEveryMs / 1000} s; each started again at once`,
      sentenceOf(sender),
      ...taken.lines,
      `At rest ${(rest.ms / 1000).toFixed(0)} s after the kills, ${graceMs / 1000} s of them because an event is left to its deliveries that long`,
      ...report.lines,
    ],
    breaches: [
      ...(unanswered === 0 ? [] : [`${unanswered} deliveries were never answered with 200`]),
      ...(rest.what === '' ? [] : [`Not at rest: ${rest.what}`]),
      ...[web, worker].flatMap(({ faults }) => faults),
      ...taken.breaches,
      ...report.breaches,
    ],
  }
}

/** Server and worker apart, one operator in live mode, and an address of its own for webhooks. */
async function startProduct(cluster: Cluster, { sandbox, folder }: { sandbox: SandboxProcess; folder: string }) {
  const stripe = await openAccount(sandbox)
  const address = await prepare(cluster, { stripe, folder })
  const environment = { ...environmentOf(cluster, folder), STRIPE_API_BASE: sandbox.url }
  const port = await findFreePort()
  const web = startMortal({
    name: 'the server',
    file: 'src/main.ts',
    environment: { ...environment, PORT: String(port), RENTROLL_WORK: 'off', LOG_LEVEL: 'warn' },
    folder,
    ready: 'Stop with',
  })
  const worker = startMortal({
    name: 'the worker',
    file: 'src/worker.ts',
    environment: { ...environment, LOG_LEVEL: 'info' },
    folder,
    ready: 'worker started',
  })
  const url = `http://127.0.0.1:${port}/api/stripe/webhook/${address.token}`
  return { web, worker, stripe, url, webhookSecret: address.webhookSecret }
}

function environmentOf(cluster: Cluster, folder: string) {
  return {
    DATABASE_URL: cluster.url,
    DATABASE_AUTH_URL: cluster.url.replace('rentroll_app', 'rentroll_auth'),
    RENTROLL_DATA_DIR: folder,
    RENTROLL_MASTER_KEY: masterKey,
    RENTROLL_SANDBOX: 'off',
  }
}

/** The tables, the operator and its address. */
async function prepare(cluster: Cluster, { stripe, folder }: { stripe: Account; folder: string }) {
  const configuration = readConfiguration({
    ...environmentOf(cluster, folder),
    DATABASE_OWNER_URL: cluster.ownerUrl,
  })
  if ('problems' in configuration) throw new Error(configuration.problems.join('\n'))
  const logs = createLogs('error', (line) => process.stderr.write(line))
  await (await openMigrated({ configuration, clock: systemClock, logs })).close()
  const box = secretBox(Buffer.from(masterKey, 'base64'))
  const address = {
    token: randomBytes(32).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(24).toString('base64url')}`,
  }
  await seedOperator(cluster.ownerUrl, { box, secretKey: stripe.key })
  await seedEndpoint(cluster.ownerUrl, { box, ...address })
  return address
}

type Killing = {
  readonly web: Mortal
  readonly worker: Mortal
  readonly takeOvers: TakeOvers
  readonly random: Random
}

/** One of the two in turn, at a random moment of each two seconds; the other where the one is not up again yet. */
function startKiller({ web, worker, takeOvers, random }: Killing) {
  const over = new AbortController()
  const killing = (async () => {
    const startedAt = performance.now()
    for (let turn = 0; ; turn += 1) {
      const at = startedAt + killEveryMs * turn + random.below(killEveryMs)
      await pause(Math.max(0, at - performance.now()), over.signal)
      if (over.signal.aborted) return
      const inTurn = turn % 2 === 0 ? [worker, web] : [web, worker]
      const victim = inTurn.find((one) => one.isReady())
      const killedAt = await victim?.kill()
      if (victim === worker && killedAt !== undefined) await takeOvers.note(killedAt)
    }
  })()
  return {
    async stop() {
      over.abort()
      await killing
    },
  }
}

type Happening = {
  readonly stripe: Account
  readonly payments: number
  readonly sender: Sender
  tell(sentence: string): void
}

/** Payments come about at Stripe and here, a few at a time, and their news are sent. Returns when all that is sent was acknowledged. */
async function happen(cluster: Cluster, { stripe, payments, sender, tell }: Happening): Promise<ReadonlySet<string>> {
  const happened = new Set<string>()
  let newest = ''
  for (let from = 0; from < payments; from += paymentsAtOnce) {
    const nextAt = performance.now() + batchEveryMs
    await paySome(cluster, { stripe, from, count: Math.min(paymentsAtOnce, payments - from) })
    const events = await stripe.listEvents(newest)
    newest = events[0]?.id ?? newest
    for (const event of events.toReversed()) {
      happened.add(event.id)
      sender.post(event.id, JSON.stringify(event, null, 2))
    }
    if (from % (10 * paymentsAtOnce) === 0) tell(`${happened.size} events have happened`)
    await pause(Math.max(0, nextAt - performance.now()))
  }
  const giveUpAt = performance.now() + sendWithinMs
  while (sender.pending() > 0 && performance.now() < giveUpAt) await pause(100)
  return happened
}

async function paySome(
  cluster: Cluster,
  { stripe, from, count }: { stripe: Account; from: number; count: number },
): Promise<void> {
  const intents: string[] = []
  await inParallel(count, async (place) => {
    const { id } = await stripe.call('/v1/payment_intents', {
      amount: String(amountMinor),
      currency: 'aud',
      'payment_method_types[0]': 'card',
      'metadata[rentroll_operator]': operatorId,
      'metadata[rentroll_payment]': paymentIdOf(from + place),
    })
    intents[place] = String(id)
  })
  await seedPayments(cluster.ownerUrl, intents, { from, state: 'processing' })
  await inParallel(count, async (place) => {
    const path = `/v1/payment_intents/${intents[place]}/confirm`
    await stripe.call(path, { payment_method: 'pm_card_visa_chargeDeclined' }, 402)
    await stripe.call(path, { payment_method: 'pm_card_visa' })
  })
}

type Resting = { readonly worker: Mortal; readonly takeOvers: TakeOvers; readonly happened: number }

/** A last death makes the worker ask Stripe for what was dropped, as every start does. @returns what still moves when time is over. */
async function comeToRest(client: pg.Client, { worker, takeOvers, happened }: Resting) {
  const startedAt = performance.now()
  await pause(graceMs)
  await takeOvers.note(await worker.kill())
  for (;;) {
    const { rows } = await client.query<{ events: number; waiting: number; objects: number }>(
      `select count(*)::int as events, (count(*) filter (where state in ('received', 'processing', 'retry', 'parked')))::int as waiting,
         (select count(*) from app.inbox_objects)::int as objects from app.inbox_events`,
    )
    const { events, waiting, objects } = rows[0]!
    const ms = performance.now() - startedAt
    if (events >= happened && waiting === 0 && objects === 0) return { ms, what: '' }
    if (ms > restWithinMs)
      return { ms, what: `${events} of ${happened} events, ${waiting} waiting, ${objects} objects` }
    await pause(500)
  }
}

function sentenceOf({ acknowledged, answers, dropped, repeated }: Sender): string {
  const tries = [...answers.values()].reduce((sum, one) => sum + one, 0)
  const others = [...answers].filter(([answer]) => answer !== '200').map(([answer, count]) => `${answer} ${count}`)
  return `Deliveries: ${tries} tries, 200 for ${answers.get('200') ?? 0} of ${acknowledged.size} events; sent again: ${others.join(', ') || 'none'}; ${repeated} repeated, ${dropped.size} dropped`
}

/** Until a worker is up again nobody can take over, so that time after the lease is not held against the one that does. */
function judgeTakeOvers(
  seen: readonly TakeOver[],
  { worker, isBusy }: { worker: Mortal; isBusy: boolean },
): ProofReport {
  const holding = seen.filter(({ held }) => held > 0)
  const times = holding.flatMap(({ killedAt, firstAt, lastAt }) => {
    if (firstAt === undefined || lastAt === undefined) return []
    const freeAt = killedAt + leaseMs
    const alone = worker.downMs(freeAt, Math.max(firstAt, freeAt))
    return [{ first: firstAt - killedAt, last: lastAt - killedAt, judged: firstAt - killedAt - alone }]
  })
  const sum = (of: (one: TakeOver) => number): number => holding.reduce((total, one) => total + of(one), 0)
  const most = (of: (one: (typeof times)[number]) => number): string =>
    `${(Math.max(0, ...times.map(of)) / 1000).toFixed(1)} s`
  const middle = (times.map(({ first }) => first).toSorted((a, b) => a - b)[times.length >> 1] ?? 0) / 1000
  const late = isBusy ? [] : times.filter(({ judged }) => judged > limitMs)
  const never = holding.filter(({ lastAt, handedOn }) => lastAt === undefined && handedOn === 0)
  return {
    lines: [
      `Take-over: ${holding.length} of ${seen.length} killed workers held ${sum(({ held }) => held)} objects, ${sum(({ handedOn }) => handedOn)} of which died with the next one as well`,
      `  from the death to the first object finished: median ${middle.toFixed(1)} s, most ${most(({ first }) => first)}; to the last: most ${most(({ last }) => last)}; without the time no worker was up: most ${most(({ judged }) => judged)}`,
    ],
    breaches: [
      ...late.map(({ judged }) => `A take-over took ${(judged / 1000).toFixed(1)} s`),
      ...never.map(({ held }) => `${held} objects a killed worker held were never finished`),
    ],
  }
}
