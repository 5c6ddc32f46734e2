/** What is sent to an endpoint: the event in the endpoint's version, printed as Stripe prints it (SBX-35). */
import { accountDefaultVersion } from '../facts.ts'
import { presentEvent } from '../objects/event.ts'
import { renderFor } from '../protocol/versions.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** The endpoint is undefined once it was deleted: then the text is what an endpoint without a version would have got. */
export function buildBody(space: Space, event: Row<'event'>, endpoint: Row<'webhook_endpoint'> | undefined): string {
  const version = endpoint?.object.api_version ?? accountDefaultVersion
  const { account, ...shown } = presentEvent(space, event)
  const object = renderFor(version, shown.data.object as Record<string, unknown>)
  // Only who hears of several accounts is told which one it was.
  const origin = endpoint?.hidden.isConnect === false || account === undefined ? {} : { account }
  return JSON.stringify({ ...shown, ...origin, api_version: version, data: { ...shown.data, object } }, null, 2)
}
