/**
 * The gate of `/api/v1` (TRU-1, TRU-91): each operation says by `x-permission` who may use it, and the gate asks for exactly that
 * before the operation runs. Nobody signed in: 401 without any detail. A slug that is unknown or another's: 404, the same.
 */
import type { IncomingMessage } from 'node:http'
import { isMode } from '#kernel'
import {
  findVisit,
  findWorkplace,
  isAllowed,
  isPermission,
  rolesWith,
  type Permission,
  type Role,
  type Visit,
} from '#operators'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { ApiContext, OperatorEnv } from './context.ts'
import { apiRefusal, inputAnswer } from './problems.ts'

/** `signed_in` is anybody with a session, whichever operator they work for. */
export type Access = Permission | 'public' | 'signed_in'

/** The access of each operation by method and pattern, such as `GET /api/v1/w/:slug/settings/company`. */
export type AccessTable = ReadonlyMap<string, Access>

/** @throws when an operation does not say who may use it: then the application does not start. */
export function readAccessTable(app: Pick<OpenAPIHono, 'openAPIRegistry'>): AccessTable {
  const operations = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route] : [],
  )
  return new Map(
    operations.map((route) => {
      const name = `${route.method.toUpperCase()} ${route.path.replaceAll(/\{(.+?)\}/g, ':$1')}`
      const access: unknown = route['x-permission']
      if (!isAccess(access)) throw new Error(`${name} has no known x-permission`)
      if (isPermission(access) && !route.path.includes('/w/{slug}/'))
        throw new Error(`${name} asks for ${access} but stands under no operator`)
      return [name, access]
    }),
  )
}

function isAccess(name: unknown): name is Access {
  return name === 'public' || name === 'signed_in' || isPermission(name)
}

/** @param table filled after the routes are mounted; the gate itself stands before them. */
export function gate(
  { people, findDefaultMode }: ApiContext,
  table: () => AccessTable,
): MiddlewareHandler<OperatorEnv> {
  return async (c, next) => {
    const access = accessOf(c, table())
    if (access === undefined || access === 'public') return next()
    const visit = await findVisit(people, c.req.raw.headers)
    if (!visit) throw apiRefusal('signed_out')
    c.set('visit', visit)
    addCookies(c, visit.cookies)
    if (access !== 'signed_in') {
      const { operator, role } = await enter(people, visit, slugOf(c.req.path))
      const mode = c.req.query('mode') ?? (await findDefaultMode(operator.id))
      if (!isMode(mode)) return inputAnswer(c, [{ pointer: '/mode', detail: 'Choose test or live.' }])
      assertRole(role, access)
      c.set('operator', operator)
      c.set('person', { id: visit.person.id, name: visit.person.name, role })
      c.set('scope', { operatorId: operator.id, mode })
    }
    return next()
  }
}

/** The gate stands before the routes, so the parameters of the operation are not known yet. */
function slugOf(path: string): string {
  return /^\/api\/v1\/w\/([^/]+)\//.exec(path)?.[1] ?? ''
}

function accessOf(c: Context, table: AccessTable): Access | undefined {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  for (const { path } of matchedRoutes(c)) {
    const access = table.get(`${method} ${path}`)
    if (access !== undefined) return access
  }
  return undefined
}

/** @throws RefusalAnswer 404 when the person does not work for an operator with this slug. */
export async function enter(people: ApiContext['people'], visit: Visit, slug: string) {
  const workplace = await findWorkplace(people, visit.person.id, slug)
  if (!workplace) throw apiRefusal('not_found')
  return workplace
}

/** @throws RefusalAnswer 403 naming the roles that may. */
export function assertRole(role: Role, permission: Permission): void {
  if (isAllowed(role, permission)) return
  const able = rolesWith(permission).map((name) => name.replace('_', ' '))
  throw apiRefusal('not_allowed', { cause: `Needs the ${able.join(' or ')} role.` })
}

/** The visit of a `signed_in` operation. */
export function getVisit(c: { readonly var: { readonly visit?: Visit } }): Visit {
  const { visit } = c.var
  if (!visit) throw apiRefusal('signed_out')
  return visit
}

/** The network address of the peer; headers of proxies are not believed, because whoever connects could write them. Empty when the request did not come over a socket. */
export function addressOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
  return incoming?.socket.remoteAddress ?? ''
}

/** True only for a peer on this machine. */
export function isLoopback(c: Context): boolean {
  const address = addressOf(c).replace(/^::ffff:/i, '')
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}

export function addCookies(c: Context, cookies: readonly string[]): void {
  for (const cookie of cookies) c.header('Set-Cookie', cookie, { append: true })
}
