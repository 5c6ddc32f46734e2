/** Webhook endpoints on the operator's account, and the events themselves for when a delivery never came. */
import type { AccountId } from '#kernel'
import { Secret } from '#platform'
import type Stripe from 'stripe'

import { PINNED_API_VERSION, type Call, type FullMetadata, type LocalIds, type StripeScope } from './call.ts'
import { absentWhenMissing } from './fault.ts'
import {
  allPages,
  createdBetween,
  expandedOf,
  flagOf,
  idOf,
  instantOf,
  listOf,
  metadataOf,
  objectOf,
  optionalText,
  present,
  textOf,
  WrongShape,
  type Fields,
  type Page,
} from './shape.ts'

export type EndpointId = `we_${string}`
export type StripeEventId = `evt_${string}`

export type EndpointSeen = {
  readonly id: EndpointId
  readonly url: string
  readonly isEnabled: boolean
  readonly isLive: boolean
  /** `['*']` means every event that needs no explicit selection. */
  readonly enabledEvents: readonly string[]
  readonly apiVersion?: string
  readonly metadata: Readonly<Record<string, string>>
}

export type EventSeen = {
  readonly id: StripeEventId
  readonly type: string
  /** The connected account it came from, when it is not the scope's own. */
  readonly account?: AccountId
  /** The id of the object it is about. */
  readonly objectId?: string
  readonly isLive: boolean
  readonly apiVersion?: string
  readonly createdAt: Date
  /**
   * The whole event as JSON text, kept for audit and never for truth. The SDK gives objects, so these are not the bytes that Stripe
   * sent, and client secrets are blanked in it (TRU-10).
   */
  readonly rawText: string
}

/** Something in a list of events that does not have the shape of one. */
export type StrangeEvent = { readonly id: string | undefined; readonly rawText: string }

/** What has no shape stands beside the rows, so that it stops nothing; pages go on after `lastId`. */
export type EventPage = Page<EventSeen> & {
  readonly strange: readonly StrangeEvent[]
  readonly lastId: string | undefined
}

/** Which events, and after which one the page begins; at most 20 types. */
export type EventWish = {
  readonly types: readonly string[]
  readonly createdFrom: Date
  readonly createdUntil: Date
  readonly startingAfter?: StripeEventId | undefined
}

export function endpointCalls(call: Call, metadata: FullMetadata) {
  return {
    /** @throws StripeFault */
    listEndpoints: (scope: StripeScope): Promise<readonly EndpointSeen[]> =>
      allPages((startingAfter) =>
        call(scope, {
          operation: 'webhook_endpoints.list',
          send: (client, options) => client.webhookEndpoints.list(pageParameters(startingAfter), options),
          read: (body) => listOf(body, (row) => readEndpoint(row, scope)),
        }),
      ),

    /** The signing secret is given here and never again. @throws StripeFault */
    createEndpoint: (
      scope: StripeScope,
      wanted: { url: string; events: readonly string[]; metadata?: LocalIds; idempotencyKey: string },
    ): Promise<EndpointSeen & { readonly secret: Secret }> =>
      call(scope, {
        operation: 'webhook_endpoints.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.webhookEndpoints.create(endpointParameters(wanted, metadata(scope, wanted.metadata ?? {})), options),
        read: (body) => {
          const endpoint = readEndpoint(body, scope)
          return { ...endpoint, secret: new Secret(textOf(body as Fields, 'secret')) }
        },
      }),

    /** Sets its events (the caller gives the union, so that the operator's own stay) and switches it. @throws StripeFault */
    updateEndpoint: (
      scope: StripeScope,
      id: EndpointId,
      wanted: { events: readonly string[]; isEnabled: boolean; idempotencyKey: string },
    ): Promise<EndpointSeen> =>
      call(scope, {
        operation: 'webhook_endpoints.update',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) => client.webhookEndpoints.update(id, changeParameters(wanted), options),
        read: (body) => readEndpoint(body, scope, id),
      }),

    /** Gone already counts as deleted. @throws StripeFault */
    deleteEndpoint: async (scope: StripeScope, id: EndpointId, wanted: { idempotencyKey: string }): Promise<void> => {
      await absentWhenMissing(
        call(scope, {
          operation: 'webhook_endpoints.delete',
          idempotencyKey: wanted.idempotencyKey,
          send: (client, options) => client.webhookEndpoints.del(id, {}, options),
          read: (body) => readDeletion(body, scope, id),
        }),
      )
    },
  }
}

/** Names kept by an operator may be newer than the SDK's list of them. */
function named(events: readonly string[]) {
  return events as Stripe.WebhookEndpointCreateParams.EnabledEvent[]
}

function changeParameters(wanted: { events: readonly string[]; isEnabled: boolean }) {
  return { enabled_events: named(wanted.events), disabled: !wanted.isEnabled }
}

function readDeletion(body: unknown, scope: StripeScope, id: EndpointId): true {
  const fields = objectOf(body, { object: 'webhook_endpoint', prefix: id, mode: scope.mode })
  if (fields['deleted'] !== true) throw new WrongShape('the endpoint was not deleted')
  return true
}

function pageParameters(startingAfter: string | undefined) {
  return { limit: 100, ...(startingAfter !== undefined && { starting_after: startingAfter }) }
}

function endpointParameters(wanted: { url: string; events: readonly string[] }, metadata: Record<string, string>) {
  return {
    url: wanted.url,
    enabled_events: named(wanted.events),
    // So that deliveries have the shape this version was written for.
    api_version: PINNED_API_VERSION,
    description: 'Rentroll',
    metadata,
  } satisfies Stripe.WebhookEndpointCreateParams
}

export function eventCalls(call: Call) {
  return {
    /**
     * One page of events, newest first; Stripe keeps 30 days of them. A page at a time, because an outage leaves more than fit in memory.
     * @throws StripeFault `permission` when the key may not read events
     */
    listEvents: (scope: StripeScope, wanted: EventWish): Promise<EventPage> =>
      call(scope, {
        operation: 'events.list',
        send: (client, options) => client.events.list(eventParameters(wanted), options),
        read: (body) => readEventPage(body, scope),
      }),

    /** @throws StripeFault */
    findEvent: (scope: StripeScope, id: StripeEventId): Promise<EventSeen | undefined> =>
      absentWhenMissing(
        call(scope, {
          operation: 'events.retrieve',
          send: (client, options) => client.events.retrieve(id, {}, options),
          read: (body) => readEvent(body, scope, id),
        }),
      ),
  }
}

function eventParameters({ types, createdFrom, createdUntil, startingAfter }: EventWish): Stripe.EventListParams {
  return {
    types: [...types],
    created: createdBetween(createdFrom, createdUntil),
    ...pageParameters(startingAfter),
  }
}

function readEndpoint(body: unknown, scope: StripeScope, id?: EndpointId): EndpointSeen {
  const fields = objectOf(body, { object: 'webhook_endpoint', prefix: id ?? 'we_', mode: scope.mode })
  const events = fields['enabled_events']
  if (!Array.isArray(events)) throw new WrongShape('enabled_events is not a list')
  return present({
    id: textOf(fields, 'id') as EndpointId,
    url: textOf(fields, 'url'),
    isEnabled: textOf(fields, 'status') === 'enabled',
    isLive: flagOf(fields, 'livemode'),
    enabledEvents: events.filter((event): event is string => typeof event === 'string'),
    apiVersion: optionalText(fields, 'api_version'),
    metadata: metadataOf(fields),
  })
}

function readEvent(body: unknown, scope: StripeScope, id?: StripeEventId): EventSeen {
  const fields = objectOf(body, { object: 'event', prefix: id ?? 'evt_', mode: scope.mode })
  if (!/^[\x21-\x7e]{1,255}$/.test(textOf(fields, 'id'))) throw new WrongShape('the id is no word')
  const content = expandedOf(fields, 'data')
  const about = content && expandedOf(content, 'object')
  return present({
    id: textOf(fields, 'id') as StripeEventId,
    type: textOf(fields, 'type'),
    account: idOf<AccountId>(fields, 'account'),
    objectId: about && optionalText(about, 'id'),
    isLive: flagOf(fields, 'livemode'),
    apiVersion: optionalText(fields, 'api_version'),
    createdAt: instantOf(fields, 'created'),
    rawText: textOfEvent(body),
  })
}

/** @throws WrongShape when it is no list, or one of the other mode. */
function readEventPage(body: unknown, scope: StripeScope): EventPage {
  const strange: StrangeEvent[] = []
  const ids: string[] = []
  const { rows, hasMore } = listOf(body, (row) => {
    const { id, livemode } = (row ?? {}) as Fields
    if (typeof id === 'string') ids.push(id)
    try {
      return readEvent(row, scope)
    } catch (error) {
      if (!(error instanceof WrongShape) || livemode === (scope.mode !== 'live')) throw error
      strange.push({ id: typeof id === 'string' ? id : undefined, rawText: textOfEvent(row) })
      return undefined
    }
  })
  return { rows: rows.filter((row) => row !== undefined), hasMore, strange, lastId: ids.at(-1) }
}

function textOfEvent(body: unknown): string {
  return JSON.stringify(body, withoutClientSecrets)
}

/** With the publishable key a client secret opens an intent to whoever holds it. */
function withoutClientSecrets(name: string, value: unknown): unknown {
  return name === 'client_secret' && typeof value === 'string' ? value.replace(/_secret_.*$/, '_secret_****') : value
}
