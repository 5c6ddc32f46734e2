/**
 * Senders that take their time (TRU-111): a byte of the headers or of the body every quarter of a second, on many connections at once.
 * The server has to end each of them on its own, and genuine deliveries must not notice.
 */
import { createConnection } from 'node:net'
import { headerOf, makeGood, requestOf, type Target } from './good.ts'
import type { ProofReport } from './options.ts'
import { drawFrom } from './random.ts'
import { openWire } from './wire.ts'

const perKind = 60
const everyMs = 250
/** Limits of the server, and one second more because it looks once a second; a busy machine is given another half. */
const headersWithinMs = 5_000 + 1_000 + 500
const bodyWithinMs = 10_000 + 1_000 + 500
const patienceMs = 20_000

export async function proveSlowSenders(port: number, target: Target): Promise<ProofReport> {
  const open = [`POST ${target.ownPath} HTTP/1.1`, 'Host: rentroll', `Stripe-Signature: t=1,v1=${'0'.repeat(64)}`].join(
    '\r\n',
  )
  const start = { headers: `${open}\r\nX-Slow: `, body: `${open}\r\nContent-Length: 1000\r\n\r\n` }
  const state = { isOver: false }
  const traffic = sendMeanwhile(port, target, state)
  const many = (first: string): Promise<number[]> =>
    Promise.all(Array.from({ length: perKind }, () => drip(port, first)))
  const [headers, body] = await Promise.all([many(start.headers), many(start.body)])
  state.isOver = true
  const { sent, refused, slowestMs } = await traffic
  const slowest = { headers: Math.max(...headers), body: Math.max(...body) }
  const say = (ms: number): string => (ms === Infinity ? 'never' : `${(ms / 1000).toFixed(1)} s`)
  return {
    lines: [
      `Slow senders: ${perKind} dripping headers were cut off within ${say(slowest.headers)}, ${perKind} dripping a body within ${say(slowest.body)}; ${sent} genuine deliveries meanwhile, slowest ${slowestMs.toFixed(0)} ms`,
    ],
    breaches: [
      ...(slowest.headers <= headersWithinMs ? [] : [`Dripping headers were borne for ${say(slowest.headers)}.`]),
      ...(slowest.body <= bodyWithinMs ? [] : [`A dripping body was borne for ${say(slowest.body)}.`]),
      ...(refused === 0 ? [] : [`${refused} genuine deliveries were not accepted beside slow senders.`]),
    ],
  }
}

/** @returns after how many milliseconds the server ended it; Infinity when it did not. */
function drip(port: number, first: string): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(first))
    const timer = setInterval(() => {
      if (performance.now() - startedAt > patienceMs) finish(Infinity)
      else socket.write('x')
    }, everyMs)
    const finish = (ms: number): void => {
      clearInterval(timer)
      socket.destroy()
      resolve(ms)
    }
    socket.on('error', () => undefined)
    socket.on('data', () => undefined)
    socket.once('close', () => finish(performance.now() - startedAt))
    socket.once('end', () => finish(performance.now() - startedAt))
  })
}

async function sendMeanwhile(port: number, target: Target, state: { isOver: boolean }) {
  const wire = openWire(port)
  const meanwhile = { ...target, run: `${target.run}slow` }
  const tally = { sent: 0, refused: 0, slowestMs: 0 }
  while (!state.isOver) {
    const random = drawFrom(1, (tally.sent += 1))
    const good = makeGood(meanwhile, random, tally.sent)
    const bytes = requestOf(good.path, [`Stripe-Signature: ${headerOf(good, random)}`], good.body)
    const { statuses, ms } = await wire.send({ bytes })
    if (statuses[0] !== 200) tally.refused += 1
    tally.slowestMs = Math.max(tally.slowestMs, ms)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  wire.close()
  return tally
}
