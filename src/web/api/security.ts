/**
 * Headers of every answer (TRU-113), the content policy of pages (TRU-114) and the guard against requests from other sites (TRU-116).
 * What surprises: the guard also covers signing in, because signing someone in to a stranger's account is an attack as well.
 */
import { newToken } from '#platform'
import type { MiddlewareHandler } from 'hono'
import type { ApiContext, PublicEnv } from './context.ts'
import { apiRefusal } from './problems.ts'

const closed = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const always: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
}

/** Pages whose address is a capability: it must not travel on as a referrer (TRU-104). */
const linkPage = /^\/(verify-email|reset-password|pay|portal|invite|connect\/resume)(\/|$)/

export function secureHeaders({ publicUrl }: Pick<ApiContext, 'publicUrl'>): MiddlewareHandler {
  const isSecure = publicUrl.startsWith('https://')
  return async (c, next) => {
    await next()
    const { headers } = c.res
    for (const [name, value] of Object.entries(always)) headers.set(name, value)
    if (isSecure) headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    headers.set('Referrer-Policy', linkPage.test(c.req.path) ? 'no-referrer' : 'strict-origin-when-cross-origin')
    if (linkPage.test(c.req.path)) headers.set('X-Robots-Tag', 'noindex')
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', closed)
  }
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
    if (!isOwn || !isJson) throw apiRefusal('cross_site_request')
    return next()
  }
}
