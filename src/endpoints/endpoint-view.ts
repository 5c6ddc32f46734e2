/** The endpoint of the operator's own keys as staff see it (UI-150 to UI-152): health with its cause, counts, secrets and rotation. */
import {
  endpointAddresses,
  findOwnKeysConnection,
  hasSharedRoute,
  isRefusingDeliveries,
  isValidAt,
  judgeWebhook,
  listEndpointSecrets,
  type Connection,
  type EndpointSecret,
} from '#connections'
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { endpointEvents } from '#stripe'
import {
  healthDetail,
  healthLabel,
  isRecent,
  isSilentSince,
  judgeHealth,
  refusedCause,
  type EndpointHealth,
} from './health.ts'
import { maskOf } from './installation-endpoints.ts'
import { isOver } from './rotation-state.ts'
import { showRotation, type Rotation, type ShownRotation } from './rotation.ts'
import { findLatestRotation, listHours, readTallies, readWatch, type Hour } from './store.ts'

const hourMs = 3_600_000
const hoursShown = 24
const secretsShown = 10

export type ShownSecret = {
  readonly id: Uuid
  readonly fingerprint: string
  readonly mask: string
  readonly source: EndpointSecret['source']
  readonly state: 'valid' | 'ending' | 'ended'
  readonly validFrom: Date
  readonly validUntil: Date | null
  readonly lastMatchedAt: Date | null
  /** Deliveries it verified since the last rotation began. */
  readonly verified: number
}

export type EndpointView = {
  readonly connectionId: Uuid
  readonly url: string
  readonly otherUrl: string | undefined
  readonly stripeStatus: 'enabled' | 'disabled' | 'absent' | 'unknown'
  readonly health: EndpointHealth
  readonly healthLabel: string
  readonly healthDetail: string
  readonly eventsTotal: number
  readonly missingRequired: readonly string[]
  readonly missingRecommended: readonly string[]
  readonly checkedAt: Date | null
  readonly lastVerifiedAt: Date | null
  readonly lastRefusedAt: Date | null
  /** Why deliveries of the last day were refused, as far as can be told. */
  readonly refusedCause: string | undefined
  readonly hours: readonly Hour[]
  readonly canFix: boolean
  readonly canRotate: boolean
  readonly whyNot: string | undefined
  readonly secrets: readonly ShownSecret[]
  readonly rotation: ShownRotation | undefined
}

/** Undefined without a connection in this mode. */
export async function readEndpoint(rows: ScopedHandle, publicUrl: string): Promise<EndpointView | undefined> {
  const connection = await findOwnKeysConnection(rows)
  if (!connection) return undefined
  const now = rows.clock.now()
  const secrets = await listEndpointSecrets(rows, connection.id)
  const health = await readHealth(rows, connection)
  const addresses = endpointAddresses(publicUrl, connection, await hasSharedRoute(rows, connection.id))
  const check = connection.endpointCheck
  const tallies = await readTallies(rows, connection.id)
  const rotation = await findLatestRotation(rows, connection.id)
  const hours = await readHours(rows, connection.id)
  const missingRequired = check?.isFound ? check.missingRequired : []
  const hasSecret = secrets.some((secret) => isValidAt(secret, now))
  const whyNot = whyNotRotate(connection, { rotation, hasSecret })
  return {
    connectionId: connection.id,
    url: addresses.own,
    otherUrl: addresses.shared,
    stripeStatus: statusOf(connection),
    health,
    healthLabel: healthLabel(health),
    healthDetail: healthDetail(health, missingRequired),
    eventsTotal: endpointEvents.length,
    missingRequired,
    missingRecommended: check?.isFound ? check.missingRecommended : [],
    checkedAt: check ? new Date(check.checkedAt) : null,
    lastVerifiedAt: connection.webhookLastVerifiedAt,
    lastRefusedAt: connection.webhookLastRefusedAt,
    refusedCause: hours.some(({ refused }) => refused > 0) ? refusedCause : undefined,
    hours,
    canFix: Boolean(check?.isFound) && (!check?.isEnabled || missingOf(connection) > 0),
    canRotate: whyNot === undefined,
    whyNot,
    secrets: secrets.slice(0, secretsShown).map((secret) => showSecret(secret, tallies.get(secret.id) ?? 0, now)),
    rotation: rotation && showRotation(rotation, tallies),
  }
}

/** How the endpoint of a connection fares now, from what is known without asking Stripe (STR-47). */
export async function readHealth(rows: ScopedHandle, connection: Connection): Promise<EndpointHealth> {
  const now = rows.clock.now()
  const secrets = await listEndpointSecrets(rows, connection.id)
  const { missedSince } = await readWatch(rows, connection.id)
  return judgeHealth({
    standing: judgeWebhook(connection, secrets, now),
    isFailing: isRefusingDeliveries(connection, secrets, now) && isRecent(connection.webhookLastRefusedAt, now),
    isSilent: isSilentSince(missedSince, now),
  })
}

function missingOf({ endpointCheck }: Connection): number {
  return (endpointCheck?.missingRequired.length ?? 0) + (endpointCheck?.missingRecommended.length ?? 0)
}

function statusOf({ endpointCheck }: Connection): EndpointView['stripeStatus'] {
  if (!endpointCheck) return 'unknown'
  if (!endpointCheck.isFound) return 'absent'
  return endpointCheck.isEnabled ? 'enabled' : 'disabled'
}

function whyNotRotate(
  { endpointCheck, state }: Connection,
  { rotation, hasSecret }: { rotation: Rotation | undefined; hasSecret: boolean },
): string | undefined {
  if (state !== 'connected') return 'Stripe does not accept the keys of this connection at present.'
  if (rotation && !isOver(rotation.state)) return 'A rotation is under way.'
  if (!endpointCheck?.isFound && !hasSecret) return 'There is no endpoint at Stripe yet. Create it first.'
  return undefined
}

function showSecret(secret: EndpointSecret, verified: number, now: Date): ShownSecret {
  const { id, fingerprint, source, notBefore, notAfter, lastMatchedAt } = secret
  const open = notAfter === null ? 'valid' : 'ending'
  return {
    id,
    fingerprint,
    mask: maskOf(secret.last4),
    source,
    state: isValidAt(secret, now) ? open : 'ended',
    validFrom: notBefore,
    validUntil: notAfter,
    lastMatchedAt,
    verified,
  }
}

/** Twenty-four of them, oldest first, hours without a delivery included. */
async function readHours(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Hour[]> {
  const present = Math.floor(rows.clock.now().getTime() / hourMs) * hourMs
  const first = present - (hoursShown - 1) * hourMs
  const found = await listHours(rows, connectionId, new Date(first))
  return Array.from({ length: hoursShown }, (_, place) => {
    const hour = new Date(first + place * hourMs)
    return found.find((one) => one.hour.getTime() === hour.getTime()) ?? { hour, verified: 0, refused: 0 }
  })
}
