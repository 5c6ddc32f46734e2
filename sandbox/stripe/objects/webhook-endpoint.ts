/** Webhook endpoints (SBX-33). The signing secret is in the answer of the creation and nowhere else. */
import { checkEvents, checkPlace, checkUrl } from '../delivery/endpoint-wishes.ts'
import { newSecret } from '../delivery/secrets.ts'
import { missing, refuse } from '../errors.ts'
import { connectNotEnabled } from '../facts.ts'
import { applicationOf } from '../parts/application.ts'
import { getByPath } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, clearable, flag, list, metadata, required, text, url } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import { isKnownVersion } from '../protocol/versions.ts'

const eventList = list(text(200), { min: 1 })

/** Destinations of v2 are none of v1. */
function getEndpoint(call: Call<unknown>): Row<'webhook_endpoint'> {
  const row = getByPath(call, 'webhook_endpoint')
  if (row.hidden.destination === null) return row
  throw missing('webhook endpoint', row.id, { param: 'id', status: 404 })
}

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
        checkPlace(space)
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
          hidden: { isConnect, secret, olderSecrets: [], failingSince: null, destination: null },
        })
        return shown(row, { secret })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/webhook_endpoints',
      permission: 'webhook_read',
      parameters: pagination,
      run: (call) =>
        listPage(call, {
          kind: 'webhook_endpoint',
          url: '/v1/webhook_endpoints',
          where: ({ hidden }) => hidden.destination === null,
        }),
    }),
    operation({
      method: 'GET',
      path: '/v1/webhook_endpoints/:id',
      permission: 'webhook_read',
      parameters: {},
      run: (call) => shown(getEndpoint(call)),
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
        const before = getEndpoint(call)
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
        const { id } = getEndpoint(call)
        call.space.remove('webhook_endpoint', id)
        return plain({ id, object: 'webhook_endpoint', deleted: true })
      },
    }),
  ],
}
