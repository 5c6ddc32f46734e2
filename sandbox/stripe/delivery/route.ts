/** Which endpoints an event goes to (SBX-34): the enabled ones of its own account and mode that asked for its type. */
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** Puts one delivery per endpoint in line; they leave once the change that caused the event is safe. */
export function routeEvent(space: Space, event: Row<'event'>): void {
  const { world } = space
  const type = event.object.type
  for (const endpoint of space.oldestFirst('webhook_endpoint')) {
    const { status, enabled_events: wanted } = endpoint.object
    if (status !== 'enabled' || !(wanted.includes(type) || wanted.includes('*'))) continue
    const id = world.ids.id('dlv')
    const now = world.nowMs()
    space.insert('delivery', id, {
      object: {
        event: event.id,
        eventType: type,
        endpoint: endpoint.id,
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
}
