/**
 * Requests that need stored secrets, one after the other on several lines, until they are stopped: deliveries to operators' own
 * addresses, and a person who looks at pages, tests the connection and pastes signing secrets.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { signEvent } from '../bench/events.ts'
import type { Random } from './random.ts'
import type { Address, Server } from './rewrap-product.ts'

export type Person = { readonly cookie: string; readonly slug: string }

export type Traffic = {
  /** How many of each kind were answered with 200. */
  readonly good: Map<string, number>
  /** Everything else, one sentence each. */
  readonly failed: string[]
}

export const noTraffic = (): Traffic => ({ good: new Map(), failed: [] })

const deliverers = 3
const pauseMs = 5
const personPauseMs = 100
const answerWithinMs = 10_000

type Places = { readonly servers: readonly Server[]; readonly addresses: readonly Address[]; readonly random: Random }

/** To every server in turn, at random addresses. @param isOver asked before each request. */
export async function sendDeliveries(traffic: Traffic, { servers, addresses, random }: Places, isOver: () => boolean) {
  const line = async (): Promise<void> => {
    for (let turn = 0; !isOver(); turn += 1) {
      await deliverTo(traffic, servers[turn % servers.length]!, random.pick(addresses))
      await setTimeout(pauseMs)
    }
  }
  await Promise.all(Array.from({ length: deliverers }, line))
}

export async function deliverTo(traffic: Traffic, { origin }: Server, { token, webhookSecret }: Address) {
  const created = Math.floor(Date.now() / 1000)
  const body = JSON.stringify({
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    type: 'customer.updated',
    livemode: false,
    created,
    data: { object: { id: `cus_${randomBytes(8).toString('hex')}`, object: 'customer' } },
  })
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': signEvent(body, { secret: webhookSecret, timestamp: created }),
  }
  await ask(traffic, 'deliveries', { url: `${origin}/api/stripe/webhook/${token}`, method: 'POST', headers, body })
}

/** @param mayPaste asked before each pasting, which seals with the server's own newest key. */
export async function beBusy(
  traffic: Traffic,
  about: Person & { readonly servers: readonly Server[]; readonly pastesAt: Server; readonly mayPaste: () => boolean },
  isOver: () => boolean,
): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    const server = about.servers[turn % about.servers.length]!
    await asPerson(traffic, { ...about, server }, ['pages', 'GET', '/connections/stripe'])
    if (turn % 4 === 0)
      await asPerson(traffic, { ...about, server }, ['tests of the connection', 'POST', '/connections/stripe/test'])
    if (about.mayPaste()) await paste(traffic, about, about.pastesAt)
    await setTimeout(personPauseMs)
  }
}

export function paste(traffic: Traffic, person: Person, server: Server): Promise<void> {
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`
  const wish = ['saved secrets', 'PUT', '/connections/stripe/webhook-secret', { webhookSecret }] as const
  return asPerson(traffic, { ...person, server }, wish)
}

type Wish = readonly [kind: string, method: string, path: string, body?: object]

export function asPerson(
  traffic: Traffic,
  { cookie, slug, server }: Person & { readonly server: Server },
  [kind, method, path, body]: Wish,
): Promise<void> {
  return ask(traffic, kind, {
    url: `${server.origin}/api/v1/w/${slug}${path}?mode=test`,
    method,
    headers: {
      origin: server.origin,
      cookie,
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
  })
}

type Question = {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
}

async function ask(traffic: Traffic, kind: string, { url, ...request }: Question): Promise<void> {
  try {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(answerWithinMs) })
    const text = await answer.text()
    if (answer.status === 200) return void traffic.good.set(kind, (traffic.good.get(kind) ?? 0) + 1)
    traffic.failed.push(`${kind}: ${answer.status} ${text.slice(0, 200)}`)
  } catch (error) {
    traffic.failed.push(`${kind}: no answer, ${String(error)}`)
  }
}
