/** Deliveries as Stripe signs them, in every form that must be accepted. */
import { createHash, createHmac } from 'node:crypto'
import type { Random } from './random.ts'

export type Target = {
  readonly ownPath: string
  readonly secrets: { readonly platform: string; readonly connect: string; readonly own: string }
  /** What the receiver takes for now, in seconds since 1970. */
  now(): number
  /** Drawn once, so that no event of an earlier run has the same id. */
  readonly run: string
}

export type Good = {
  readonly path: string
  readonly secret: string
  readonly seconds: number
  readonly signature: string
  readonly body: Buffer
  /** By which the inbox knows it. */
  readonly eventId: string
}

/** A delivery that would be accepted, and what is needed to spoil it. */
export type Making = { readonly good: Good; readonly target: Target; readonly random: Random }

export const sharedPath = '/api/stripe/webhook'

export function sign(secret: string, seconds: number | string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex')
}

export function makeGood(target: Target, random: Random, place: number): Good {
  const whose = random.pick(['platform', 'connect', 'own'] as const)
  const { text, eventId } = makeBody(target, random, place)
  const secret = target.secrets[whose]
  const seconds = target.now() + random.below(520) - 260
  const body = Buffer.from(text)
  return {
    path: whose === 'own' ? target.ownPath : sharedPath,
    secret,
    seconds,
    signature: sign(secret, seconds, body),
    body,
    eventId,
  }
}

const unreadable = [
  'null',
  '[]',
  '7',
  '{}',
  '{"id":"evt_1"',
  `${'['.repeat(40)}${']'.repeat(40)}`,
  '{"__proto__":{"id":"evt_1"}}',
]

/** Mostly events of a kilobyte; some large, some that nobody can read, which are kept all the same. */
function makeBody(
  { run, now }: Target,
  random: Random,
  place: number,
): { readonly text: string; readonly eventId: string } {
  if (random.isHit(0.1)) {
    const text = `${random.pick(unreadable)}${' '.repeat(1 + (place % 40))}`
    return { text, eventId: `evt_unreadable_${createHash('sha256').update(text).digest('hex').slice(0, 32)}` }
  }
  const eventId = `evt_${run}_${place}`
  const isWork = random.isHit(0.02)
  const event = {
    id: eventId,
    object: 'event',
    api_version: random.pick(['2023-08-16', '2026-10-28.endive']),
    created: now(),
    data: {
      object: {
        id: isWork ? `pi_${run}${place}` : `in_${run}${place}`,
        object: isWork ? 'payment_intent' : 'invoice',
        metadata: { note: 'ünïcode ✓', padding: 'x'.repeat(random.below(random.isHit(0.01) ? 60_000 : 2_000)) },
      },
    },
    livemode: false,
    type: isWork ? 'payment_intent.processing' : 'invoice.paid',
  }
  return { text: JSON.stringify(event, null, 2), eventId }
}

/** The header in one of the forms the grammar allows. */
export function headerOf({ seconds, signature }: Good, random: Random): string {
  const wrong = (count: number): string => Array.from({ length: count }, () => `,v1=${hex64(random)}`).join('')
  const plain = `t=${seconds},v1=${signature}`
  return random.pick([
    () => plain,
    () => plain,
    () => `v1=${signature},t=${seconds}`,
    () => `${plain},v0=${hex64(random)}`,
    () => `t=${seconds},v1=,v1=${signature}`,
    () => `t=${seconds},v1=${signature.toUpperCase()},v1=${signature}`,
    () => `t=${seconds}${wrong(1 + random.below(7))},v1=${signature}`,
  ])()
}

export function hex64(random: Random): string {
  let text = ''
  while (text.length < 64) text += random.below(65_536).toString(16).padStart(4, '0')
  return text
}

/** One request, in the framing asked for. */
export function requestOf(path: string, headers: readonly string[], body: Uint8Array): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: rentroll', ...headers, `Content-Length: ${body.byteLength}`]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

export function chunkedRequestOf(path: string, headers: readonly string[], parts: readonly Uint8Array[]): Buffer {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: rentroll', ...headers, 'Transfer-Encoding: chunked']
  const chunks = parts
    .filter(({ byteLength }) => byteLength > 0)
    .flatMap((part) => [Buffer.from(`${part.byteLength.toString(16)}\r\n`), part, Buffer.from('\r\n')])
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), ...chunks, Buffer.from('0\r\n\r\n')])
}
