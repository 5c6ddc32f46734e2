/** What an endpoint may be told, over v1 and v2 alike (SBX-33): where to send, which events, and how many there can be. */
import { refuse } from '../errors.ts'
import { endpointLimit } from '../facts.ts'
import { knownEventTypes } from '../protocol/known-names.ts'
import type { Space } from '../world/space.ts'

const loopback = ['127.0.0.1', 'localhost', '[::1]', '::1']

/** Throws StripeRefusal for an address deliveries cannot go to. In live mode only loopback may do without https. */
export function checkUrl(space: Space, address: string, param = 'url'): void {
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw refuse('Invalid URL: URL must be an HTTP or HTTPS URL.', { code: 'url_invalid', param })
  if (space.isLive && protocol === 'http:' && !loopback.includes(hostname)) {
    throw refuse('Invalid URL: an endpoint in live mode must use HTTPS.', { code: 'url_invalid', param })
  }
}

export function checkEvents(types: readonly string[], prefix = ''): void {
  const stranger = types.findIndex((type) => type !== '*' && !isKnown(type, prefix))
  if (stranger === -1) return
  throw refuse(`Invalid enabled_events[${stranger}]: '${types[stranger]}' is not an event type Stripe sends.`, {
    param: `enabled_events[${stranger}]`,
  })
}

/** Throws StripeRefusal when the account has as many endpoints in this mode as there can be. */
export function checkPlace(space: Space): void {
  if (space.table('webhook_endpoint').size >= endpointLimit) {
    throw refuse(`You have reached the maximum of ${endpointLimit} ${space.mode} webhook endpoints.`)
  }
}

function isKnown(type: string, prefix: string): boolean {
  return type.startsWith(prefix) && knownEventTypes.has(type.slice(prefix.length))
}
