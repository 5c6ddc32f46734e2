/** What the console and the control API read: accounts, events, deliveries, endpoints, health, across all accounts. */
import { endpointOf } from './delivery/endpoint.ts'
import type { Connection } from './connect/kinds.ts'
import { buildBody } from './delivery/message.ts'
import { readKeySet } from './objects/account.ts'
import { presentEvent } from './objects/event.ts'
import { auditBooks } from './payouts/audit.ts'
import type { Faults } from './faults/faults.ts'
import type { RequestLog } from './protocol/request-log.ts'
import type { AccountView, DeliveryView, EndpointView, EventView, HealthView } from './views.ts'
import type { Kind, Row } from './world/kinds.ts'
import type { Space } from './world/space.ts'
import type { World } from './world/world.ts'

export function viewAccounts(world: World): readonly AccountView[] {
  return [...world.root.oldestFirst('account')].map(({ id, object, hidden }) => ({
    id,
    name: hidden.name,
    country: object.country ?? '',
    defaultCurrency: object.default_currency ?? '',
    isPlatform: hidden.isPlatform,
    connectedTo: describeConnection(hidden.connection),
    keys: { test: readKeySet(world, id, 'test'), live: readKeySet(world, id, 'live') },
  }))
}

function describeConnection(connection: Connection | null): AccountView['connectedTo'] {
  return connection === null ? null : { platform: connection.platform, mode: connection.mode }
}

export function viewEvents(world: World, limit: number): readonly EventView[] {
  return newestOf(world, 'event', limit).map(({ space, row }) => {
    const event = presentEvent(space, row)
    const object = event.data.object as Readonly<Record<string, unknown>>
    return {
      id: row.id,
      type: event.type,
      createdAt: new Date(event.created * 1000),
      accountId: space.accountId,
      mode: space.mode,
      objectId: typeof object['id'] === 'string' ? object['id'] : '',
      pendingWebhooks: event.pending_webhooks,
      object,
    }
  })
}

export function viewDeliveries(world: World, limit: number): readonly DeliveryView[] {
  return newestOf(world, 'delivery', limit).map(({ space, row }) => {
    const { object } = row
    const event = space.find('event', object.event)
    const endpoint = endpointOf(world, row)
    const body = event === undefined ? '' : buildBody(space, event, { endpoint })
    return {
      id: row.id,
      eventId: object.event,
      eventType: object.eventType,
      endpointId: object.endpoint,
      url: endpoint?.object.url ?? 'an endpoint that was deleted',
      accountId: space.accountId,
      mode: space.mode,
      state: object.state,
      nextTryAt: object.nextTryAt === null ? null : new Date(object.nextTryAt),
      tries: object.tries.map(({ at, ...made }) => ({ ...made, at: new Date(at), requestBody: body })),
    }
  })
}

export function viewEndpoints(world: World): readonly EndpointView[] {
  return newestOf(world, 'webhook_endpoint', Infinity).map(({ space, row: { id, object, hidden } }) => ({
    id,
    accountId: space.accountId,
    mode: space.mode,
    url: object.url,
    status: object.status === 'enabled' ? 'enabled' : 'disabled',
    enabledEvents: object.enabled_events,
    apiVersion: object.api_version,
    description: object.description,
    isConnect: hidden.isConnect,
    secret: hidden.secret,
    olderSecrets: hidden.olderSecrets
      .filter(({ endsAt }) => world.nowMs() < endsAt)
      .map((older) => ({ secret: older.secret, endsAt: new Date(older.endsAt) })),
    createdAt: new Date(object.created * 1000),
  }))
}

/** Cheap enough for every page: the books are counted anew only when `isThorough`. */
export function viewHealth(world: World, parts: { faults: Faults; log: RequestLog; isThorough: boolean }): HealthView {
  const audits = parts.isThorough ? world.spaces().flatMap((space) => auditBooks(space)) : []
  const problems = [...world.problems, ...audits]
  return {
    ok: problems.length === 0,
    now: new Date(world.nowMs()),
    problems,
    activeFaults: parts.faults.list().length,
    objects: world.spaces().reduce((sum, space) => sum + space.size, 0),
    unsupportedCalls: parts.log.listUnsupported(),
  }
}

function newestOf<K extends Kind>(world: World, kind: K, limit: number): { space: Space; row: Row<K> }[] {
  const found: { space: Space; row: Row<K> }[] = []
  for (const space of world.spaces()) {
    let count = 0
    for (const row of space.newestFirst(kind)) {
      if (count === limit) break
      found.push({ space, row })
      count += 1
    }
  }
  return found.toSorted((one, other) => other.row.sequence - one.row.sequence).slice(0, limit)
}
