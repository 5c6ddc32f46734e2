/**
 * The thin HTTP layer under every part of the sandbox: one node:http listener, a route table and three reply helpers.
 * Routes are tried in the order given; a pattern is a path whose `:name` segments match exactly one path segment, and a
 * last segment `*` matches the rest. A handler receives the raw body, because webhooks, forms and JSON are read by
 * different rules, and answers with a finished reply or with a `hangUp` reply, which closes the connection unanswered.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface SandboxRequest {
  readonly method: Method
  /** The address as asked, with the listener's own origin in front. */
  readonly url: URL
  /** Names in lower case; a repeated header is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Address of the caller's socket. */
  readonly ip: string
  /** Resolves when the caller hung up before it had its answer. */
  readonly gone?: () => Promise<void>
}

export interface SandboxReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** When true the connection is reset and nothing of this reply is sent (the faults drop_before and drop_after). */
  readonly hangUp?: boolean
  /** The connection breaks after this many bytes of the body (the fault truncate). */
  readonly cutAt?: number
}

export interface Route {
  readonly method: Method
  /** For example '/c/pay/:id' or '/v1/*'. */
  readonly pattern: string
  /** When true a browser that asks for HTML is passed on to the next route of the same address. */
  readonly isForPrograms?: boolean
  handle(request: SandboxRequest, params: Readonly<Record<string, string>>): Promise<SandboxReply> | SandboxReply
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): SandboxReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: `${JSON.stringify(value, null, 2)}\n`,
  }
}

export function html(body: string, status = 200, headers: Record<string, string> = {}): SandboxReply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body,
  }
}

/** Answers 303, so that the browser asks for the new address with GET whatever it sent here. */
export function redirect(location: string, status: 302 | 303 = 303): SandboxReply {
  return { status, headers: { location, 'cache-control': 'no-store' }, body: '' }
}

const biggestBody = 10 * 1024 * 1024
/** An exported state comes back in one piece. */
const biggestImport = 2 * 1024 ** 3

/** Thrown by `listen` with a sentence for whoever started the sandbox. */
export class CannotListen extends Error {}

export interface Listener {
  readonly port: number
  /** Closes the port, or opens it again: callers are refused as if nothing ran here (the fault refuse). */
  setOpen(isOpen: boolean): void
  close(): Promise<void>
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** Runs before the routes; a reply from here is final. */
  readonly guard: (request: SandboxRequest) => SandboxReply | undefined
  readonly routes: readonly Route[]
}

/** Opens the listener. Throws CannotListen when the port is taken or may not be used. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const find = compileRoutes(options.routes)
  const server = createServer((incoming, outgoing) => {
    // A kept connection outlives the closed port; what comes over it is refused as well.
    if (!server.listening) incoming.socket.destroy()
    else void answer({ incoming, outgoing, find, guard: options.guard })
  })
  server.keepAliveTimeout = 65_000
  const port = await open(server, options)
  return {
    port,
    setOpen: (isOpen) => {
      if (isOpen === server.listening) return
      if (isOpen) server.listen(port, options.host)
      else server.close()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function open(server: Server, { host, port }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      const message = isTaken
        ? `Port ${port} is in use. Set SANDBOX_PORT or stop the other process.`
        : `The sandbox cannot listen on ${host} port ${port}: ${error.message}.`
      reject(new CannotListen(message))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

type FindRoute = (request: SandboxRequest) => { route: Route; params: Record<string, string> } | undefined

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly find: FindRoute
  readonly guard: ListenOptions['guard']
}

async function answer({ incoming, outgoing, find, guard }: Exchange): Promise<void> {
  try {
    const request = { ...(await readRequest(incoming)), gone: () => goneOf(outgoing) }
    const reply = guard(request) ?? (await handle(request, find))
    if (reply.hangUp === true) incoming.socket.destroy()
    else send(outgoing, reply)
  } catch (error) {
    process.stderr.write(`The sandbox failed on ${incoming.method} ${incoming.url}: ${describe(error)}\n`)
    if (!outgoing.headersSent) send(outgoing, plainText('The sandbox itself failed. Its output says how.', 500))
  }
}

async function handle(request: SandboxRequest, find: FindRoute): Promise<SandboxReply> {
  const found = find(request)
  return found === undefined
    ? plainText('There is nothing at this address.', 404)
    : found.route.handle(request, found.params)
}

function plainText(body: string, status: number): SandboxReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${body}\n` }
}

function send(outgoing: ServerResponse, reply: SandboxReply): void {
  outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) })
  if (reply.cutAt === undefined) outgoing.end(reply.body)
  else outgoing.write(Buffer.from(reply.body).subarray(0, reply.cutAt), () => outgoing.destroy())
}

function goneOf(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (outgoing.destroyed) resolve()
    else outgoing.once('close', resolve)
  })
}

async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = []
  const limit = incoming.url === '/_sandbox/import' ? biggestImport : biggestBody
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new Error(`the body is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return {
    method: (incoming.method ?? 'GET') as Method,
    url: new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
    ip: incoming.socket.remoteAddress ?? '',
  }
}

function compileRoutes(routes: readonly Route[]): FindRoute {
  const compiled = routes.map((route) => ({ route, ...compilePattern(route.pattern) }))
  return (request) => {
    const wantsHtml = request.method === 'GET' && (request.headers['accept'] ?? '').includes('text/html')
    for (const { route, expression, names } of compiled) {
      if (route.method !== request.method || (wantsHtml && route.isForPrograms === true)) continue
      const match = expression.exec(request.url.pathname)
      if (match === null) continue
      return { route, params: Object.fromEntries(names.map((name, place) => [name, decode(match[place + 1] ?? '')])) }
    }
    return undefined
  }
}

function compilePattern(pattern: string): { expression: RegExp; names: string[] } {
  const names: string[] = []
  const source = pattern
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*'
      if (!segment.startsWith(':')) return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      names.push(segment.slice(1))
      return '([^/]+)'
    })
    .join('/')
  return { expression: new RegExp(`^${source}$`), names }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return segment
    throw error
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
