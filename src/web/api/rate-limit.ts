/**
 * How often somebody may ask (TRU-112): token buckets of a minute, in memory, lost with the process. Sign-in and links have counters of their own
 * in the database, which survive it. What surprises: a bucket is one number, the instant at which it is full again; and the one that was used least
 * recently is forgotten when there are too many, which gives whoever it belongs to a full one.
 */
import { networkOf } from '#operators'
import type { Clock } from '#platform'
import type { MiddlewareHandler } from 'hono'
import { addressOf, type ApiContext, type PublicEnv } from './context.ts'
import { limitRefusal } from './problems.ts'

const minuteMs = 60_000
const mostKept = 20_000

/** Headers of the 429. */
export type TooMany = Readonly<Record<string, string>>

export type RateLimit = {
  /** Takes one of `key`'s tokens. @returns undefined while there was one. */
  take(key: string): TooMany | undefined
}

/** @param options.perMinute also how many may come at once after a minute of quiet. */
export function createRateLimit(options: {
  readonly clock: Clock
  readonly perMinute: number
  readonly most?: number
}): RateLimit {
  const { clock, perMinute, most = mostKept } = options
  const tokenMs = minuteMs / perMinute
  const fullAt = new Map<string, number>()
  return {
    take(key) {
      const now = clock.now().getTime()
      // A clock that was put back keeps nobody out for longer than a minute.
      const full = Math.min(Math.max(fullAt.get(key) ?? now, now), now + minuteMs)
      const waitMs = full + tokenMs - (now + minuteMs)
      if (waitMs > 0) {
        fullAt.set(key, full)
        return headersOf(perMinute, { waitMs, fullMs: full - now })
      }
      fullAt.delete(key)
      const [oldest] = fullAt.size < most ? [] : fullAt.keys()
      if (oldest !== undefined) fullAt.delete(oldest)
      fullAt.set(key, full + tokenMs)
      return undefined
    },
  }
}

function headersOf(perMinute: number, { waitMs, fullMs }: { waitMs: number; fullMs: number }): TooMany {
  return {
    'Retry-After': String(Math.ceil(waitMs / 1000)),
    'RateLimit-Limit': String(perMinute),
    'RateLimit-Remaining': '0',
    'RateLimit-Reset': String(Math.ceil(fullMs / 1000)),
  }
}

/**
 * For the public booking page and what it asks the API. A person who is refused gets the page all the same, with the status of a refusal: it
 * shows what the API says, in words, and asks again by itself.
 */
export function limitVisits({ clock }: Pick<ApiContext, 'clock'>): MiddlewareHandler<PublicEnv> {
  const limit = createRateLimit({ clock, perMinute: 60 })
  return async (c, next) => {
    const tooMany = limit.take(networkOf(addressOf(c)))
    if (!tooMany) return next()
    if (c.req.path.startsWith('/api/')) throw limitRefusal('too_many_visits', tooMany)
    await next()
    if (c.res.ok) c.res = refuseWith(c.res, tooMany)
    return undefined
  }
}

function refuseWith({ body, headers }: Response, tooMany: TooMany): Response {
  const refusal = new Response(body, { status: 429, headers })
  for (const [name, value] of Object.entries(tooMany)) refusal.headers.set(name, value)
  return refusal
}
