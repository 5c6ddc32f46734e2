/** The control API of what an owner does by hand: any deed of Stripe's dashboard, and keys rolled. */
import { json } from '../../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../../http.ts'
import { createKey } from '../objects/account.ts'
import type { RunningSandbox } from '../stripe-sandbox.ts'
import type { OwnerAct } from './owner.ts'

type Loose = Readonly<Record<string, unknown>>

export function dashboardRoutes(sandbox: RunningSandbox): Route[] {
  return [
    { method: 'POST', pattern: '/_sandbox/act', handle: (request) => act(sandbox, request) },
    { method: 'POST', pattern: '/_sandbox/keys/:key/roll', handle: (_, { key = '' }) => rollKey(sandbox, key) },
  ]
}

/** `{account, mode, method, path, parameters}`: what the owner of the account does by hand, answered as the API would. */
function act(sandbox: RunningSandbox, request: SandboxRequest): SandboxReply {
  const read = readAct(sandbox, request)
  if (typeof read === 'string') return json({ error: read }, 400)
  const { status, body } = sandbox.dashboard.act(read)
  return json(body, status)
}

/** The deed, or a sentence about what is wrong with it. */
function readAct(sandbox: RunningSandbox, request: SandboxRequest): OwnerAct | string {
  const given = readJson(request)
  if (given === null) return 'The body must be a JSON object.'
  const { account, mode = 'test', method = 'POST', path, parameters = {} } = given
  if (typeof account !== 'string' || sandbox.world.root.find('account', account) === undefined)
    return 'account must be the id of an account.'
  if (mode !== 'test' && mode !== 'live') return 'mode must be "test" or "live".'
  if (method !== 'GET' && method !== 'POST' && method !== 'DELETE') return 'method must be "GET", "POST" or "DELETE".'
  if (typeof path !== 'string') return 'path must be a path such as "/v1/refunds".'
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    return 'parameters must be an object.'
  return { account, mode, method, path, parameters: parameters as Loose }
}

function readJson(request: SandboxRequest): Loose | null {
  try {
    const read: unknown = JSON.parse(request.body.toString('utf8') || '{}')
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Loose) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** A new key with the same permissions; the old one is expired at once, as with "Expire now" at Stripe. */
function rollKey({ world }: RunningSandbox, key: string): SandboxReply {
  const old = world.root.find('key', key)
  if (old === undefined) return json({ error: 'There is no such key.' }, 404)
  if (old.object.state !== 'active') return json({ error: 'Only an active key can be rolled.' }, 409)
  const { account, mode, kind, permissions } = old.object
  const made = world.transaction(() => {
    world.root.update('key', key, { object: { state: 'expired' } })
    return createKey(world, { account, mode, kind, permissions })
  })
  return json(made, 201)
}
