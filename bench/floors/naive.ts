/**
 * What most guides show: try the SDK with one secret, then with the other, then one transaction that inserts, locks and updates
 * (PERF-40). `node naive.ts migrate` makes its table.
 */
import pg from 'pg'
import Stripe from 'stripe'
import { serve } from './shell.ts'

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 })
const stripe = new Stripe('sk_test_bench')
const secrets = ['STRIPE_WEBHOOK_SECRET', 'STRIPE_WEBHOOK_SECRET_CONNECT'].map((name) => process.env[name] ?? '')

function read(body: Buffer, signature: string): Stripe.Event | undefined {
  for (const secret of secrets) {
    try {
      return stripe.webhooks.constructEvent(body, signature, secret)
    } catch {
      // The other secret may be the one.
    }
  }
  return undefined
}

async function keep(event: Stripe.Event, body: Buffer): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('insert into events (id, type, payload) values ($1, $2, $3) on conflict do nothing', [
      event.id,
      event.type,
      body.toString('utf8'),
    ])
    await client.query('select * from events where id = $1 for update', [event.id])
    await client.query(`update events set state = 'received', deliveries = deliveries + 1 where id = $1`, [event.id])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

if (process.argv[2] === 'migrate') {
  await pool.query(
    `create table events (id text primary key, type text not null, payload jsonb not null, state text not null default 'new',
       deliveries integer not null default 0, received_at timestamptz not null default now())`,
  )
  await pool.end()
} else {
  serve(async (body, signature) => {
    const event = read(body, signature)
    if (event === undefined) return 400
    await keep(event, body)
    return 200
  })
}
