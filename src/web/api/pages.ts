/**
 * The built screens. Every address that is not the API's answers one of two pages, which finds its screen by itself; each answer carries a
 * fresh nonce, written wherever the page has `__CSP_NONCE__`. What surprises: files are read and compressed once and then kept, because
 * they never change while the process lives; only names listed at the start exist, so no path leads anywhere else.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { extname } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { Hono, type Context } from 'hono'
import type { ApiContext } from './context.ts'
import { apiRefusal } from './problems.ts'
import { pagePolicy } from './security.ts'

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}
const compressible = new Set(['.js', '.css', '.html', '.json', '.svg', '.txt', '.webmanifest'])

/** Pages for renters and visitors are built apart and hold no code of the console (UI-69). */
const publicPage = /^\/(book|pay|portal|connect\/resume)(\/|$)/

type Kept = {
  readonly type: string
  readonly plain: Buffer
  readonly br: Buffer | undefined
  readonly gzip: Buffer | undefined
}

export function pageRoutes(context: Pick<ApiContext, 'distFolder' | 'publicUrl' | 'sandboxOrigin'>) {
  const names = new Set(existsSync(context.distFolder) ? listFiles(context.distFolder) : [])
  const kept = new Map<string, Kept>()
  const pages = {
    console: readPage(context.distFolder, 'index.html'),
    public: readPage(context.distFolder, 'public.html'),
  }
  return new Hono()
    .get('/api/*', () => {
      throw apiRefusal('not_found')
    })
    .get('*', (c) => {
      const { path } = c.req
      if (extname(path) !== '.html' && names.has(path)) return fileAnswer(c, path, keep(kept, context.distFolder, path))
      if (extname(path) !== '' && path.startsWith('/assets/')) throw apiRefusal('not_found')
      const elsewhere = ownAddress(c, context.publicUrl)
      if (elsewhere) return c.redirect(elsewhere, 308)
      const page = publicPage.test(path) ? pages.public : pages.console
      if (page === undefined) return c.text('The screens are not built. Run: npm run build', 503)
      return pageAnswer(c, page, context.sandboxOrigin)
    })
}

function readPage(folder: URL, name: string): string | undefined {
  const file = new URL(name, folder)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function listFiles(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.pathname.length - 1).replace(/^\/*/, '/'))
}

function keep(kept: Map<string, Kept>, folder: URL, path: string): Kept {
  const found = kept.get(path)
  if (found) return found
  const extension = extname(path)
  const plain = readFileSync(new URL(`.${path}`, folder))
  const isWorth = compressible.has(extension) && plain.length > 1024
  const file: Kept = {
    type: types[extension] ?? 'application/octet-stream',
    plain,
    br: isWorth ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }) : undefined,
    gzip: isWorth ? gzipSync(plain) : undefined,
  }
  kept.set(path, file)
  return file
}

function fileAnswer(c: Context, path: string, file: Kept): Response {
  const accepted = c.req.header('Accept-Encoding') ?? ''
  const encoding = (['br', 'gzip'] as const).find((name) => file[name] && new RegExp(`\\b${name}\\b`).test(accepted))
  const body = (encoding && file[encoding]) ?? file.plain
  const isHashed = path.startsWith('/assets/')
  return c.body(new Uint8Array(body), 200, {
    'Content-Type': file.type,
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=300',
    Vary: 'Accept-Encoding',
    ...(encoding && { 'Content-Encoding': encoding }),
  })
}

function pageAnswer(c: Context, page: string, sandboxOrigin: string | undefined): Response {
  const { nonce, policy } = pagePolicy(sandboxOrigin)
  return c.body(page.replaceAll('__CSP_NONCE__', nonce), 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
    'Reporting-Endpoints': 'csp="/api/csp-reports"',
  })
}

/** Someone who typed `localhost` is taken to the address the cookie and the cross-site guard know. Undefined when they are there. */
function ownAddress(c: Context, publicUrl: string): string | undefined {
  const own = new URL(publicUrl)
  const asked = new URL(c.req.url)
  if (own.hostname !== '127.0.0.1' || asked.hostname !== 'localhost') return undefined
  return `${own.origin}${asked.pathname}${asked.search}`
}
