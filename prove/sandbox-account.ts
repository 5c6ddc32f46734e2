/** The first account of a sandbox in live mode, asked as anybody may ask Stripe, without our gateway. */
import type { SandboxProcess } from '../bench/sandbox-process.ts'
import { endpointEvents } from '../src/stripe/index.ts'

const callers = 16

type StripeEvent = {
  readonly id: string
  readonly type: string
  readonly data: { readonly object: { readonly id: string } }
}

type Answer = { readonly id?: string; readonly has_more?: boolean; readonly data?: readonly StripeEvent[] }

export type Account = Awaited<ReturnType<typeof openAccount>>

export async function openAccount(sandbox: SandboxProcess) {
  const accounts = (await sandbox.control('GET', '/accounts')) as unknown as readonly { readonly id: string }[]
  const account = accounts[0]?.id ?? ''
  const wish = JSON.stringify({ account, mode: 'live', kind: 'secret' })
  const made = await fetch(`${sandbox.url}/_sandbox/keys`, { method: 'POST', body: wish })
  const { key } = (await made.json()) as { key: string }
  const call = async (path: string, form?: Record<string, string>, expected = 200): Promise<Answer> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-www-form-urlencoded' }
    const sent = form && { method: 'POST', body: new URLSearchParams(form).toString() }
    const reply = await fetch(`${sandbox.url}${path}`, { headers, ...sent })
    const text = await reply.text()
    if (reply.status !== expected) throw new Error(`${path}: ${reply.status} ${text.slice(0, 300)}`)
    return JSON.parse(text) as Answer
  }
  const subscribed = new Set<string>(endpointEvents)
  return {
    account,
    key,
    call,
    /** All events we subscribe to, newest first; only those after `known` where it is given. */
    async listEvents(known = ''): Promise<readonly StripeEvent[]> {
      const found: StripeEvent[] = []
      for (let after = '', hasMore = true; hasMore;) {
        const { data = [], has_more } = await call(`/v1/events?limit=100${after && `&starting_after=${after}`}`)
        const place = data.findIndex(({ id }) => id === known)
        found.push(...(place === -1 ? data : data.slice(0, place)))
        after = data.at(-1)?.id ?? ''
        hasMore = place === -1 && has_more === true
      }
      return found.filter(({ type }) => subscribed.has(type))
    },
  }
}

/** A few at a time. */
export async function inParallel(count: number, deed: (place: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    for (let place = next++; place < count; place = next++) await deed(place)
  }
  await Promise.all(Array.from({ length: callers }, caller))
}
