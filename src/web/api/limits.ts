/**
 * How much at once: at most 256 requests in a process (TRU-190), and what a JSON body may look like before any route sees it (TRU-110,
 * TRU-115): small, shallow, no key twice, no `__proto__`, no card number anywhere. What surprises: JSON.parse keeps the last of two
 * equal keys in silence, so the text itself is looked through.
 */
import { isLuhnValid } from '#platform'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { PublicEnv } from './context.ts'
import { apiRefusal } from './problems.ts'

const mostAtOnce = 256

/** The rest are asked to come again in a second. Open streams do not count. */
export function limitConcurrency(): MiddlewareHandler<PublicEnv> {
  let underway = 0
  return async (_c, next) => {
    if (underway >= mostAtOnce) throw apiRefusal('busy')
    underway += 1
    try {
      await next()
    } finally {
      underway -= 1
    }
  }
}

const largestBytes = 64 * 1024
const deepest = 32
const mostKeys = 1000

export const limitBody: MiddlewareHandler<PublicEnv> = bodyLimit({
  maxSize: largestBytes,
  onError: () => {
    throw apiRefusal('body_too_large')
  },
})

export const checkBody: MiddlewareHandler<PublicEnv> = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  const text = await c.req.text()
  if (text === '') return next()
  if (c.req.header('Content-Type') === undefined) throw apiRefusal('unsupported_content')
  const body = parse(text)
  if (body === undefined || !isWellShaped(text)) throw apiRefusal('malformed_body')
  if (holdsCardNumber(body)) throw apiRefusal('card_number')
  return next()
}

/** @returns the object, or undefined when the text is anything else. */
function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g

/** @param text JSON that is known to parse. */
function isWellShaped(text: string): boolean {
  const open: Set<string>[] = []
  let keys = 0
  for (const [token, colon] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (colon !== undefined) {
      keys += 1
      const key = JSON.parse(token.slice(0, -colon.length)) as string
      const siblings = open.at(-1)
      if (key === '__proto__' || siblings?.has(key)) return false
      siblings?.add(key)
    }
    if (open.length > deepest || keys > mostKeys) return false
  }
  return true
}

/** Digits in groups or not, but not as part of a longer word: ids and keys of ours may hold long runs of digits by chance. */
const cardLike = /(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])/g

function holdsCardNumber(value: unknown): boolean {
  if (typeof value === 'string') return (value.match(cardLike) ?? []).some(isLuhnValid)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(holdsCardNumber)
}
