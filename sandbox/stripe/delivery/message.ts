/** What is sent to an endpoint: the event in the endpoint's version, printed as Stripe prints it (SBX-35). */
import { accountDefaultVersion } from '../facts.ts'
import { presentEvent } from '../objects/event.ts'
import { renderFor } from '../protocol/versions.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** What a fault changes in the body; all null or false for an ordinary delivery. */
export interface BodyChange {
  readonly version: string | null
  readonly isThin: boolean
  readonly account: string | null
  readonly flipsLivemode: boolean
}

const unchanged: BodyChange = { version: null, isThin: false, account: null, flipsLivemode: false }

/** The endpoint is undefined once it was deleted: then the text is what an endpoint without a version would have got. */
export function buildBody(
  space: Space,
  event: Row<'event'>,
  { endpoint, change = unchanged }: { endpoint: Row<'webhook_endpoint'> | undefined; change?: BodyChange },
): string {
  const version = change.version ?? endpoint?.object.api_version ?? accountDefaultVersion
  const { account: origin, ...shown } = presentEvent(space, event)
  const isLive = shown.livemode !== change.flipsLivemode
  const owner = origin === undefined ? space : space.world.space(origin, space.mode)
  const object = renderFor(version, shown.data.object as Record<string, unknown>, owner)
  // Only who hears of several accounts is told which one it was.
  const isTold = endpoint?.hidden.isConnect !== false && origin !== undefined
  const account = change.account ?? (isTold ? origin : null)
  const isThin = change.isThin !== (endpoint?.hidden.destination?.payload === 'thin')
  const said = isThin
    ? buildThin(event, { isLive, account })
    : {
        ...shown,
        ...(account !== null && { account }),
        livemode: isLive,
        api_version: version,
        data: { ...shown.data, object },
      }
  return JSON.stringify(said, null, 2)
}

/**
 * The event as a v2 destination is told of it: what happened and where to read it (stripe docs: thin events). Its id is the
 * snapshot's own [U].
 */
export function buildThin(
  event: Row<'event'>,
  told: { isLive: boolean; account: string | null },
): Record<string, unknown> {
  const { id, type, created, data } = event.object
  const { id: objectId, object } = data.object as { id?: string; object?: string }
  const path = `/v1/${String(object).replaceAll('.', '/')}s/${String(objectId)}`
  return {
    id,
    object: 'v2.core.event',
    type: `v1.${type}`,
    livemode: told.isLive,
    created: new Date(created * 1000).toISOString(),
    context: told.account,
    related_object: objectId === undefined ? null : { id: objectId, type: object, url: path },
  }
}
