/** Events: what happened, with the object as it was then (SBX-31, SBX-32). Written together with the change itself. */
import type Stripe from 'stripe'
import { platformOf, routeEvent } from '../delivery/route.ts'
import { missing, refuse } from '../errors.ts'
import { accountDefaultVersion, eventLifeMs } from '../facts.ts'
import { recordTraffic } from '../../traffic-record.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { flag, isWithin, list, range, text } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'

interface Happening {
  readonly type: string
  /** The object as it is now. */
  readonly object: object
  /** The object as it was, for events about a change. */
  readonly before?: object | undefined
}

/** Records that something happened and puts its deliveries in line. */
export function emit(space: Space, happening: Happening): void {
  const count = space.world.faults.countEvents(space, happening.type)
  for (let written = 0; written < count; written += 1) writeEvent(space, happening)
}

function writeEvent(space: Space, happening: Happening): void {
  const { world } = space
  const id = world.ids.id('evt')
  const previous = happening.before === undefined ? undefined : differenceOf(happening.before, happening.object)
  const event: Stripe.EventBase = {
    id,
    object: 'event',
    ...(platformOf(space) !== null && { account: space.accountId }),
    api_version: accountDefaultVersion,
    created: world.nowSeconds(),
    data: { object: happening.object, ...(previous !== undefined && { previous_attributes: previous }) },
    livemode: space.isLive,
    pending_webhooks: 0,
    request: { id: world.cause?.requestId ?? null, idempotency_key: world.cause?.idempotencyKey ?? null },
    type: happening.type as Stripe.EventBase['type'],
  }
  routeEvent(space, space.insert('event', id, { object: event, hidden: {} }))
  const subject = String((happening.object as { readonly id?: string }).id)
  for (const follow of world.listeners.get(happening.type) ?? []) follow(space, subject)
  recordTraffic(() => ({ kind: 'event', event }))
}

/** The fields that changed, with what they were; a field that is new was null, as in Stripe's `previous_attributes`. */
function differenceOf(before: object, after: object): Record<string, unknown> {
  const old = before as Record<string, unknown>
  const fresh = after as Record<string, unknown>
  const changed: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    if (JSON.stringify(old[name]) === JSON.stringify(fresh[name])) continue
    const isNested = isPlainObject(old[name]) && isPlainObject(fresh[name])
    changed[name] = isNested ? differenceOf(old[name] as object, fresh[name] as object) : (old[name] ?? null)
  }
  return changed
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isUndelivered(space: Space, eventId: string): boolean {
  return [...space.newestFirst('delivery', { by: ['event', eventId] })].some((row) => row.object.state !== 'delivered')
}

/** The event with the number of endpoints that did not take it yet. */
export function presentEvent(space: Space, event: Row<'event'>): Stripe.EventBase {
  const waiting = [...space.newestFirst('delivery', { by: ['event', event.id] })].filter(
    (row) => row.object.state === 'pending',
  )
  return { ...event.object, pending_webhooks: waiting.length }
}

function isFresh(space: Space, event: Row<'event'>): boolean {
  return event.object.created * 1000 > space.world.nowMs() - eventLifeMs
}

/** Drops events that nobody can fetch any more, except those still to be delivered. Oldest first, so it ends early. */
export function forgetOldEvents(world: World): number {
  let forgotten = 0
  for (const space of world.spaces()) {
    const old: string[] = []
    for (const event of space.oldestFirst('event')) {
      if (isFresh(space, event)) break
      if (presentEvent(space, event).pending_webhooks === 0) old.push(event.id)
    }
    if (old.length === 0) continue
    world.transaction(() => {
      for (const id of old) space.remove('event', id)
    })
    forgotten += old.length
  }
  return forgotten
}

/** 'charge.*' stands for every type that starts with 'charge.'. */
function isOfType(type: string, wanted: string): boolean {
  return wanted === '*' || wanted === type || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1)))
}

export const events: ObjectModule = {
  presentations: { event: (space, row) => presentEvent(space, row as Row<'event'>) },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/events',
      permission: 'event_read',
      parameters: {
        ...pagination,
        type: text(200),
        types: list(text(200), { max: 20 }),
        created: range(),
        delivery_success: flag(),
      },
      run(call) {
        const { type, types, created, delivery_success: wantsDelivered } = call.params
        if (type !== undefined && types !== undefined)
          throw refuse('You may pass either type or types, but not both.', { param: 'type' })
        const earliest = Math.max(created?.gte ?? 0, created?.gt ?? 0)
        const wanted = types ?? (type === undefined ? undefined : [type])
        return listPage(call, {
          kind: 'event',
          url: '/v1/events',
          until: (event) => !isFresh(call.space, event) || event.object.created < earliest,
          where: (event) =>
            isFresh(call.space, event) &&
            (wanted === undefined || wanted.some((one) => isOfType(event.object.type, one))) &&
            isWithin(event.object.created, created) &&
            (wantsDelivered === undefined || wantsDelivered !== isUndelivered(call.space, event.id)),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/events/:id',
      permission: 'event_read',
      parameters: {},
      run(call) {
        const id = String(call.path['id'])
        const event = call.space.find('event', id)
        if (event === undefined || !isFresh(call.space, event)) throw missing('event', id, { param: 'id', status: 404 })
        return shown(event)
      },
    }),
  ],
}
