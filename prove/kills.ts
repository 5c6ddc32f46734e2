/**
 * Must show 6 (STR-119): `kill -9` of server and worker, in turn every two seconds, while 5,000 events are dropped, repeated and sent
 * out of order. The sandbox is Stripe in a process of its own, PostgreSQL commits for good, and each payment is declined and paid there
 * just before its news are sent. Afterwards nothing acknowledged may be lost and nothing may have happened twice.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { startSandboxProcess } from '../bench/sandbox-process.ts'
import { startCluster, type Cluster } from '../scripts/cluster.ts'
import { amountMinor, operatorId, paymentIdOf, seedPayments } from './back-fill-seed.ts'
import { judgeKills } from './kills-judge.ts'
import { startProduct } from './kills-product.ts'
import type { Mortal } from './mortal-process.ts'
import type { ProofOptions, ProofReport } from './options.ts'
import { drawFrom, type Random } from './random.ts'
import { inParallel, type Account } from './sandbox-account.ts'
import { createSender, describeSent, type Sender } from './stripe-sender.ts'
import { judgeTakeOvers, watchTakeOvers, type TakeOvers } from './take-over.ts'

const eventsPerPayment = 4
const paymentsAtOnce = 25
/** A hundred events every two seconds, so that 5,000 last for fifty kills. */
const batchEveryMs = 2_000
const killEveryMs = 2_000
/** Deaths of the worker after the storm, one by one, for how long a take-over takes. */
const calmKills = 3
/** An event is left to its deliveries for half a minute before it is fetched. */
const graceMs = 35_000
const [sendWithinMs, restWithinMs] = [180_000, 300_000]

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined)

export async function proveKills(options: ProofOptions): Promise<ProofReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-prove-'))
  const cluster = await startCluster({ isDurable: true })
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
  const calm = Math.min(paymentsAtOnce, Math.floor(payments / 10))
  const stormy = payments - calmKills * calm
  const news = { cluster, stripe, sender, happened: new Set<string>(), newest: '' }
  await storm(news, stormy, tell).finally(killer.stop)
  const kills = { web: web.kills(), worker: worker.kills() }
  const stormSeconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  tell(`the storm is over after ${stormSeconds} s, now ${calmKills} deaths of the worker one by one`)
  const inStorm = takeOvers.seen.length
  await Promise.all([web.waitUntilReady(), worker.waitUntilReady()])
  const backlog = await untilWorked(client)
  for (let round = 0; round < calmKills; round += 1)
    await dieCalmly(news, { from: stormy + round * calm, count: calm, worker, takeOvers })
  const unanswered = sender.pending()
  sender.end()
  const { happened } = news
  tell('what was dropped is waited for')
  const rest = await comeToRest(client, { worker, takeOvers, happened: happened.size })
  const taken = judgeTakeOvers(takeOvers.seen, { inStorm, isBusy })
  const report = await judgeKills(client, cluster.ownerUrl, { payments, happened, sent: sender })
  return {
    lines: [
      `${happened.size} events of ${payments} payments, declined and paid at the sandbox, live mode; the storm took ${stormSeconds} s; ${backlog}`,
      `kill -9: ${kills.web} of the server, ${kills.worker} of the worker, in turn every ${killEveryMs / 1000} s (${killer.idle.turns} times neither was up again yet), then ${worker.kills() - kills.worker} of the worker alone; each started again at once`,
      describeSent(sender),
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

type Killing = {
  readonly web: Mortal
  readonly worker: Mortal
  readonly takeOvers: TakeOvers
  readonly random: Random
}

/** One of the two in turn, at a random moment of each two seconds; the other where the one is not up again yet. */
function startKiller({ web, worker, takeOvers, random }: Killing) {
  const over = new AbortController()
  const idle = { turns: 0 }
  const killing = (async () => {
    const startedAt = performance.now()
    for (let turn = 0; ; turn += 1) {
      const at = startedAt + killEveryMs * turn + random.below(killEveryMs)
      await pause(Math.max(0, at - performance.now()), over.signal)
      if (over.signal.aborted) return
      const inTurn = turn % 2 === 0 ? [worker, web] : [web, worker]
      const victim = inTurn.find((one) => one.isReady())
      // Half of the workers die with something in hand; chance alone would seldom meet a moment of a few milliseconds.
      if (victim === worker && random.isHit(0.5)) await takeOvers.untilHeld(1_000)
      if (!victim) idle.turns += 1
      const killedAt = await victim?.kill()
      if (victim === worker && killedAt !== undefined) await takeOvers.note(killedAt)
    }
  })()
  return {
    /** Turns in which neither was up again yet. */
    idle,
    async stop() {
      over.abort()
      await killing
    },
  }
}

type News = {
  readonly cluster: Cluster
  readonly stripe: Account
  readonly sender: Sender
  /** All events we subscribe to. */
  readonly happened: Set<string>
  newest: string
}

/** Payments come about, a few at a time, and their news are sent. Returns when all that is sent was acknowledged. */
async function storm(news: News, payments: number, tell: (sentence: string) => void): Promise<void> {
  for (let from = 0; from < payments; from += paymentsAtOnce) {
    const nextAt = performance.now() + batchEveryMs
    await happen(news, { from, count: Math.min(paymentsAtOnce, payments - from) })
    if (from % (10 * paymentsAtOnce) === 0) tell(`${news.happened.size} events have happened`)
    await pause(Math.max(0, nextAt - performance.now()))
  }
  await untilSent(news)
}

type Some = { readonly from: number; readonly count: number }

/** Some payments come about at Stripe and here, and their news are on the way. */
async function happen(news: News, some: Some): Promise<void> {
  const { stripe, sender, happened } = news
  await paySome(news, some)
  const events = await stripe.listEvents(news.newest)
  news.newest = events[0]?.id ?? news.newest
  for (const event of events.toReversed()) {
    happened.add(event.id)
    sender.post(event.id, JSON.stringify(event, null, 2))
  }
}

async function untilSent({ sender }: News): Promise<void> {
  const giveUpAt = performance.now() + sendWithinMs
  while (sender.pending() > 0 && performance.now() < giveUpAt) await pause(100)
}

/** One death with something in hand, and nothing else dies until that is finished. */
async function dieCalmly(
  news: News,
  { worker, takeOvers, ...some }: Some & { readonly worker: Mortal; readonly takeOvers: TakeOvers },
): Promise<void> {
  await happen(news, some)
  await takeOvers.untilHeld(10_000)
  await takeOvers.note(await worker.kill())
  await untilSent(news)
  await takeOvers.untilFinished(60_000)
}

async function paySome({ cluster, stripe }: News, { from, count }: Some): Promise<void> {
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

/** Until nothing waits to be worked, so that what a dead worker leaves is first in line. @returns what waited, and how long. */
async function untilWorked(client: pg.Client): Promise<string> {
  const [startedAt, counts]: [number, number[]] = [performance.now(), []]
  do {
    const { rows } = await client.query<{ objects: number }>('select count(*)::int as objects from app.inbox_objects')
    counts.push(rows[0]?.objects ?? 0)
    await pause(300)
  } while (counts.at(-1) !== 0 && performance.now() - startedAt < restWithinMs)
  return `${counts[0]} objects waited when it was over, worked within ${((performance.now() - startedAt) / 1000).toFixed(0)} s`
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
