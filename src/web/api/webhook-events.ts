/** The inbox of Stripe's news as staff see it: what came, what became of it and why, and the button to go through it again. */
import { publicId, type Uuid } from '#kernel'
import { findInboxEvent, listInboxEvents, replayEvent, type InboxEvent } from '#inbox'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, operatorApp, withMode, type ApiContext } from './context.ts'
import { getFound, getValue } from './problems.ts'

const eventSchema = z.strictObject({
  id: z.string(),
  eventId: z.string(),
  receivedAt: z.string(),
  finishedAt: z.string().optional(),
  type: z.string(),
  objectId: z.string(),
  state: z.string(),
  stateLabel: z.string(),
  reason: z.string(),
  attempts: z.number(),
  via: z.string(),
  deliveries: z.number(),
})
const listAnswer = z.strictObject({ rows: z.array(eventSchema), next: z.string().optional() })
const oneAnswer = eventSchema.extend({ payload: z.string() })

const listRoute = createRoute({
  method: 'get',
  path: '/webhooks/events',
  'x-permission': 'connection.view',
  request: {
    params: inOperator({}),
    query: withMode({ after: z.string().optional(), limit: z.coerce.number().int().min(1).max(100).optional() }),
  },
  responses: { 200: jsonAnswer(listAnswer, 'One page of events, the newest first.') },
})
const request = { params: inOperator({ eventId: idOf('inboxEvent') }), query: withMode({}) }
const readRoute = createRoute({
  method: 'get',
  path: '/webhooks/events/{eventId}',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(oneAnswer, 'The event with what Stripe sent, secrets as dots.') },
})
const replayRoute = createRoute({
  method: 'post',
  path: '/webhooks/events/{eventId}/replay',
  'x-permission': 'deadletter.replay',
  request,
  responses: { 200: jsonAnswer(oneAnswer, 'The event, waiting to be processed again.') },
})

export function webhookEventRoutes(context: ApiContext) {
  const { database } = context
  const read = async (scope: Parameters<typeof findInboxEvent>[1], id: Uuid) => {
    const event = getFound(await findInboxEvent(database, scope, id), 'event')
    return { ...eventView(event), payload: event.payload }
  }
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const { after, limit } = c.req.valid('query')
      const page = await listInboxEvents(database, c.var.scope, { after, ...(limit !== undefined && { limit }) })
      return c.json({ rows: page.events.map(eventView), ...(page.next !== undefined && { next: page.next }) }, 200)
    })
    .openapi(readRoute, async (c) => c.json(await read(c.var.scope, c.req.valid('param').eventId), 200))
    .openapi(replayRoute, async (c) => {
      const { eventId } = c.req.valid('param')
      getValue(getFound(await replayEvent(database, c.var.scope, eventId), 'event'))
      context.wakeInbox()
      return c.json(await read(c.var.scope, eventId), 200)
    })
}

function eventView(event: InboxEvent): z.infer<typeof eventSchema> {
  return {
    id: publicId('inboxEvent', event.id),
    eventId: event.eventId,
    receivedAt: event.receivedAt.toISOString(),
    ...(event.finishedAt && { finishedAt: event.finishedAt.toISOString() }),
    type: event.type,
    objectId: event.objectId,
    state: event.state,
    stateLabel: event.stateWords,
    reason: event.reason,
    attempts: event.attempts,
    via: event.via,
    deliveries: event.deliveries,
  }
}
