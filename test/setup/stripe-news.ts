/**
 * The news of the real sandbox as its endpoints receive them, in the present shape and in that of 2023-08-16, and the road they take
 * here: what was sent is judged, the object read again, and the reaction applied. No inbox runs, so a test decides order and repetition.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { judgeArrival, parseEvent } from '#inbox'
import { PINNED_API_VERSION } from '#stripe'
import { reactionsOf } from '../../src/wiring.ts'
import type { Charging } from './charges.ts'
import type { StripeSandboxGround } from './stripe-sandbox.ts'

/** One event in both shapes. */
export type News = { readonly id: string; readonly type: string; readonly now: string; readonly old: string }

export type StripeNews = {
  /** What was sent since it was last asked, in the order of the events. */
  take(): Promise<readonly News[]>
  close(): Promise<void>
}

const versions = { now: PINNED_API_VERSION, old: '2023-08-16' } as const

export async function openStripeNews(sandbox: StripeSandboxGround): Promise<StripeNews> {
  const received = { now: new Map<string, string>(), old: new Map<string, string>() }
  const keep = async (request: IncomingMessage, reply: ServerResponse) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    received[request.url === '/old' ? 'old' : 'now'].set(String(JSON.parse(body).id), body)
    reply.end()
  }
  const server = createServer((request, reply) => void keep(request, reply).catch(() => reply.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  for (const shape of ['now', 'old'] as const) {
    const form = { url: `http://127.0.0.1:${port}/${shape}`, 'enabled_events[]': '*', api_version: versions[shape] }
    const made = await fetch(`${sandbox.sandbox.url}/v1/webhook_endpoints`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.keysOf().secret}` },
      body: new URLSearchParams(form),
    })
    if (!made.ok) throw new Error(`the sandbox made no endpoint: ${await made.text()}`)
  }
  return {
    async take() {
      await sandbox.sandbox.stripe.runDue()
      const order = sandbox.sandbox.stripe
        .listEvents(1000)
        .map(({ id }) => id)
        .toReversed()
      const news = order.flatMap((id) => {
        const [now, old] = [received.now.get(id), received.old.get(id)]
        return now && old ? [{ id, type: String(JSON.parse(now).type), now, old }] : []
      })
      received.now.clear()
      received.old.clear()
      return news
    },
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

/** Where a body leads: `payment_intent pi_…`, or the state it rests in. */
export function leadOf(charging: Charging, body: string): string {
  const { state, objectKind, objectId } = judge(charging, body)
  return state === 'received' ? `${objectKind} ${objectId}` : state
}

function judge({ scope, connectionId }: Charging, body: string) {
  return judgeArrival(parseEvent(Buffer.from(body)), { ...scope, connectionId, accountId: undefined })
}

/** The whole road of each body, one after the other. @returns what each came to, such as `done` or `ignored_unhandled`. */
export async function tell(charging: Charging, bodies: readonly string[]): Promise<readonly unknown[]> {
  const reactions = reactionsOf(charging.money)
  const verdicts = []
  for (const body of bodies) {
    const { state, objectKind, objectId } = judge(charging, body)
    const reaction = reactions[objectKind as keyof typeof reactions]
    if (state !== 'received' || !reaction) {
      verdicts.push(state)
      continue
    }
    const observed = await reaction.read(charging.scope, charging.connectionId, objectId)
    verdicts.push(
      observed === undefined
        ? 'missing'
        : await charging.within((rows) => reaction.apply(rows, charging.connectionId, observed)),
    )
  }
  return verdicts
}

/** Everything twice: the newest first in the present shape, then in the order it happened in the old one. */
export function disordered(news: readonly News[]): readonly string[] {
  return [...news.toReversed().map(({ now }) => now), ...news.map(({ old }) => old)]
}
