/**
 * A process is slow at first: nothing is compiled, no statement is planned, no account is known. So before it says that it is ready, it
 * sends itself two thousand deliveries over HTTP, signed with a secret drawn for them, and nothing of them is written (decision 0038). What
 * surprises: real deliveries are answered meanwhile; only whoever shares out work by `/readyz` waits.
 */
import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { newToken, type Clock } from '#platform'
import { startServer, stripeWebhookListener, webhookPath, type ApiContext } from '#web/api'
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

async function sendAll(context: ApiContext, { secret, receiver }: Practice): Promise<void> {
  const metrics = { ...context.metrics, countRequest: () => undefined, countWebhook: () => undefined }
  const raw = stripeWebhookListener({ ...context, receiver, metrics })
  const answering = () => ({ raw, fetch: () => new Response(null, { status: 404 }) })
  const server = await startServer({ host: '127.0.0.1', port: 0, answering })
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const endsAt = performance.now() + mostMs
  let left = deliveries
  const keepSending = async () => {
    while (left > 0 && performance.now() < endsAt) {
      left -= 1
      await send({ agent, port: server.port, secret, clock: context.clock })
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, keepSending))
  } finally {
    agent.destroy()
    await server.stop()
  }
}

function send(way: { agent: Agent; port: number; secret: string; clock: Clock }): Promise<void> {
  const { agent, port, secret, clock } = way
  const body = madeUpEvent()
  const timestamp = Math.floor(clock.now().getTime() / 1000)
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  const headers = {
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

/** As large as most, and of an account nobody has. */
function madeUpEvent(): string {
  const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, place) => [`note_${place}`, 'x'.repeat(60)]))
  const object = { id: `pi_${newToken()}`, object: 'payment_intent', amount: 1_000, currency: 'eur', metadata }
  const event = {
    id: `evt_${newToken()}`,
    object: 'event',
    account: 'acct_of_nobody',
    type: 'payment_intent.succeeded',
  }
  return JSON.stringify({ ...event, api_version: '2026-01-28', livemode: false, data: { object } }, null, 2)
}
