/**
 * Starts the whole sandbox on one loopback listener: Stripe's API under /v1 and /v2, the JSON control API under /_sandbox,
 * the hosted pages and the console, and the mail outbox (SBX-2). A control address answers programs; a browser that asks
 * for HTML gets the console page of the same address instead.
 */
import { timingSafeEqual } from 'node:crypto'
import { TimeControl, clockRoutes, ownClock } from './clock/index.ts'
import type { SandboxClock } from './clock/index.ts'
import { CannotListen, json, listen } from './http.ts'
import type { SandboxReply, SandboxRequest } from './http.ts'
import { createMailbox, mailRoutes } from './mail/index.ts'
import { pagesRoutes } from './pages/index.ts'
import {
  RunningSandbox,
  connectControlRoutes,
  controlRoutes,
  dashboardRoutes,
  debitControlRoutes,
  disputeControlRoutes,
  endpointRoutes,
  payoutControlRoutes,
  receiptRoute,
  stateRoutes,
  troubleRoutes,
} from './stripe/index.ts'
import type { StripeSandbox } from './stripe/index.ts'

export { CannotListen }

export interface SandboxOptions {
  /** 0 lets the system choose. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Where the journals are kept; without it everything is forgotten at the end. */
  readonly folder?: string
  /** The clock of whoever starts the sandbox, with the means to turn it; default is one of the sandbox's own. */
  readonly clock?: SandboxClock
  /** A time that the sandbox can only look at, when there is no `clock`. */
  readonly now?: () => Date
  /** The address browsers use, when it is not the listener's own. */
  readonly publicUrl?: string
  /** Same seed, same calls, same clock: same ids. Random by default; kept in the journal. */
  readonly seed?: string
  /** Retry steps of webhook deliveries (SBX-36): 'stripe' (default), or 'fast' = 0, 1, 5, 15 s. */
  readonly webhookProfile?: 'stripe' | 'fast'
  /** Lets callers that are not on this machine use /_sandbox, as `Authorization: Bearer …`. */
  readonly token?: string
}

export interface SandboxKeys {
  readonly account: string
  readonly accountId: string
  readonly mode: 'test' | 'live'
  readonly publishable: string
  readonly secret: string
  readonly restricted: string
}

export interface Sandbox {
  readonly url: string
  readonly port: number
  /** The own-keys accounts and the platform, one entry per mode; the first is Harbour Desks in test mode. */
  readonly keys: readonly SandboxKeys[]
  readonly stripe: StripeSandbox
  /** Turns the time of everybody who joined. */
  readonly time: TimeControl
  close(): Promise<void>
}

/** Throws CannotListen when the port is taken, and what the file system says when the folder cannot be written. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', port, folder } = options
  const clock = options.clock ?? (options.now === undefined ? ownClock(folder) : undefined)
  const now = clock === undefined ? (options.now ?? (() => new Date())) : () => clock.now()
  const time = new TimeControl({ clock, now })
  const stripe = new RunningSandbox({ now, folder, seed: options.seed, webhookProfile: options.webhookProfile })
  const mailbox = createMailbox({ now, ...(folder !== undefined && { folder }) })
  const control = [
    ...dashboardRoutes(stripe),
    ...debitControlRoutes(stripe.world),
    ...disputeControlRoutes(stripe.world),
    ...troubleRoutes(stripe.world, stripe.troubles),
    ...controlRoutes(stripe),
    ...endpointRoutes(stripe.world),
    ...payoutControlRoutes(stripe.world),
    ...stateRoutes(stripe),
    ...connectControlRoutes(stripe.world),
    ...clockRoutes(time),
  ]
  const routes = [
    ...stripe.routes(),
    ...control,
    receiptRoute(stripe),
    ...pagesRoutes({ stripe, time, control }),
    ...mailRoutes(mailbox, { faults: stripe.faults }),
  ]
  try {
    const guard = (request: SandboxRequest): SandboxReply | undefined => guardControl(request, options.token)
    const listener = await listen({ host, port, routes, guard })
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`
    stripe.world.publicUrl = (options.publicUrl ?? url).replace(/\/+$/, '')
    stripe.resume()
    time.join(stripe.clockSide())
    stripe.gate.setOpen = (isOpen) => listener.setOpen(isOpen)
    const close = async (): Promise<void> => {
      stripe.gate.setOpen = () => undefined
      await listener.close()
      stripe.close()
    }
    return { url, port: listener.port, keys: listKeys(stripe), stripe, time, close }
  } catch (error) {
    stripe.close()
    throw error
  }
}

function listKeys(stripe: StripeSandbox): SandboxKeys[] {
  return stripe
    .accounts()
    .filter(({ connectedTo }) => connectedTo === null)
    .flatMap(({ id, name, keys }) =>
      (['test', 'live'] as const).map((mode) => ({ account: name, accountId: id, mode, ...keys[mode] })),
    )
}

const loopback = /^(?:127\.|::1$|::ffff:127\.)/

/**
 * /_sandbox and /dashboard show keys and move money, so they are for this machine, and not for a page of another site that a browser here
 * happens to have open: browsers say where a request was started.
 */
function guardControl(request: SandboxRequest, token: string | undefined): SandboxReply | undefined {
  if (!/^\/(?:_sandbox|dashboard)(?:\/|$)/.test(request.url.pathname)) return undefined
  if (!loopback.test(request.ip) && !hasToken(request, token)) {
    return json({ error: 'The sandbox console is open to this machine only. Set SANDBOX_TOKEN to let others in.' }, 403)
  }
  const startedAt = request.headers['sec-fetch-site']
  const isForeign = startedAt !== undefined && startedAt !== 'same-origin' && startedAt !== 'none'
  if (isForeign && request.method !== 'GET') return json({ error: 'This request was sent from another site.' }, 403)
  return undefined
}

function hasToken(request: SandboxRequest, token: string | undefined): boolean {
  if (token === undefined || token === '') return false
  const given = Buffer.from((request.headers['authorization'] ?? '').replace(/^Bearer /, ''))
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
