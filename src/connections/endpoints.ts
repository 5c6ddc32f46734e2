/**
 * The webhook endpoint of a connection as Stripe has it: its addresses (STR-40), finding it among the account's endpoints, what is
 * missing (STR-46) and putting that right. A slash at the end of an address means nothing.
 */
import { dots, noteAudit } from '#audit'
import { done, type Outcome, type Scope, type Uuid } from '#kernel'
import { inScope, newId, tokenHash, type Database } from '#platform'
import {
  endpointEvents,
  missingEvents,
  recommendedEvents,
  requiredEvents,
  StripeFault,
  type EndpointSeen,
  type StripeScope,
} from '#stripe'
import { stripeScopeOf, type Connection, type ConnectionGround, type EndpointCheck } from './connection.ts'
import { refusalOfFault, refuse, type ConnectionProblem, type Refused } from './problems.ts'
import { addEndpointSecret } from './endpoint-secrets.ts'
import { hasSharedRoute } from './routing-store.ts'
import { findConnection, findOwnKeysConnection, listEndpointSecrets, updateConnection } from './store.ts'

export type EndpointAddresses = {
  /** This connection's own address, always the recommended one. */
  readonly own: string
  /** The installation's address, while this connection has one of its four places. */
  readonly shared: string | undefined
}

export function endpointAddresses(publicUrl: string, connection: Connection, isOnShared: boolean): EndpointAddresses {
  const shared = `${publicUrl}/api/stripe/webhook`
  return { own: `${shared}/${connection.endpointToken}`, shared: isOnShared ? shared : undefined }
}

const privateHost =
  /^(localhost|.*\.localhost|.*\.local|.*\.internal|127\..*|10\..*|192\.168\..*|169\.254\..*|172\.(1[6-9]|2\d|3[01])\..*|0\.0\.0\.0|\[.*\])$/

/** Whether Stripe itself could deliver there: https, and no private host (UI-127). */
export function isPublicAddress(base: string): boolean {
  const { protocol, hostname } = new URL(base)
  return protocol === 'https:' && hostname.includes('.') && !privateHost.test(hostname)
}

/** A connection with its addresses and what Stripe has; everything the deeds about endpoints begin with. */
export type EndpointFindings = {
  readonly connection: Connection
  readonly addresses: EndpointAddresses
  readonly endpoints: readonly EndpointSeen[]
  /** The endpoint that points to us, if there is one: the one we know first, then an enabled one. */
  readonly ours: EndpointSeen | undefined
  /** All at our addresses that we made; a rotation has two for a while. */
  readonly madeByUs: readonly EndpointSeen[]
  readonly newestSecretId: Uuid | undefined
  readonly check: EndpointCheck
}

/** Asks Stripe; changes nothing anywhere. @throws StripeFault @param connectionId the present one where none is named. */
export async function findEndpoint(
  ground: ConnectionGround,
  scope: Scope,
  connectionId?: Uuid,
): Promise<Outcome<EndpointFindings, ConnectionProblem>> {
  const before = await readBefore(ground.database, scope, connectionId)
  if (!before) return refuse('no_connection')
  const addresses = endpointAddresses(ground.publicUrl, before.connection, before.isOnShared)
  const endpoints = await ground.stripe.listEndpoints(stripeScopeOf(ground.box, before.connection))
  const { connection } = before
  const here = findHere(endpoints, addresses)
  const ours =
    here.find(({ id }) => id === connection.stripeEndpointId) ?? here.find(({ isEnabled }) => isEnabled) ?? here[0]
  const check = toEndpointCheck({ endpoints, ours }, ground.database.clock.now())
  const madeByUs = here.filter((endpoint) => isMadeByUs(endpoint, connection))
  return done({ ...before, addresses, endpoints, ours, madeByUs, check })
}

function readBefore(database: Database, scope: Scope, connectionId: Uuid | undefined) {
  return inScope(database, scope, async (rows) => {
    const connection = await (connectionId ? findConnection(rows, connectionId) : findOwnKeysConnection(rows))
    if (!connection || connection.keySealed === null) return undefined
    const [newest] = await listEndpointSecrets(rows, connection.id)
    return { connection, isOnShared: await hasSharedRoute(rows, connection.id), newestSecretId: newest?.id }
  })
}

function findHere(endpoints: readonly EndpointSeen[], { own, shared }: EndpointAddresses): readonly EndpointSeen[] {
  const wanted = [own, shared].map((address) => address && normalAddress(address))
  return endpoints.filter(({ url }) => wanted.includes(normalAddress(url)))
}

/** By our row, or by our mark on it where the answer to its creation was lost. It stands on the operator's own account either way. */
function isMadeByUs(endpoint: EndpointSeen, connection: Connection): boolean {
  const isKnown = connection.isEndpointOurs && connection.stripeEndpointId === endpoint.id
  return isKnown || endpoint.metadata['rentroll_operator'] === connection.operatorId
}

function normalAddress(address: string): string {
  if (!URL.canParse(address)) return address
  const { protocol, host, pathname } = new URL(address)
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`
}

function toEndpointCheck(findings: Pick<EndpointFindings, 'endpoints' | 'ours'>, checkedAt: Date): EndpointCheck {
  const { endpoints, ours } = findings
  const enabled = ours?.enabledEvents ?? []
  return {
    checkedAt: checkedAt.toISOString(),
    isFound: ours !== undefined,
    endpointId: ours?.id ?? null,
    url: ours?.url ?? null,
    isEnabled: ours?.isEnabled ?? false,
    missingRequired: missingEvents(enabled, requiredEvents),
    missingRecommended: missingEvents(enabled, recommendedEvents),
    apiVersion: ours?.apiVersion ?? null,
    endpointCount: endpoints.length,
  }
}

/** Check now (STR-46): the check is kept, so that the screen can show it without asking Stripe. @throws StripeFault */
export async function lookAtEndpoint(
  ground: ConnectionGround,
  scope: Scope,
): Promise<Outcome<EndpointCheck, ConnectionProblem>> {
  const found = await findEndpoint(ground, scope)
  if (!found.ok) return found
  const { connection, ours, check: endpointCheck } = found.value
  const stripeEndpointId = ours?.id ?? null
  const isEndpointOurs = ours !== undefined && isMadeByUs(ours, connection)
  await inScope(ground.database, scope, (rows) =>
    updateConnection(rows, connection.id, { endpointCheck, stripeEndpointId, isEndpointOurs }),
  )
  return done(endpointCheck)
}

/** As `lookAtEndpoint`, for a person: what stood in the way is a sentence. */
export async function endpointCheckOf(
  ground: ConnectionGround,
  scope: Scope,
): Promise<Outcome<EndpointCheck, ConnectionProblem>> {
  return withFaultsExplained(() => lookAtEndpoint(ground, scope))
}

/** Adds what is missing and switches it on; events the operator added stay (STR-46). */
export async function repairEndpoint(
  ground: ConnectionGround,
  scope: Scope,
): Promise<Outcome<EndpointCheck, ConnectionProblem>> {
  return switchOn(ground, scope, withOurEvents)
}

/** Switches it on with the events it has (STR-47). */
export async function enableEndpoint(
  ground: ConnectionGround,
  scope: Scope,
): Promise<Outcome<EndpointCheck, ConnectionProblem>> {
  return switchOn(ground, scope, (events) => events)
}

/** The union of these events and all of ours. */
export function withOurEvents(events: readonly string[]): readonly string[] {
  return events.includes('*') ? events : [...new Set([...events, ...endpointEvents])]
}

function switchOn(
  ground: ConnectionGround,
  scope: Scope,
  choose: (events: readonly string[]) => readonly string[],
): Promise<Outcome<EndpointCheck, ConnectionProblem>> {
  return withFaultsExplained(async () => {
    const found = await findEndpoint(ground, scope)
    if (!found.ok) return found
    const { connection, ours, addresses } = found.value
    if (!ours) return refuse('endpoint_absent', { words: { url: addresses.own } })
    const idempotencyKey = `endpoint:${connection.id}:repair:${newId(ground.database.clock)}`
    const events = choose(ours.enabledEvents)
    await ground.stripe.updateEndpoint(stripeScopeOf(ground.box, connection), ours.id, {
      events,
      isEnabled: true,
      idempotencyKey,
    })
    await inScope(ground.database, scope, async (rows) => {
      const before = { isEnabled: ours.isEnabled, events: ours.enabledEvents.length }
      const after = { isEnabled: true, events: events.length }
      noteAudit(rows, { action: 'endpoint.repaired', object: { kind: 'endpoint', id: ours.id }, before, after })
    })
    return lookAtEndpoint(ground, scope)
  })
}

export type NewEndpointRequest = {
  readonly scope: Scope
  readonly actor: string
  /** Put a fresh endpoint in the place of one that already points to us. */
  readonly isFresh: boolean
}

const endpointsAllowed = 16

/** The refusal when no endpoint can be added to this account (STR-44). */
export function judgePlaces(endpoints: readonly EndpointSeen[]): Refused | undefined {
  if (endpoints.length < endpointsAllowed) return undefined
  return refuse('endpoints_used_up', { words: { urls: endpoints.map(({ url }) => url).join(', ') } })
}

/**
 * Create it for me (STR-42, UI-129): one endpoint on the operator's own account, at the connection's own address, with all events; its
 * signing secret comes with Stripe's answer and is sealed at once. Where an endpoint already points to us its secret cannot be read,
 * so a fresh one takes its place only when asked for: ours is deleted then, one made by hand is switched off.
 */
export async function createEndpoint(
  ground: ConnectionGround,
  request: NewEndpointRequest,
): Promise<Outcome<EndpointCheck, ConnectionProblem>> {
  return withFaultsExplained(async () => {
    if (!ground.isSandboxHost && !isPublicAddress(ground.publicUrl))
      return refuse('endpoint_not_public', { words: { base: ground.publicUrl } })
    const found = await findEndpoint(ground, request.scope)
    if (!found.ok) return found
    const { connection, endpoints, ours, addresses } = found.value
    if (ours && !request.isFresh) return refuse('endpoint_exists', { words: { url: ours.url } })
    const isFull = judgePlaces(endpoints)
    if (isFull) return isFull
    const scope = stripeScopeOf(ground.box, connection)
    const idempotencyKey = keyOfCreation(found.value, ground.database.clock.now())
    const created = await ground.stripe.createEndpoint(scope, {
      url: addresses.own,
      events: endpointEvents,
      idempotencyKey,
    })
    const { secret, ...endpoint } = created
    const check = await keep(ground, { request, findings: found.value, endpoint, secret })
    if (ours) await retire(ground, scope, { ours, wasMadeByUs: isMadeByUs(ours, connection), replacedBy: endpoint.id })
    return done(check)
  })
}

/**
 * The same for clicks that saw the same, so that Stripe answers all of them with one endpoint. What was answered with an error may be
 * tried again a minute later.
 */
function keyOfCreation({ connection, ours, newestSecretId }: EndpointFindings, now: Date): string {
  const seen = [connection.stripeEndpointId, ours?.id, newestSecretId].map((id) => id ?? 'none')
  // A connection that came back has a new address (UI-132), and another address is another request.
  const address = tokenHash(connection.endpointToken).slice(0, 16)
  return ['endpoint', connection.id, address, ...seen, Math.floor(now.getTime() / 60_000)].join(':')
}

type Created = {
  request: NewEndpointRequest
  findings: EndpointFindings
  endpoint: EndpointSeen
  secret: Parameters<typeof addEndpointSecret>[2]['secret']
}

async function keep(
  ground: ConnectionGround,
  { request, findings, endpoint, secret }: Created,
): Promise<EndpointCheck> {
  const connectionId = findings.connection.id
  const endpoints = [...findings.endpoints, endpoint]
  const endpointCheck = toEndpointCheck({ endpoints, ours: endpoint }, ground.database.clock.now())
  await inScope(ground.database, request.scope, async (rows) => {
    await updateConnection(rows, connectionId, { stripeEndpointId: endpoint.id, isEndpointOurs: true, endpointCheck })
    await addEndpointSecret(rows, ground.box, { connectionId, secret, source: 'created', actor: request.actor })
    const after = { address: endpoint.url, secret: dots(secret.reveal().slice(-4)) }
    noteAudit(rows, { action: 'endpoint.created', object: { kind: 'endpoint', id: endpoint.id }, after })
  })
  return endpointCheck
}

/** After the new one stands: deliveries signed by the old secret are still accepted for 24 hours. */
async function retire(
  ground: ConnectionGround,
  scope: StripeScope,
  { ours, wasMadeByUs, replacedBy }: { ours: EndpointSeen; wasMadeByUs: boolean; replacedBy: string },
): Promise<void> {
  const idempotencyKey = `endpoint:${ours.id}:retire:${replacedBy}`
  if (wasMadeByUs) await ground.stripe.deleteEndpoint(scope, ours.id, { idempotencyKey })
  else
    await ground.stripe.updateEndpoint(scope, ours.id, { events: ours.enabledEvents, isEnabled: false, idempotencyKey })
}

/** Turns a fault of the outside into the sentence a person acts on; missing rights on endpoints have their own (UI-129). */
export async function withFaultsExplained<Value>(
  work: () => Promise<Outcome<Value, ConnectionProblem>>,
): Promise<Outcome<Value, ConnectionProblem>> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
    return refusalOfEndpointFault(error)
  }
}

export function refusalOfEndpointFault(fault: StripeFault): Refused {
  if (fault.isOutcomeUnknown) return refuse('answer_lost')
  const isAboutEndpoints = fault.operation.startsWith('webhook_endpoints')
  return fault.kind === 'permission' && isAboutEndpoints ? refuse('endpoint_permission') : refusalOfFault(fault)
}
