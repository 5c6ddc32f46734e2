/**
 * The naive way from hint to money: one job per event, one read per event, one transaction per event, ten at a time. It settles with the
 * product's own function, so that what differs is only how the work is shared out (PERF-50).
 */
import pg from 'pg'
import {
  Secret,
  createJobs,
  createLogs,
  inScope,
  newId,
  openDatabase,
  secretBox,
  systemClock,
} from '../../src/platform/index.ts'
import { onStripePayment } from '../../src/reactions/index.ts'
import { createStripe } from '../../src/stripe/index.ts'
import { declaredJobs } from '../../src/wiring.ts'

const atOnce = 10
const { DATABASE_URL: url = '', DATABASE_OWNER_URL: ownerUrl = '', STRIPE_API_BASE: apiBase = '' } = process.env

interface Job {
  readonly id: string
  readonly operator_id: string
  readonly connection_id: string
  readonly intent_id: string
}

const clock = systemClock
const logs = createLogs('error')
const database = await openDatabase({ clock, url, authUrl: process.env['DATABASE_AUTH_URL'], poolSize: atOnce })
// What a settlement plans for later is planned, as in the product, and left.
await createJobs({ database, databaseUrl: url, logs, declarations: declaredJobs }).connect()
const box = secretBox(Buffer.from(process.env['RENTROLL_MASTER_KEY'] ?? '', 'base64'))
const platformKeys = { test: new Secret(process.env['STRIPE_SECRET_KEY_TEST'] ?? '') }
const stripe = createStripe({ apiBase, logs, clock, installation: newId(clock), platformKeys })
const reaction = onStripePayment({ database, box, logs, stripe, publicUrl: 'http://127.0.0.1' })
const queue = new pg.Pool({ connectionString: ownerUrl, max: atOnce })

async function takeJob(): Promise<Job | undefined> {
  const { rows } = await queue.query<Job>(
    `update naive_jobs set state = 'taken' where id = (
       select id from naive_jobs where state = 'waiting' order by place limit 1 for update skip locked
     ) returning *`,
  )
  return rows[0]
}

async function doJob(job: Job): Promise<void> {
  const scope = { operatorId: job.operator_id, mode: 'test' as const }
  const observed = await reaction.read(scope, job.connection_id, job.intent_id)
  if (observed !== undefined)
    await inScope(database, scope, (rows) => reaction.apply(rows, job.connection_id, observed))
  await queue.query(`update naive_jobs set state = 'done' where id = $1`, [job.id])
}

async function workUntilEmpty(): Promise<void> {
  for (let job = await takeJob(); job !== undefined; job = await takeJob()) await doJob(job)
}

// The bench writes jobs first, looks at its clocks, and then says go.
process.stdout.write('listening 0\n')
process.once('SIGUSR2', () => void Promise.all(Array.from({ length: atOnce }, workUntilEmpty)))
setInterval(() => {}, 60_000)
