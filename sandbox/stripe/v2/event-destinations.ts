/**
 * `/v2/core/event_destinations`: endpoints that may also take thin events, an id and a pointer instead of the object. Kept as
 * endpoints, so that routing, retries and secrets are one. The secret is in the answer of the creation, and only for who asked
 * for it by `include` (SBX-45). Sixteen places are shared with v1, and neither lists what the other made [U].
 */
import type Stripe from 'stripe'
import { checkEvents, checkPlace, checkUrl } from '../delivery/endpoint-wishes.ts'
import { newSecret } from '../delivery/secrets.ts'
import { missing, refuse } from '../errors.ts'
import { connectNotEnabled } from '../facts.ts'
import { applicationOf } from '../parts/application.ts'
import { operation, plain } from '../protocol/operation.ts'
import type { Call, ObjectModule, Result } from '../protocol/operation.ts'
import {
  changeMetadata,
  group,
  integer,
  list,
  metadata,
  objectId,
  oneOf,
  required,
  text,
  url,
} from '../protocol/parameters.ts'
import { isKnownVersion } from '../protocol/versions.ts'
import type { EventDestination, Row } from '../world/kinds.ts'

const path = '/v2/core/event_destinations'

type Destination = Stripe.V2.Core.EventDestination
type Include = 'webhook_endpoint.signing_secret' | 'webhook_endpoint.url'

const withUrl = { include: list(oneOf('webhook_endpoint.url')) }
const eventList = list(text(200), { min: 1 })
const target = group({ url: required(url()) })

function present(row: Row<'webhook_endpoint'>, include: readonly Include[] = []): Destination {
  const { object, hidden } = row
  const { name, payload, eventsFrom, updatedAt } = destinationOf(row)
  const shown: Destination = {
    id: row.id,
    object: 'v2.core.event_destination',
    created: new Date(object.created * 1000).toISOString(),
    description: object.description ?? '',
    enabled_events: object.enabled_events,
    event_payload: payload,
    events_from: [...eventsFrom],
    livemode: object.livemode,
    metadata: object.metadata,
    name,
    status: object.status === 'enabled' ? 'enabled' : 'disabled',
    type: 'webhook_endpoint',
    updated: new Date(updatedAt).toISOString(),
    webhook_endpoint: {
      ...(include.includes('webhook_endpoint.signing_secret') && { signing_secret: hidden.secret }),
      ...(include.includes('webhook_endpoint.url') && { url: object.url }),
    },
  }
  if (object.api_version !== null) shown.snapshot_api_version = object.api_version
  if (shown.status === 'disabled') shown.status_details = { disabled: { reason: 'user' } }
  return shown
}

function destinationOf({ id, hidden }: Row<'webhook_endpoint'>): EventDestination {
  if (hidden.destination === null) throw new Error(`${id} is no event destination.`)
  return hidden.destination
}

function show(row: Row<'webhook_endpoint'>, include?: readonly Include[]): Result {
  return plain(present(row, include))
}

function getDestination(call: Call<unknown>): Row<'webhook_endpoint'> {
  const id = String(call.path['id'])
  const row = call.space.find('webhook_endpoint', id)
  if (row === undefined || row.hidden.destination === null)
    throw missing('event destination', id, { param: 'id', status: 404 })
  return row
}

/** Writes the named fields and notes when. */
function change(
  call: Call<unknown>,
  changes: { readonly object?: Partial<Stripe.WebhookEndpoint>; readonly name?: string | undefined },
): Row<'webhook_endpoint'> {
  const before = getDestination(call)
  const { name = destinationOf(before).name } = changes
  const destination = { ...destinationOf(before), name, updatedAt: call.world.nowMs() }
  return call.space.update('webhook_endpoint', before.id, {
    ...(changes.object !== undefined && { object: changes.object }),
    hidden: { destination, ...(changes.object?.status === 'enabled' && { failingSince: null }) },
  })
}

function checkVersion(payload: EventDestination['payload'], version: string | undefined): void {
  if (version === undefined) return
  if (payload === 'thin' || !isKnownVersion(version))
    throw refuse(`Invalid snapshot_api_version: ${version}`, { param: 'snapshot_api_version' })
}

/** Thin events of v1 objects are called 'v1.…'. */
function prefixOf(payload: EventDestination['payload']): string {
  return payload === 'thin' ? 'v1.' : ''
}

const create = operation({
  method: 'POST',
  path,
  permission: 'webhook_write',
  parameters: {
    description: text(),
    enabled_events: required(eventList),
    event_payload: required(oneOf('snapshot', 'thin')),
    events_from: list(oneOf('@self', '@accounts'), { min: 1 }),
    include: list(oneOf('webhook_endpoint.signing_secret', 'webhook_endpoint.url')),
    metadata: metadata(),
    name: required(text()),
    snapshot_api_version: text(50),
    type: required(oneOf('webhook_endpoint')),
    webhook_endpoint: required(target),
  },
  unsupported: ['amazon_eventbridge', 'azure_event_grid'],
  run(call) {
    const { space, params, world } = call
    const payload = params.event_payload
    const eventsFrom = params.events_from ?? ['@self']
    const isConnect = eventsFrom.includes('@accounts')
    if (isConnect && !call.account.hidden.isPlatform) throw refuse(connectNotEnabled, { param: 'events_from' })
    checkUrl(space, params.webhook_endpoint.url, 'webhook_endpoint[url]')
    checkEvents(params.enabled_events, prefixOf(payload))
    checkVersion(payload, params.snapshot_api_version)
    checkPlace(space)
    const id = world.ids.id(space.isLive ? 'ed' : 'ed_test')
    const row = space.insert('webhook_endpoint', id, {
      object: {
        id,
        object: 'webhook_endpoint',
        api_version: params.snapshot_api_version ?? null,
        application: isConnect ? applicationOf(space.accountId) : null,
        created: world.nowSeconds(),
        description: params.description ?? null,
        enabled_events: [...params.enabled_events],
        livemode: space.isLive,
        metadata: changeMetadata({}, params.metadata),
        status: 'enabled',
        url: params.webhook_endpoint.url,
      },
      hidden: {
        isConnect,
        secret: newSecret(world),
        olderSecrets: [],
        failingSince: null,
        destination: { name: params.name, payload, eventsFrom, updatedAt: world.nowMs() },
      },
    })
    return show(row, params.include)
  },
})

const update = operation({
  method: 'POST',
  path: `${path}/:id`,
  permission: 'webhook_write',
  parameters: {
    ...withUrl,
    description: text(),
    enabled_events: eventList,
    metadata: metadata(),
    name: text(),
    webhook_endpoint: target,
  },
  run(call) {
    const { params, space } = call
    const before = getDestination(call)
    const { description, enabled_events: types, webhook_endpoint: place } = params
    if (place !== undefined) checkUrl(space, place.url, 'webhook_endpoint[url]')
    if (types !== undefined) checkEvents(types, prefixOf(destinationOf(before).payload))
    const object = {
      metadata: changeMetadata(before.object.metadata, params.metadata),
      ...(description !== undefined && { description }),
      ...(types !== undefined && { enabled_events: [...types] }),
      ...(place !== undefined && { url: place.url }),
    }
    return show(change(call, { object, name: params.name }), params.include)
  },
})

/** Newest first; the next page is an address, as everywhere in v2. */
const listAll = operation({
  method: 'GET',
  path,
  permission: 'webhook_read',
  parameters: { ...withUrl, limit: integer({ min: 1, max: 100 }), page: objectId() },
  run(call) {
    const { include, limit = 20, page } = call.params
    const below = page === undefined ? undefined : call.space.find('webhook_endpoint', page)?.sequence
    if (page !== undefined && below === undefined) throw refuse(`Invalid page: ${page}`, { param: 'page' })
    const where = ({ hidden }: Row<'webhook_endpoint'>): boolean => hidden.destination !== null
    const rows = [...call.space.newestFirst('webhook_endpoint', { where, below })]
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const parts = (include ?? []).map((part, place) => `&include[${place}]=${part}`).join('')
    const next = rows.length > limit && last !== undefined ? `${path}?page=${last.id}&limit=${limit}${parts}` : null
    return plain({ data: shown.map((row) => present(row, include)), next_page_url: next, previous_page_url: null })
  },
})

export const v2EventDestinations: ObjectModule = {
  operations: [
    create,
    listAll,
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'webhook_read',
      parameters: withUrl,
      run: (call) => show(getDestination(call), call.params.include),
    }),
    update,
    operation({
      method: 'POST',
      path: `${path}/:id/disable`,
      permission: 'webhook_write',
      parameters: {},
      run: (call) => show(change(call, { object: { status: 'disabled' } })),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/enable`,
      permission: 'webhook_write',
      parameters: {},
      run: (call) => show(change(call, { object: { status: 'enabled' } })),
    }),
    operation({
      method: 'DELETE',
      path: `${path}/:id`,
      permission: 'webhook_write',
      parameters: {},
      run(call) {
        const { id } = getDestination(call)
        call.space.remove('webhook_endpoint', id)
        return plain({ id, object: 'v2.core.event_destination' })
      },
    }),
  ],
}
