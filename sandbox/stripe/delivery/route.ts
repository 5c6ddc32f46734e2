/**
 * Which endpoints an event goes to (SBX-34): those of its own account and mode, and, when the account is connected, the
 * Connect endpoints of its platform. A live Connect endpoint hears of test events too, as at Stripe.
 */
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

interface Audience {
  readonly space: Space
  /** Which kind of its endpoints listens. */
  readonly isConnect: boolean
}

/** Puts one delivery per endpoint in line; they leave once the change that caused the event is safe. */
export function routeEvent(space: Space, event: Row<'event'>): void {
  for (const { space: holder, isConnect } of audiencesOf(space)) {
    for (const endpoint of holder.oldestFirst('webhook_endpoint')) {
      const isMeant = endpoint.object.status === 'enabled' && listensTo(endpoint, isConnect)
      if (isMeant && wants(endpoint, event.object.type)) putInLine(space, event, { holder, endpoint })
    }
  }
}

/** A destination of v2 may hear of both its own account and those connected to it. */
function listensTo({ hidden }: Row<'webhook_endpoint'>, isConnect: boolean): boolean {
  if (hidden.destination === null) return hidden.isConnect === isConnect
  return hidden.destination.eventsFrom.includes(isConnect ? '@accounts' : '@self')
}

/** Thin events of v1 objects have names of their own. */
function wants({ object, hidden }: Row<'webhook_endpoint'>, type: string): boolean {
  const name = hidden.destination?.payload === 'thin' ? `v1.${type}` : type
  return object.enabled_events.includes(name) || object.enabled_events.includes('*')
}

/** The account of the platform this account is connected to, when it is. */
export function platformOf(space: Space): string | null {
  return space.world.root.find('account', space.accountId)?.hidden.platform ?? null
}

function audiencesOf(space: Space): Audience[] {
  const own = { space, isConnect: false }
  const platform = platformOf(space)
  if (platform === null) return [own]
  const modes = space.isLive ? (['live'] as const) : (['test', 'live'] as const)
  return [own, ...modes.map((mode) => ({ space: space.world.space(platform, mode), isConnect: true }))]
}

function putInLine(
  space: Space,
  event: Row<'event'>,
  to: { readonly holder: Space; readonly endpoint: Row<'webhook_endpoint'> },
): void {
  const { world } = space
  const id = world.ids.id('dlv')
  const now = world.nowMs()
  space.insert('delivery', id, {
    object: {
      event: event.id,
      eventType: event.object.type,
      endpoint: to.endpoint.id,
      endpointAccount: to.holder.accountId,
      endpointMode: to.holder.mode,
      state: 'pending',
      nextTryAt: now,
      automaticTries: 0,
      createdAt: now,
      tries: [],
    },
    hidden: {},
  })
  world.afterCommit(() => world.startDelivery(space, id))
}
