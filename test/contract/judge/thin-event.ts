/**
 * Thin events of v2: an id and a pointer instead of the object. The declarations give no schema for what is delivered, so the rules
 * stand here by hand, as Stripe's documentation of thin events has them.
 */
type Rule = readonly [path: string, holds: (event: Record<string, unknown>) => boolean, problem: string]

const known = new Set(['id', 'object', 'type', 'livemode', 'created', 'context', 'related_object'])
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

const rules: readonly Rule[] = [
  ['/id', ({ id }) => typeof id === 'string' && id.startsWith('evt_'), 'is no id of an event'],
  ['/livemode', ({ livemode }) => typeof livemode === 'boolean', 'is no boolean'],
  ['/created', ({ created }) => typeof created === 'string' && instant.test(created), 'is no instant of v2'],
  ['/related_object', ({ related_object: pointer }) => isPointer(pointer), 'is no pointer'],
  ['', (event) => Object.keys(event).every((name) => known.has(name)), 'has a field that thin events do not have'],
]

export function isThinEvent(event: unknown): event is Record<string, unknown> {
  return typeof event === 'object' && event !== null && 'object' in event && event.object === 'v2.core.event'
}

/** @param knowsType whether a snapshot event of this type exists; thin ones are called 'v1.' and that. */
export function judgeThinEvent(event: Record<string, unknown>, knowsType: (type: string) => boolean) {
  const broken = rules.filter(([, holds]) => !holds(event)).map(([path, , problem]) => ({ path, problem }))
  const { type } = event
  const isKnown = typeof type === 'string' && type.startsWith('v1.') && knowsType(type.slice('v1.'.length))
  return isKnown ? broken : [...broken, { path: '/type', problem: 'is a type of event the contract does not know' }]
}

function isPointer(pointer: unknown): boolean {
  if (pointer === null) return true
  const { id, type, url } = (pointer ?? {}) as Record<string, unknown>
  return [id, type, url].every((one) => typeof one === 'string') && String(url).startsWith('/v')
}
