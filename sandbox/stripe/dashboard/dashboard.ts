/** What the console and the dashboards read and do: questions across all accounts, and the deeds of an account's owner. */
import { newestOf, viewDelivery, viewEvent } from '../console.ts'
import { recommendedPermissions } from '../facts.ts'
import { knownEventTypes } from '../protocol/known-names.ts'
import type { DeliveryView } from '../views.ts'
import type { Kind, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { actAsOwner } from './owner.ts'
import type { OwnerAct, OwnerAnswer, OwnerParts } from './owner.ts'
import type {
  AccountRecord,
  BalanceView,
  DeliveryState,
  EventFilter,
  EventWithDeliveries,
  KeyView,
  ObjectSelection,
  PermissionView,
  Place,
  WireObject,
} from './views.ts'

export class Dashboard {
  readonly #parts: OwnerParts

  constructor(parts: OwnerParts) {
    this.#parts = parts
  }

  /** Does what the owner of an account wishes, as by hand in Stripe's dashboard. Refusals are answered, not thrown. */
  act(act: OwnerAct): OwnerAnswer {
    return actAsOwner(this.#parts, act)
  }

  /** Every key an account ever had, the newest first. */
  listKeys(accountId: string): readonly KeyView[] {
    const rows = this.#parts.world.root.newestFirst('key', { by: ['account', accountId] })
    return [...rows].map(({ object: { key, mode, kind, state, permissions } }) => ({
      key,
      mode,
      kind,
      state,
      permissions,
    }))
  }

  /** The permissions a restricted key may be given: those some operation of this sandbox asks for. */
  listPermissions(): readonly PermissionView[] {
    const names = new Set([...this.#parts.router.operations.map((one) => one.permission), ...recommendedPermissions])
    const resources = new Set([...names].map((name) => name.replace(/_(?:read|write)$/, '')))
    return [...resources].toSorted().map((resource) => ({
      resource,
      canRead: names.has(`${resource}_read`) || names.has(`${resource}_write`),
      canWrite: names.has(`${resource}_write`),
    }))
  }

  /** Every event type an endpoint can ask for. */
  listKnownEventTypes(): readonly string[] {
    return [...knownEventTypes]
  }

  /** An account as Stripe tells of it, with what only the sandbox knows; null when there is none. */
  findAccount(accountId: string): AccountRecord | null {
    const row = this.#parts.world.root.find('account', accountId)
    if (row === undefined) return null
    const { object, hidden } = row
    return {
      object: object as unknown as AccountRecord['object'],
      platform: hidden.connection?.platform ?? null,
      settings: { ...hidden.settings },
    }
  }

  /** Objects of one account and mode as the API shows them, the newest first. */
  listObjects(place: Place, kind: Kind, { limit, by }: ObjectSelection): readonly WireObject[] {
    const found: WireObject[] = []
    for (const row of this.#parts.world.space(place.account, place.mode).newestFirst(kind, { by })) {
      if (found.length === limit) break
      found.push(row.object as unknown as WireObject)
    }
    return found
  }

  /** An object of any account by its id, and where it is. */
  findObject(kind: Kind, id: string): (Place & { readonly object: WireObject }) | null {
    for (const space of this.#parts.world.spaces()) {
      const row = space.find(kind, id)
      if (row === undefined) continue
      return { account: space.accountId, mode: space.mode, object: row.object as unknown as WireObject }
    }
    return null
  }

  /** What an account has in each currency, in minor units. */
  readBalance({ account, mode }: Place): readonly BalanceView[] {
    const sheet = this.#parts.world.space(account, mode).find('balance_sheet', 'balance')?.object
    const currencies = Object.keys({ ...sheet?.available, ...sheet?.pending })
    return currencies.map((currency) => ({
      currency,
      availableMinor: sheet?.available[currency] ?? 0,
      pendingMinor: sheet?.pending[currency] ?? 0,
    }))
  }

  /** What the restricted key of each account starts with. */
  get recommendedPermissions(): readonly string[] {
    return recommendedPermissions
  }

  /** Events that match, newest first, each with its deliveries. */
  findEvents(filter: EventFilter): readonly EventWithDeliveries[] {
    const where = (space: Space, row: Row<'event'>): boolean => fits(space, row, filter)
    return newestOf(this.#parts.world, 'event', { limit: filter.limit, where }).map(({ space, row }) => ({
      event: viewEvent(space, row),
      deliveries: deliveriesOf(space, row.id).map((delivery) => viewDelivery(space, delivery)),
    }))
  }

  findEvent(eventId: string): EventWithDeliveries | null {
    for (const space of this.#parts.world.spaces()) {
      const row = space.find('event', eventId)
      if (row === undefined) continue
      const deliveries = deliveriesOf(space, eventId).map((delivery) => viewDelivery(space, delivery))
      return { event: viewEvent(space, row), deliveries }
    }
    return null
  }

  /** Types of the events there are, in alphabetical order. */
  listEventTypes(): readonly string[] {
    const types = new Set<string>()
    for (const space of this.#parts.world.spaces())
      for (const { object } of space.oldestFirst('event')) types.add(object.type)
    return [...types].toSorted()
  }

  /** Deliveries that wait for another try or have failed for good, the newest first. */
  findUndelivered(limit: number): readonly DeliveryView[] {
    const where = (_: Space, { object }: Row<'delivery'>): boolean =>
      object.state === 'failed' || (object.state === 'pending' && object.tries.length > 0)
    return newestOf(this.#parts.world, 'delivery', { limit, where }).map(({ space, row }) => viewDelivery(space, row))
  }

  /** How many deliveries an endpoint took and how many it was sent. */
  countDeliveries(endpointId: string): { readonly accepted: number; readonly total: number } {
    let [accepted, total] = [0, 0]
    for (const space of this.#parts.world.spaces()) {
      for (const { object } of space.oldestFirst('delivery', { by: ['endpoint', endpointId] })) {
        total += 1
        if (object.state === 'delivered') accepted += 1
      }
    }
    return { accepted, total }
  }
}

function deliveriesOf(space: Space, eventId: string): readonly Row<'delivery'>[] {
  return [...space.oldestFirst('delivery', { by: ['event', eventId] })]
}

function fits(space: Space, row: Row<'event'>, { account, mode, type, state, id }: EventFilter): boolean {
  if (account !== undefined && space.accountId !== account) return false
  if (mode !== undefined && space.mode !== mode) return false
  if (type !== undefined && row.object.type !== type) return false
  if (id !== undefined && !row.id.includes(id) && !objectIdOf(row).includes(id)) return false
  if (state === undefined) return true
  const actual = stateOf(space, row.id)
  return actual === state || (state === 'undelivered' && (actual === 'failed' || actual === 'pending'))
}

function objectIdOf({ object }: Row<'event'>): string {
  const { id } = object.data.object as { readonly id?: unknown }
  return typeof id === 'string' ? id : ''
}

/** The worst that happened to any of its deliveries. */
function stateOf(space: Space, eventId: string): DeliveryState {
  const states = new Set(deliveriesOf(space, eventId).map(({ object }) => object.state))
  return (['failed', 'pending', 'delivered'] as const).find((state) => states.has(state)) ?? 'unwanted'
}
