/** The only place that draws random numbers: ids, tokens, jitter. */
import { hash, randomBytes, randomInt } from 'node:crypto'
import type { Clock } from './clock.ts'

let last = { ms: 0, count: 0 }

/**
 * uuid v7: ordered by the injected clock, so that new rows stand together and lists page by id (ARC-32). Within a millisecond of this
 * process they are counted (RFC 9562, method 1), so that what happened in one transaction is told in its order.
 */
export function newId(clock: Clock): string {
  const hex = drawId(clock)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** How a request is named in its answer and in the log (TRU-200). */
export function newRequestId(clock: Clock): string {
  return `req_${drawId(clock)}`
}

function drawId(clock: Clock): string {
  const at = drawSixteen()
  const ms = clock.now().getTime()
  last = { ms, count: ms === last.ms ? Math.min(last.count + 1, 0xfff) : pool[at + 7]! }
  pool.writeUIntBE(ms, at, 6)
  pool[at + 6] = 0x70 | (last.count >> 8)
  pool[at + 7] = last.count & 0xff
  pool[at + 8] = (pool[at + 8]! & 0x3f) | 0x80
  return pool.toString('hex', at, at + 16)
}

/** Smaller than every id drawn from this instant on: what is older than it can be found by its id. */
export function firstIdAt(instant: Date): string {
  const hex = instant.getTime().toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

const poolBytes = 4_096
let pool = Buffer.alloc(0)
let drawn = 0

/** Where in the pool sixteen bytes stand that nobody had before: many are drawn at a time, because each drawing costs more than all the rest of an id. */
function drawSixteen(): number {
  if (drawn === pool.length) {
    pool = randomBytes(poolBytes)
    drawn = 0
  }
  drawn += 16
  return drawn - 16
}

/** 32 random bytes as base64url, 43 characters: link tokens, endpoint tokens (TRU-100). */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Digits a person types, each as likely as another. */
export function newCode(digits: number): string {
  return String(randomInt(10 ** digits)).padStart(digits, '0')
}

/** How a token is stored: a dump of the database holds nothing that works as a credential (TRU-10). */
export function tokenHash(token: string): string {
  return hash('sha256', token)
}

/** Full jitter: anything between zero and the ceiling (STR-5). */
export function jitter(ceilingMs: number): number {
  return Math.random() * ceilingMs
}
