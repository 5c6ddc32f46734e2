/** What every control route shares: JSON in, one sentence naming the field when it cannot be used (SBX-48). */
import { json } from '../http.ts'
import type { Route, SandboxRequest } from '../http.ts'
import { FaultRefused } from './faults/fields.ts'
import type { Mode } from './views.ts'
import type { World } from './world/world.ts'

export type Loose = Readonly<Record<string, unknown>>

/** Thrown for input the control API cannot use; the message names the field. */
export class ControlRefused extends Error {}

function guarded(handle: Route['handle']): Route['handle'] {
  return async (request, params) => {
    try {
      return await handle(request, params)
    } catch (error) {
      if (error instanceof FaultRefused || error instanceof ControlRefused) return json({ error: error.message }, 400)
      throw error
    }
  }
}

/** A route under /_sandbox for programs; a browser that asks for HTML gets the page of the same address. */
export function controlRoute(method: Route['method'], path: string, handle: Route['handle']): Route {
  return { method, pattern: `/_sandbox${path}`, isForPrograms: true, handle: guarded(handle) }
}

/** Works off what is due first, as the API does, so that a turned clock is felt before anything new happens. */
export function onTime(world: World, route: Route): Route {
  return {
    ...route,
    handle: (request, params) => {
      world.runDueTimers()
      return route.handle(request, params)
    },
  }
}

export function readJson(request: SandboxRequest): Loose {
  if (request.body.length === 0) return {}
  try {
    const read: unknown = JSON.parse(request.body.toString('utf8'))
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Loose
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ControlRefused('The body must be a JSON object.')
}

export function readLimit(url: URL): number {
  const asked = Number(url.searchParams.get('limit') ?? 100)
  if (!Number.isInteger(asked) || asked < 1 || asked > 10_000)
    throw new ControlRefused('limit must be a whole number from 1 to 10000.')
  return asked
}

export function readWord(given: unknown, field: string): string {
  if (typeof given !== 'string' || given.trim() === '') throw new ControlRefused(`${field} must be a text.`)
  return given
}

export function readMode(given: unknown): Mode {
  if (given === undefined || given === 'test') return 'test'
  if (given === 'live') return 'live'
  throw new ControlRefused('mode must be "test" or "live".')
}

export function readAccount(world: World, given: unknown): string {
  const id = readWord(given, 'account')
  if (world.root.find('account', id) === undefined) throw new ControlRefused(`account: there is no ${id}.`)
  return id
}
