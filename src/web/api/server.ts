/**
 * The HTTP server itself: strict parser, small headers, short patience with slow clients (TRU-111), and an end that lets what is
 * underway finish (TRU-201). Node's own answers to malformed requests (400, 408, 431) come before any of our code.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

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
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
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
