/**
 * The HTTP server itself: strict parser, small headers, short patience with slow clients (TRU-111), and an end that lets what is
 * underway finish (TRU-201). Node's own answers to malformed requests (400, 408, 431) come before any of our code. Below it the built
 * screens: every address that is not the API's answers one of two pages with a fresh nonce, written wherever the page has `__CSP_NONCE__`.
 * What surprises: files are read and compressed once and then kept, because they never change while the process lives; only names listed
 * at the start exist, so no path leads anywhere else.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { getRequestListener } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import type { ApiContext } from './context.ts'
import { apiRefusal } from './problems.ts'
import { pagePolicy } from './security.ts'

const finishWithinMs = 20_000

export type WebServer = {
  /** Where it listens, such as `http://127.0.0.1:3000`; the kernel chose the port when 0 was asked for. */
  readonly origin: string
  readonly port: number
  /** Accepts nothing new, lets requests finish for up to 20 seconds, then ends what is left. */
  stop(): Promise<void>
}

/** @returns whether it has taken the request; then nobody else answers it. */
export type RawListener = (request: IncomingMessage, response: ServerResponse) => boolean

export type Answering = {
  fetch(request: Request, bindings: object): Response | Promise<Response>
  /** Asked first, with the request as Node has it. */
  readonly raw?: RawListener
}

/** How long a client may take for its headers and its whole request, and how often that is looked at (TRU-20); in milliseconds. */
export const patience = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 }

/**
 * @param answering makes the application once the address is known, before the first request is read.
 * @throws the error of listening, such as EADDRINUSE.
 */
export async function startServer(options: {
  host: string
  port: number
  answering: (origin: string) => Answering
}): Promise<WebServer> {
  const server = createServer({
    maxHeaderSize: 8 * 1024,
    ...patience,
    keepAliveTimeout: 65_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  })
  server.maxRequestsPerSocket = 1_000
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  const origin = `http://${host}:${port}`
  const application = options.answering(origin)
  const listener = getRequestListener((request, bindings) => application.fetch(request, bindings), {
    overrideGlobalObjects: false,
  })
  server.on('request', (request, response) => {
    if (!application.raw?.(request, response)) void listener(request, response)
  })
  return { origin, port, stop: () => stop(server) }
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that has just answered stays open for the next request; none will come.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const giveUp = setTimeout(() => server.closeAllConnections(), finishWithinMs)
  server.closeIdleConnections()
  await closed
  clearInterval(sweep)
  clearTimeout(giveUp)
}

/** The end of a process: from the first signal on `/readyz` says no, open streams are ended, and what is underway finishes. */
export type Drain = {
  readonly isDraining: () => boolean
  /** Says no from now on and runs what was registered; marking twice does it once. */
  mark(): void
  onMark(work: () => void): void
}

export function createDrain(): Drain {
  let isDraining = false
  const registered: (() => void)[] = []
  return {
    isDraining: () => isDraining,
    mark() {
      if (isDraining) return
      isDraining = true
      for (const work of registered) work()
    },
    onMark: (work) => void registered.push(work),
  }
}

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
