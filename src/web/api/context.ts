/**
 * What every route is given and what a route file looks like. A route file exports one function of the context that returns an
 * `operatorApp()` with its operations chained, so that the typed client knows them; `settings.ts` is the example. What surprises:
 * the permission is enforced from the route's own `x-permission`, and the application does not start when one is missing. The gate that does
 * it stands below (TRU-1, TRU-91): nobody signed in is answered 401 without any detail, a slug that is unknown or another's 404, the same.
 */
import type { IncomingMessage } from 'node:http'
import { actAs, type Actor } from '#audit'
import type { InstallationSecrets } from '#endpoints'
import { isAdministrator, type TellGround, type WatchGround } from '#installation'
import { parseId, type IdKind, type Mode, type OperatorId, type Scope, type Uuid, isMode } from '#kernel'
import {
  type People,
  type Role,
  type Visit,
  findProofEnd,
  findVisit,
  findWorkplace,
  isAllowed,
  isPermission,
  listStepUpMethods,
  needsStepUp,
  networkPrefix,
  rolesWith,
  type Permission,
} from '#operators'
import type { Clock, Database, Jobs, Logs, Mailer, SecretBox } from '#platform'
import type { PlatformFee, StripeGateway } from '#stripe'
import type { Receiver } from '#webhooks'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { isLoopbackAddress, peerOf } from './client-address.ts'
import type { Metrics } from './observe.ts'
import { explainInput, apiRefusal, inputAnswer, stepUpRefusal } from './problems.ts'
import type { Drain } from './server.ts'

export type ApiContext = {
  readonly database: Database
  readonly clock: Clock
  /** What waits in the queue, for diagnosis. */
  readonly jobs: Pick<Jobs, 'outlook'>
  readonly logs: Logs
  readonly box: SecretBox
  readonly mailer: Mailer
  readonly people: People
  readonly stripe: StripeGateway
  /** What the installation takes of payments of connected accounts. */
  readonly platformFee?: PlatformFee | undefined
  /** Keeps what Stripe delivers. */
  readonly receiver: Receiver
  /** Signing secrets of the installation's own endpoints, from the environment. */
  readonly installationSecrets?: InstallationSecrets
  /** What the installation itself is shown, watched and repaired with. */
  readonly installation: WatchGround &
    TellGround & {
      readonly version: string
      /** What may be shown of its keys: kind, mode and the last four characters. */
      readonly keyMasks: Readonly<Partial<Record<Mode, string>>>
      /** The key of this mode was given by the sandbox and not by the environment. */
      readonly isKeyOfSandbox: (mode: Mode) => boolean
    }
  /** There is something to do in the inbox, such as a replay: look now instead of at the next poll. */
  readonly wakeInbox: () => void
  readonly metrics: Metrics
  readonly drain: Drain
  /** Base of every link, without a slash at its end: `https://rentroll.example.org`. */
  readonly publicUrl: string
  readonly isSandboxOn: boolean
  /** Where the sandbox's hosted pages live, such as `http://127.0.0.1:3001`; undefined when it is off. */
  readonly sandboxOrigin: string | undefined
  /** Whether the operator has a finalised invoice in either mode: then its currency is fixed. Supplied by the wiring from billing. */
  readonly hasFinalisedInvoice: (operatorId: OperatorId) => Promise<boolean>
  /** The mode of an address that names none: test until a live connection first takes payments (UI-3). Supplied from connections. */
  readonly findDefaultMode: (operatorId: OperatorId) => Promise<Mode>
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[]
  /** Folder of the built screens, with a slash at its end. */
  readonly distFolder: URL
}

/** Every request has an id, shown in problems and in the logs. */
export type PublicEnv = { Variables: { requestId: string; address: string; visit?: Visit } }

/** Under `/api/v1/w/{slug}/` there is always a person, their operator and a scope. */
export type OperatorEnv = {
  Variables: PublicEnv['Variables'] & {
    scope: Scope
    person: { readonly id: string; readonly name: string; readonly role: Role }
    operator: { readonly id: Uuid; readonly slug: string; readonly name: string }
  }
}

/** An empty set of operations for `/api/v1/w/{slug}/…`; paths inside start after the slug. */
export function operatorApp() {
  return new OpenAPIHono<OperatorEnv>({ defaultHook: explainInput })
}

/** An empty set of operations that need no operator; paths inside start after `/api/v1`. */
export function publicApp() {
  return new OpenAPIHono<PublicEnv>({ defaultHook: explainInput })
}

/** A prefixed id in a path, handed to the route as its uuid. Of another kind or malformed: 404, like an unknown one. */
export function idOf(kind: IdKind) {
  return z.string().transform((text, check) => {
    const id = parseId(kind, text)
    if (id !== undefined) return id
    check.addIssue({ code: 'custom', message: `There is no ${kind} with this id.` })
    return z.NEVER
  })
}

/** Path parameters of an operation under a slug: `inOperator({ invoiceId: idOf('invoice') })`. */
export function inOperator<Shape extends z.ZodRawShape>(ids: Shape) {
  return z.strictObject({ slug: z.string(), ...ids })
}

const modeOfAddress = z.enum(['test', 'live'], 'Choose test or live.').optional()

/** Query of an operation under a slug; the mode itself is read before the route and stands in `c.var.scope`. */
export function withMode<Shape extends z.ZodRawShape>(parts: Shape) {
  return z.strictObject({ mode: modeOfAddress, ...parts })
}

/** Headers of an operation that adds something: sent again with the same key, it adds nothing more (UI-36). */
export const withRequestKey = z.object({
  'idempotency-key': z
    .uuid('The key of a request is a UUID made with the form. Reload the page.')
    .toLowerCase()
    .optional(),
})

/** Amounts travel as integers in strings (STK-65). */
export const moneySchema = z.strictObject({
  amountMinor: z.string().regex(/^-?\d{1,18}$/, 'Enter the amount as a whole number of minor units.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Enter a currency code of three letters.'),
})

/** A JSON body that must be there. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { content: { 'application/json': { schema } }, required: true as const }
}

/** A JSON answer with its meaning. */
export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

/** `signed_in` is anybody with a session, whichever operator they work for; `installation` whoever runs the installation (TRU-90). */
export type Access = Permission | 'public' | 'signed_in' | 'installation' | 'installation_change'

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
  return name === 'public' || name === 'signed_in' || isOfInstallation(name) || isPermission(name)
}

/** For whoever runs the installation; a change asks once more who is there (TRU-90). */
function isOfInstallation(name: unknown): name is 'installation' | 'installation_change' {
  return name === 'installation' || name === 'installation_change'
}

/** @param table filled after the routes are mounted; the gate itself stands before them. */
export function gate(
  { people, findDefaultMode, installation }: ApiContext,
  table: () => AccessTable,
): MiddlewareHandler<OperatorEnv> {
  return async (c, next) => {
    const access = accessOf(c, table())
    if (access === undefined || access === 'public') return actAs(actorOf(c), next)
    const visit = await findVisit(people, c.req.raw.headers)
    if (!visit) throw apiRefusal('signed_out')
    c.set('visit', visit)
    addCookies(c, visit.cookies)
    // For everybody else these operations do not exist.
    if (isOfInstallation(access) && !(await isAdministrator(installation, visit.person))) throw apiRefusal('not_found')
    if (access === 'installation_change') await assertProven(people, visit)
    if (access !== 'signed_in' && !isOfInstallation(access)) {
      const { operator, role } = await enter(people, visit, slugOf(c.req.path))
      const mode = c.req.query('mode') ?? (await findDefaultMode(operator.id))
      if (!isMode(mode)) return inputAnswer(c, [{ pointer: '/mode', detail: 'Choose test or live.' }])
      assertRole(role, access)
      if (needsStepUp(role, access)) await assertProven(people, visit)
      c.set('operator', operator)
      c.set('person', { id: visit.person.id, name: visit.person.name, role })
      c.set('scope', { operatorId: operator.id, mode })
    }
    return actAs(actorOf(c, visit), next)
  }
}

/** @throws RefusalAnswer 403 when the person did not prove who they are within the last minutes, in this very session (TRU-78). */
export async function assertProven(people: ApiContext['people'], visit: Visit): Promise<void> {
  if (await findProofEnd(people, visit)) return
  throw stepUpRefusal(await listStepUpMethods(people, visit))
}

/** For the audit log: who asks, and from where. */
export function actorOf(c: Context, visit?: Visit): Actor {
  const request = { ipPrefix: networkPrefix(addressOf(c)), requestId: String(c.get('requestId') ?? '') }
  if (!visit) return { kind: 'visitor', id: '', name: 'Visitor', sessionId: '', ...request }
  const { person, sessionId } = visit
  return { kind: 'person', id: person.id, name: person.name, sessionId, ...request }
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

/** The address the request came from (TRU-112); empty when it did not come over a socket. */
export function addressOf(c: Context): string {
  return String(c.get('address') ?? '')
}

/** True only for somebody on this machine, and not for whoever a proxy on it speaks for. */
export function isLoopback(c: Context): boolean {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
  return isLoopbackAddress(addressOf(c)) && isLoopbackAddress(peerOf(incoming))
}

export function addCookies(c: Context, cookies: readonly string[]): void {
  for (const cookie of cookies) c.header('Set-Cookie', cookie, { append: true })
}
