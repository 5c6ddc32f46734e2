/**
 * A process is slow at first: nothing is compiled, no statement is planned, no account is known. So before it says that it is ready, it
 * sends itself two thousand deliveries over HTTP, signed with a secret drawn for them, and nothing of them is written (decision 0038). Two
 * things surprise. Real deliveries are answered meanwhile; only whoever shares out work by `/readyz` waits. And the deliveries differ more than
 * they would have to: code that V8 made for one kind of event, one order of fields or one listener is thrown away at the first other one.
 */
import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { newToken, type Clock } from '#platform'
import {
  createMetrics,
  startServer,
  stripeWebhookListener,
  webhookPath,
  type ApiContext,
  type RawListener,
} from '#web/api'
import type { Practice } from '#webhooks'

const deliveries = 2_000
const atOnce = 64
const mostMs = 1_000

/** Ends within two seconds, whatever happens: a process that could not warm up is slow at first, and nothing else. */
export async function warmUp(context: ApiContext): Promise<void> {
  const { database, receiver, logs } = context
  if (database.kind === 'pglite') return
  const practised = receiver
    .practise((practice) => sendAll(context, practice))
    .catch((error: unknown) => logs.warn({ error: String(error) }, 'this process could not warm up'))
  await Promise.race([practised, wait(2 * mostMs, undefined, { ref: false })])
}

async function sendAll(context: ApiContext, { secret, receivers }: Practice): Promise<void> {
  const listeners = receivers.map((receiver) =>
    stripeWebhookListener({ ...context, receiver, metrics: createMetrics() }),
  )
  let taken = 0
  const raw: RawListener = (...exchange) => listeners[(taken += 1) % listeners.length]?.(...exchange) ?? false
  const answering = () => ({ raw, fetch: () => new Response(null, { status: 404 }) })
  const server = await startServer({ host: '127.0.0.1', port: 0, answering })
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const endsAt = performance.now() + mostMs
  let left = deliveries
  const keepSending = async () => {
    while (left > 0 && performance.now() < endsAt) {
      left -= 1
      await send({ agent, port: server.port, secret, clock: context.clock, place: left })
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, keepSending))
  } finally {
    agent.destroy()
    await server.stop()
  }
}

function send(way: { agent: Agent; port: number; secret: string; clock: Clock; place: number }): Promise<void> {
  const { agent, port, secret, clock, place } = way
  const body = madeUpEvent(place)
  const timestamp = Math.floor(clock.now().getTime() / 1000)
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  // Whatever a proxy adds: code made for one set of headers alone would not do for the first real ones.
  const added = Object.fromEntries(Array.from({ length: place % 8 }, (_, header) => [`X-Added-${header}`, 'proxy']))
  const headers = {
    ...added,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Stripe-Signature': `t=${timestamp},v1=${signature}`,
  }
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path: webhookPath, method: 'POST', headers }, (answer) => {
      answer.resume()
      answer.on('end', resolve)
      if (answer.statusCode !== 200) reject(new Error(`a delivery of its own was answered with ${answer.statusCode}`))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** What most of the news of a payment is about; the rest comes too rarely to matter. */
const kinds = [
  { type: 'payment_intent.succeeded', object: 'payment_intent', prefix: 'pi' },
  { type: 'payment_intent.processing', object: 'payment_intent', prefix: 'pi' },
  { type: 'charge.succeeded', object: 'charge', prefix: 'ch' },
  { type: 'charge.updated', object: 'charge', prefix: 'ch' },
  { type: 'charge.refunded', object: 'charge', prefix: 'ch' },
  { type: 'refund.created', object: 'refund', prefix: 're' },
  { type: 'invoice.payment_succeeded', object: 'invoice', prefix: 'in' },
  { type: 'payout.paid', object: 'payout', prefix: 'po' },
] as const

/** As Stripe prints one, as large as most, and of an account nobody has. */
function madeUpEvent(place: number): string {
  const { type, object, prefix } = kinds[place % kinds.length] ?? kinds[0]
  const id = `${prefix}_${place}`
  const intent = prefix === 'pi' ? { client_secret: `${id}_secret_${newToken()}` } : { payment_intent: `pi_${place}` }
  // Objects of different versions have different fields.
  const fields = Object.fromEntries(Array.from({ length: place % 7 }, (_, field) => [`field_${field}`, null]))
  const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, note) => [`note_${note}`, 'x'.repeat(60)]))
  const event = {
    id: `evt_${place}`,
    object: 'event',
    account: `acct_of_nobody_${place % 100}`,
    api_version: '2026-01-28',
    created: 1_700_000_000,
    data: { object: { id, object, ...fields, amount: 1_000, ...intent, currency: 'eur', metadata } },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  }
  return JSON.stringify(event, null, 2)
}
