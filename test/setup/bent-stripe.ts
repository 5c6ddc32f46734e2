/**
 * Stripe as it should never answer: a proxy of its own in front of the sandbox, which lets everything through and rewrites the answers a
 * test asks it to (another amount, currency, object or status). The sandbox itself only tells the truth.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Asked = { readonly method: string; readonly path: string }
/** Changes the answer in place, or leaves it as it is. */
type Bend = (answer: any, asked: Asked) => void
/** The message of a 400 that is answered without asking the sandbox, or undefined. */
type Refuse = (asked: Asked) => string | undefined

export type BentStripe = {
  readonly url: string
  /** From now on every JSON answer goes through `bend`; undefined lets all pass as they are. */
  bend(bend: Bend | undefined): void
  refuse(refuse: Refuse): void
  close(): Promise<void>
}

export async function openBentStripe(target: string): Promise<BentStripe> {
  const present: { bend?: Bend | undefined; refuse?: Refuse } = {}
  const server = createServer((request, reply) => {
    void pass(request, reply, { target, ...present }).catch(() => reply.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bend: (bend) => void (present.bend = bend),
    refuse: (refuse) => void (present.refuse = refuse),
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

const kept = ['content-type', 'request-id', 'date', 'stripe-version', 'stripe-should-retry', 'idempotent-replayed']

async function pass(
  request: IncomingMessage,
  reply: ServerResponse,
  { target, bend, refuse }: { target: string; bend?: Bend | undefined; refuse?: Refuse },
): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
  const { method = 'GET', url = '/' } = request
  const headers = Object.entries(request.headers).filter(
    ([name, value]) => !['host', 'connection', 'content-length'].includes(name) && typeof value === 'string',
  )
  const message = refuse?.({ method, path: new URL(url, target).pathname })
  if (message !== undefined) {
    const error = { type: 'invalid_request_error', message }
    reply.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
    return
  }
  const answer = await fetch(`${target}${url}`, {
    method,
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(body.length > 0 && { body }),
  })
  const said = (await answer.json()) as unknown
  bend?.(said, { method, path: new URL(url, target).pathname })
  const answered = kept.flatMap((name) => {
    const value = answer.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  reply.writeHead(answer.status, Object.fromEntries(answered)).end(JSON.stringify(said))
}
