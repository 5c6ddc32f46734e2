/**
 * What guards every request before its operation: headers of answers (TRU-113), the content policy of pages (TRU-114), the guard against
 * requests from other sites (TRU-116), and limits on how much comes at once and what a JSON body may look like (TRU-110, TRU-115). Two
 * things surprise: the guard also covers signing in, because signing someone in to a stranger's account is an attack as well; and
 * JSON.parse keeps the last of two equal keys in silence, so the text itself is looked through.
 */
import { isLuhnValid, newToken } from '#platform'
import type { Context, MiddlewareHandler } from 'hono'
import type { ApiContext, PublicEnv } from './context.ts'
import { apiRefusal, inputAnswer } from './problems.ts'

const closed = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const always: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
}

const strictTransport = ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'] as const

/** Pages whose address is a capability: it must not travel on as a referrer (TRU-104). */
const linkPage = /^\/(verify-email|reset-password|pay|portal|invite|connect\/resume)(\/|$)/

/**
 * A form on the page of a link back to Stripe's form is sent to ourselves, and under `no-referrer` a browser would say that it comes from
 * nowhere; so that page tells its address to us, and to nobody else.
 */
function referrerPolicyOf(path: string): string {
  if (/^\/connect\/resume(\/|$)/.test(path)) return 'same-origin'
  return linkPage.test(path) ? 'no-referrer' : 'strict-origin-when-cross-origin'
}

export function secureHeaders({ publicUrl }: Pick<ApiContext, 'publicUrl'>): MiddlewareHandler {
  const isSecure = publicUrl.startsWith('https://')
  return async (c, next) => {
    await next()
    const { headers } = c.res
    for (const [name, value] of Object.entries(always)) headers.set(name, value)
    if (isSecure) headers.set(...strictTransport)
    headers.set('Referrer-Policy', referrerPolicyOf(c.req.path))
    if (linkPage.test(c.req.path)) headers.set('X-Robots-Tag', 'noindex')
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', closed)
  }
}

/** The same headers for an answer in plain text that no middleware sees. */
export function plainHeaders({ publicUrl }: Pick<ApiContext, 'publicUrl'>): readonly (readonly [string, string])[] {
  return [
    ...Object.entries(always),
    ...(publicUrl.startsWith('https://') ? ([strictTransport] as const) : []),
    ['Referrer-Policy', 'strict-origin-when-cross-origin'],
    ['Cache-Control', 'no-store'],
    ['Content-Security-Policy', closed],
    ['Content-Type', 'text/plain; charset=UTF-8'],
  ]
}

/** A fresh nonce and the policy that names it, for one HTML page. */
export function pagePolicy(sandboxOrigin: string | undefined): { readonly nonce: string; readonly policy: string } {
  const nonce = newToken()
  const forms = [
    "'self'",
    'https://checkout.stripe.com',
    'https://connect.stripe.com',

    ...(sandboxOrigin ? [sandboxOrigin] : []),
  ]
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    `form-action ${forms.join(' ')}`,
    "require-trusted-types-for 'script'",
    'report-to csp',
  ].join('; ')
  return { nonce, policy }
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whoever writes must come from our own pages. A browser always sends Origin with a POST; without one only its own word counts. */
export function refuseCrossSite({ publicUrl }: Pick<ApiContext, 'publicUrl'>): MiddlewareHandler<PublicEnv> {
  const own = new URL(publicUrl).origin
  return async (c, next) => {
    if (reads.has(c.req.method)) return next()
    const origin = c.req.header('Origin')
    const isOwn = origin === undefined ? c.req.header('Sec-Fetch-Site') === 'same-origin' : origin === own
    const type = c.req.header('Content-Type')
    const isJson = type === undefined || /^application\/json(;|$)/i.test(type.trim())
    // A form of our own pages with nothing in it: only so does a browser follow to Stripe's form (STR-31).
    const isButton = type === 'application/x-www-form-urlencoded' && c.req.header('Content-Length') === '0'
    if (!isOwn || !(isJson || isButton)) throw apiRefusal('cross_site_request')
    return next()
  }
}

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

/**
 * Reads at most 64 KiB and leaves the text where the operation looks for it. Not the library's own limiter: it copies the request,
 * which fails on a real server for a request that names no length.
 */
export async function readLimited(c: Context): Promise<string> {
  if (Number(c.req.header('Content-Length') ?? 0) > largestBytes) throw apiRefusal('body_too_large')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size > largestBytes) throw apiRefusal('body_too_large')
    chunks.push(chunk)
  }
  const text = decode(Buffer.concat(chunks))
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) })
  return text
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw apiRefusal('malformed_body')
    throw error
  }
}

export const checkBody: MiddlewareHandler<PublicEnv> = async (c, next) => {
  if (reads.has(c.req.method)) return next()
  const text = await readLimited(c)
  if (text === '') return next()
  if (c.req.header('Content-Type') === undefined) throw apiRefusal('unsupported_content')
  const body = parse(text)
  if (body === undefined || !isWellShaped(text)) throw apiRefusal('malformed_body')
  const unkeepable = findUnkeepable(body)
  if (unkeepable !== undefined) return inputAnswer(c, [{ pointer: unkeepable, detail: notAText }])
  if (holdsCardNumber(body)) throw apiRefusal('card_number')
  return next()
}

const notAText = 'This text holds a character that cannot be kept. Type it instead of pasting it.'

/** A NUL in an address: nothing in the path is called that, and no list can be searched for it. */
export const checkAddress: MiddlewareHandler<PublicEnv> = async (c, next) => {
  if (!c.req.url.includes('%00')) return next()
  const { pathname, searchParams } = new URL(c.req.url)
  if (pathname.includes('%00')) throw apiRefusal('not_found')
  const [name] = [...searchParams].find(([, value]) => !isKeepable(value)) ?? []
  return name === undefined ? next() : inputAnswer(c, [{ pointer: `/${name}`, detail: notAText }])
}

/** The database keeps no NUL and no half of a character; nobody types either. */
function isKeepable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/** @returns the place of the first text that cannot be kept, as a JSON pointer. */
function findUnkeepable(value: unknown, place = ''): string | undefined {
  if (typeof value === 'string') return isKeepable(value) ? undefined : place
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, member] of Object.entries(value)) {
    const found = findUnkeepable(member, `${place}/${name}`)
    if (found !== undefined) return found
  }
  return undefined
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
