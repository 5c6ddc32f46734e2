/** Webhook endpoints (SBX-33). The signing secret is in the answer of the creation and nowhere else. */
import { newSecret } from '../delivery/secrets.ts'
import { refuse } from '../errors.ts'
import { connectNotEnabled, endpointLimit } from '../facts.ts'
import { applicationOf } from '../parts/application.ts'
import { getByPath } from '../parts/reference.ts'
import { knownEventTypes } from '../protocol/known-names.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, clearable, flag, list, metadata, required, text, url } from '../protocol/parameters.ts'
import type { Space } from '../world/space.ts'
import { isKnownVersion } from '../protocol/versions.ts'

const loopback = ['127.0.0.1', 'localhost', '[::1]', '::1']

/** Throws StripeRefusal for an address deliveries cannot go to. In live mode only loopback may do without https. */
function checkUrl(space: Space, address: string): void {
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw refuse('Invalid URL: URL must be an HTTP or HTTPS URL.', { code: 'url_invalid', param: 'url' })
  if (space.isLive && protocol === 'http:' && !loopback.includes(hostname)) {
    throw refuse('Invalid URL: an endpoint in live mode must use HTTPS.', { code: 'url_invalid', param: 'url' })
  }
}

function checkEvents(types: readonly string[]): void {
  const stranger = types.findIndex((type) => type !== '*' && !knownEventTypes.has(type))
  if (stranger === -1) return
  throw refuse(`Invalid enabled_events[${stranger}]: '${types[stranger]}' is not an event type Stripe sends.`, {
    param: `enabled_events[${stranger}]`,
  })
}

const eventList = list(text(200), { min: 1 })

export const webhookEndpoints: ObjectModule = {
  operations: [
    operation({
      method: 'POST',
      path: '/v1/webhook_endpoints',
      permission: 'webhook_write',
      parameters: {
        url: required(url()),
        enabled_events: required(eventList),
        api_version: text(50),
        connect: flag(),
        description: clearable(text()),
        metadata: metadata(),
      },
      run(call) {
        const { space, params } = call
        const isConnect = params.connect === true
        if (isConnect && !call.account.hidden.isPlatform) {
          throw refuse(connectNotEnabled, { param: 'connect' })
        }
        checkUrl(space, params.url)
        checkEvents(params.enabled_events)
        if (params.api_version !== undefined && !isKnownVersion(params.api_version)) {
          throw refuse(`Invalid Stripe API version: ${params.api_version}`, { param: 'api_version' })
        }
        if (space.table('webhook_endpoint').size >= endpointLimit) {
          throw refuse(`You have reached the maximum of ${endpointLimit} ${space.mode} webhook endpoints.`)
        }
        const newId = space.world.ids.id('we')
        const secret = newSecret(space.world)
        const row = space.insert('webhook_endpoint', newId, {
          object: {
            id: newId,
            object: 'webhook_endpoint',
            api_version: params.api_version ?? null,
            application: isConnect ? applicationOf(space.accountId) : null,
            created: space.world.nowSeconds(),
            description: params.description ?? null,
            enabled_events: [...params.enabled_events],
            livemode: space.isLive,
            metadata: changeMetadata({}, params.metadata),
            status: 'enabled',
            url: params.url,
          },
          hidden: { isConnect, secret, olderSecrets: [], failingSince: null },
        })
        return shown(row, { secret })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/webhook_endpoints',
      permission: 'webhook_read',
      parameters: pagination,
      run: (call) => listPage(call, { kind: 'webhook_endpoint', url: '/v1/webhook_endpoints' }),
    }),
    operation({
      method: 'GET',
      path: '/v1/webhook_endpoints/:id',
      permission: 'webhook_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'webhook_endpoint')),
    }),
    operation({
      method: 'POST',
      path: '/v1/webhook_endpoints/:id',
      permission: 'webhook_write',
      parameters: {
        url: url(),
        enabled_events: eventList,
        disabled: flag(),
        description: clearable(text()),
        metadata: metadata(),
      },
      run(call) {
        const { space, params } = call
        const before = getByPath(call, 'webhook_endpoint')
        if (params.url !== undefined) checkUrl(space, params.url)
        if (params.enabled_events !== undefined) checkEvents(params.enabled_events)
        return shown(
          space.update('webhook_endpoint', before.id, {
            object: {
              metadata: changeMetadata(before.object.metadata, params.metadata),
              ...(params.url !== undefined && { url: params.url }),
              ...(params.enabled_events !== undefined && { enabled_events: [...params.enabled_events] }),
              ...(params.disabled !== undefined && { status: params.disabled ? 'disabled' : 'enabled' }),
              ...(params.description !== undefined && { description: params.description }),
            },
            // Whoever switches it on again gets three new days.
            ...(params.disabled === false && { hidden: { failingSince: null } }),
          }),
        )
      },
    }),
    operation({
      method: 'DELETE',
      path: '/v1/webhook_endpoints/:id',
      permission: 'webhook_write',
      parameters: {},
      run(call) {
        const { id } = getByPath(call, 'webhook_endpoint')
        call.space.remove('webhook_endpoint', id)
        return plain({ id, object: 'webhook_endpoint', deleted: true })
      },
    }),
  ],
}
