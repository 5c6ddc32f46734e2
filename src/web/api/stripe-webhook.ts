/**
 * The address Stripe sends its news to (STR-40, STR-49, STR-56). Mounted before anything that reads bodies, because the signature
 * covers the raw bytes. It decides only what depends on nothing secret: method, encoding, size. What surprises: every signature
 * failure has the same answer, and the answer to an event says nothing about it.
 */
import { Hono, type Context } from 'hono'
import type { ApiContext } from './context.ts'

type Parts = Pick<ApiContext, 'receiver' | 'logs' | 'metrics'>

const mostBytes = 1_048_576

/** Routes at the root of the site: `/api/stripe/webhook` and `/api/stripe/webhook/{endpointToken}`. */
export function stripeWebhookRoutes(parts: Parts) {
  return new Hono()
    .all('/api/stripe/webhook', (c) => answer(c, parts))
    .all('/api/stripe/webhook/:endpointToken', (c) => answer(c, parts, c.req.param('endpointToken')))
}

async function answer(c: Context, parts: Parts, endpointToken?: string): Promise<Response> {
  const outcome = await keep(c, parts, endpointToken)
  const path = endpointToken === undefined ? 'shared' : 'own'
  parts.metrics.countWebhook({ path, outcome: outcome === 'kept' ? 'accepted' : 'refused', reason: outcome })
  const { status, text, headers } = answers[outcome]
  return c.text(text, status, headers)
}

/** Every answer there is. What comes after a body that is too large is not read, so its connection ends. */
const answers = {
  kept: { status: 200, text: 'ok', headers: {} },
  invalid_signature: { status: 400, text: 'invalid signature', headers: {} },
  method: { status: 405, text: 'method not allowed', headers: { Allow: 'POST' } },
  too_large: { status: 413, text: 'body too large', headers: { Connection: 'close' } },
  encoding: { status: 415, text: 'unsupported content encoding', headers: {} },
  fault: { status: 500, text: 'not kept', headers: {} },
  busy: { status: 503, text: 'busy', headers: { 'Retry-After': '2' } },
} as const

async function keep(c: Context, { receiver, logs }: Parts, endpointToken?: string): Promise<keyof typeof answers> {
  if (c.req.method !== 'POST') return 'method'
  const encoding = c.req.header('Content-Encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') return 'encoding'
  const body = await readBody(c)
  if (!body) return 'too_large'
  try {
    const signature = c.req.header('Stripe-Signature')
    return await receiver.receive({ signature, body, ...(endpointToken !== undefined && { endpointToken }) })
  } catch (error) {
    logs.error({ error: error instanceof Error ? error.stack : String(error) }, 'a delivery could not be kept')
    return 'fault'
  }
}

/** The raw bytes, or undefined as soon as there are too many. */
async function readBody(c: Context): Promise<Uint8Array | undefined> {
  if (Number(c.req.header('Content-Length') ?? 0) > mostBytes) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
