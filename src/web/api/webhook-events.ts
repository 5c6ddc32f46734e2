/**
 * The inbox of Stripe's news as staff see it (UI-153 to UI-155): what came, what became of it and why, what it changed, and the ways to go
 * through it again or to be done with it. What surprises: asking Stripe what it says now changes nothing here; only a replay does.
 */
import { findOwnKeysConnection } from '#connections'
import { parseId, publicId, type Scope, type Uuid } from '#kernel'
import {
  askStripe,
  canAskStripe,
  dismissEvent,
  findInboxEvent,
  inboxGroups,
  listInboxEvents,
  readInboxHealth,
  replayDeadLetters,
  replayByHand,
  tellEvent,
  type InboxEvent,
  type InboxHealth,
} from '#inbox'
import { getCompany } from '#operators'
import { inScope } from '#platform'
import { addMissedEvents, previewMissedEvents, readCatchUp, type CatchUp } from '#recovery'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  moneySchema,
  operatorApp,
  withMode,
  type ApiContext,
} from './context.ts'
import { factTitles } from './invoice-schemas.ts'
import { getFound, getValue } from './problems.ts'
import { instants } from './webhook-endpoints.ts'

const way = z.enum(['delivery', 'poll', 'replay'])
const eventSchema = z.strictObject({
  id: z.string(),
  eventId: z.string(),
  receivedAt: z.string(),
  finishedAt: z.string().optional(),
  tookMs: z.number().optional(),
  type: z.string(),
  objectKind: z.string(),
  objectId: z.string(),
  account: z.string(),
  state: z.string(),
  stateLabel: z.string(),
  reason: z.string(),
  attempts: z.number(),
  nextAttemptAt: z.string().optional(),
  via: way,
  deliveries: z.number(),
  dismissed: z.strictObject({ at: z.string(), note: z.string(), by: z.string() }).optional(),
})
const listAnswer = z.strictObject({
  rows: z.array(eventSchema),
  next: z.string().optional(),
  count: z.number().int(),
  isCountCapped: z.boolean(),
})
const oneAnswer = eventSchema.extend({
  /** Absent once it is no longer kept. */
  payload: z.string().optional(),
  about: z.array(z.strictObject({ kind: z.enum(['invoice', 'renter']), id: z.string(), label: z.string() })),
  /** What was written here about its object while it was on its way. */
  changed: z.array(z.strictObject({ at: z.string(), title: z.string() })),
  canAskStripe: z.boolean(),
})

const day = z.iso.date('Give the day as YYYY-MM-DD.').optional()
const filter = {
  state: z.enum(inboxGroups).optional(),
  type: z.string().max(255).optional(),
  object: z.string().max(255).optional(),
  endpoint: z.string().max(64).optional(),
  via: way.optional(),
  from: day,
  to: day,
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
}
const listRoute = createRoute({
  method: 'get',
  path: '/webhooks/events',
  'x-permission': 'connection.view',
  request: { params: inOperator({}), query: withMode(filter) },
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
const nowAnswer = z.strictObject({
  isKnown: z.boolean(),
  status: z.string().optional(),
  amount: moneySchema.optional(),
  askedAt: z.string(),
})
const nowRoute = createRoute({
  method: 'get',
  path: '/webhooks/events/{eventId}/at-stripe',
  'x-permission': 'connection.test',
  request,
  responses: { 200: jsonAnswer(nowAnswer, 'What Stripe says of the object now; nothing is changed here.') },
})
const post = <Path extends string>(path: Path) => ({ method: 'post', path }) as const
const replayRoute = createRoute({
  ...post('/webhooks/events/{eventId}/replay'),
  'x-permission': 'deadletter.replay',
  request,
  responses: { 200: jsonAnswer(oneAnswer, 'The event, waiting to be processed again.') },
})
const note = z.string().trim().min(1, 'Enter a note: why nobody has to act on it.').max(500)
const dismissRoute = createRoute({
  ...post('/webhooks/events/{eventId}/dismiss'),
  'x-permission': 'deadletter.replay',
  request: { ...request, body: jsonBody(z.strictObject({ note })) },
  responses: { 200: jsonAnswer(oneAnswer, 'The event, dismissed. Nothing of it is deleted.') },
})
const overall = { params: inOperator({}), query: withMode({}) }
const replayDeadRoute = createRoute({
  ...post('/webhooks/events/replay-dead'),
  'x-permission': 'deadletter.replay',
  request: { ...overall, body: jsonBody(z.strictObject({ reason: z.string().max(2000).optional() })) },
  responses: {
    200: jsonAnswer(z.strictObject({ replayed: z.number().int(), hasMore: z.boolean() }), 'Up to 500 at once.'),
  },
})
const healthAnswer = z.strictObject({
  /** The server's clock, which windows and ages on the screen are measured by. */
  now: z.string(),
  hours: z.array(z.strictObject({ hour: z.string(), events: z.number().int() })),
  newestAt: z.string().optional(),
  lastVerifiedAt: z.string().optional(),
  oldestWaitingAt: z.string().optional(),
  waiting: z.number().int(),
  retrying: z.number().int(),
  parked: z.number().int(),
  dead: z.number().int(),
  quarantined: z.number().int(),
  deadReasons: z.array(z.strictObject({ reason: z.string(), count: z.number().int() })),
  catchUp: z.strictObject({
    lastPolledAt: z.string().optional(),
    isUnderWay: z.boolean(),
    missedLast15Minutes: z.number().int(),
    problem: z.string().optional(),
  }),
})
const healthRoute = createRoute({
  method: 'get',
  path: '/webhooks/health',
  'x-permission': 'connection.view',
  request: overall,
  responses: { 200: jsonAnswer(healthAnswer, 'How the road of the events of this mode is doing.') },
})

const missedAnswer = z.strictObject({
  newCount: z.number().int(),
  seenCount: z.number().int(),
  oldestAt: z.string().optional(),
  byType: z.array(z.strictObject({ type: z.string(), count: z.number().int() })),
  /** False when Stripe has more than was looked at; adding takes all. */
  isComplete: z.boolean(),
})
const previewMissedRoute = createRoute({
  ...post('/webhooks/missed/preview'),
  'x-permission': 'deadletter.replay',
  request: overall,
  responses: { 200: jsonAnswer(missedAnswer, 'What Stripe has and the inbox has not; nothing is added.') },
})
const addMissedRoute = createRoute({
  ...post('/webhooks/missed/add'),
  'x-permission': 'deadletter.replay',
  request: overall,
  responses: { 200: jsonAnswer(z.strictObject({ isStarted: z.literal(true) }), 'They are added in the background.') },
})

export function webhookEventRoutes(context: ApiContext) {
  const { database } = context
  const read = async (scope: Scope, id: Uuid) => {
    const event = getFound(await findInboxEvent(database, scope, id), 'event')
    const told = toldView(event, await inScope(database, scope, (rows) => tellEvent(rows, event)))
    return { ...eventView(event), ...told, ...(event.payload !== undefined && { payload: event.payload }) }
  }
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const {
        mode: _mode,
        after,
        limit = 50,
        state: group,
        object: objectId,
        endpoint: by,
        ...same
      } = c.req.valid('query')
      const { timeZone } = await inScope(database, c.var.scope, getCompany)
      const endpoint = by && (parseId('connection', by) ?? by)
      const wish = { filter: { ...same, group, objectId, endpoint, timeZone }, after, limit }
      const { events, next, count } = await listInboxEvents(database, c.var.scope, wish)
      const most = 1000
      const counted = { count: Math.min(count, most), isCountCapped: count > most }
      return c.json({ rows: events.map(eventView), ...counted, ...(next !== undefined && { next }) }, 200)
    })
    .openapi(readRoute, async (c) => c.json(await read(c.var.scope, c.req.valid('param').eventId), 200))
    .openapi(nowRoute, async (c) => {
      const event = getFound(await findInboxEvent(database, c.var.scope, c.req.valid('param').eventId), 'event')
      const now = getValue(await askStripe(context, c.var.scope, event))
      const amount = now?.amount && { ...now.amount, amountMinor: now.amount.amountMinor.toString() }
      const told = { isKnown: now !== undefined, ...(now && { status: now.status }), ...(amount && { amount }) }
      return c.json({ ...told, askedAt: context.clock.now().toISOString() }, 200)
    })
    .openapi(replayRoute, async (c) => {
      const { eventId } = c.req.valid('param')
      getValue(getFound(await replayByHand(database, c.var.scope, eventId), 'event'))
      context.wakeInbox()
      return c.json(await read(c.var.scope, eventId), 200)
    })
    .openapi(dismissRoute, async (c) => {
      const id = c.req.valid('param').eventId
      const about = { id, note: c.req.valid('json').note, actor: c.var.person.name }
      getValue(getFound(await dismissEvent(database, c.var.scope, about), 'event'))
      return c.json(await read(c.var.scope, id), 200)
    })
}

/** How the road is doing, and what is done about many events at once. */
export function webhookRoadRoutes(context: ApiContext) {
  const { database } = context
  return operatorApp()
    .openapi(healthRoute, async (c) => {
      const connection = await inScope(database, c.var.scope, findOwnKeysConnection)
      const catchUp = await inScope(database, c.var.scope, readCatchUp)
      const health = await readInboxHealth(database, c.var.scope)
      const view = healthView(health, catchUp, connection?.webhookLastVerifiedAt)
      return c.json({ ...view, now: context.clock.now().toISOString() }, 200)
    })
    .openapi(previewMissedRoute, async (c) => {
      const { state: _ok, oldestAt, byType, ...found } = getValue(await previewMissedEvents(context, c.var.scope))
      return c.json({ ...found, byType: [...byType], ...instants({ oldestAt }) }, 200)
    })
    .openapi(addMissedRoute, async (c) => {
      getValue(await addMissedEvents(context, c.var.scope))
      return c.json({ isStarted: true } as const, 200)
    })
    .openapi(replayDeadRoute, async (c) => {
      const outcome = await replayDeadLetters(database, c.var.scope, c.req.valid('json').reason)
      context.wakeInbox()
      return c.json(outcome, 200)
    })
}

function eventView(event: InboxEvent): z.infer<typeof eventSchema> {
  const { receivedAt, finishedAt, nextAttemptAt, dismissedAt: at } = event
  const { eventId, type, objectKind, objectId, state, reason, attempts, via, deliveries } = event
  const plain = { eventId, type, objectKind, objectId, reason, attempts, via, deliveries }
  const isTriedAgain = state === 'retry' || state === 'parked'
  const isWorked = finishedAt !== undefined && attempts > 0
  return {
    ...plain,
    id: publicId('inboxEvent', event.id),
    receivedAt: receivedAt.toISOString(),
    ...instants({ finishedAt, nextAttemptAt: isTriedAgain ? nextAttemptAt : undefined }),
    ...(isWorked && { tookMs: Math.max(0, finishedAt.getTime() - receivedAt.getTime()) }),
    account: event.sourceAccount.startsWith('acct_') ? event.sourceAccount : '',
    state: at ? 'dismissed' : state,
    stateLabel: event.stateWords,
    ...(at && { dismissed: { at: at.toISOString(), note: event.dismissedNote, by: event.dismissedBy } }),
  }
}

function healthView(health: InboxHealth, catchUp: CatchUp, lastVerifiedAt: Date | null | undefined) {
  const { hours, newestAt, oldestWaitingAt, deadReasons, ...counts } = health
  const { lastPolledAt, watermark: _watermark, ...caught } = catchUp
  return {
    ...counts,
    deadReasons: [...deadReasons],
    hours: hours.map(({ hour, events }) => ({ hour: hour.toISOString(), events })),
    ...instants({ newestAt, oldestWaitingAt, lastVerifiedAt }),
    catchUp: { ...caught, ...instants({ lastPolledAt }) },
  }
}

function toldView(event: InboxEvent, { about, facts }: Awaited<ReturnType<typeof tellEvent>>) {
  return {
    about: about.map(({ kind, id, label }) => ({ kind, id: publicId(kind, id), label })),
    changed: facts.flatMap(({ name, recordedAt }) => {
      const title = factTitles[name]
      return title === undefined ? [] : [{ at: recordedAt.toISOString(), title }]
    }),
    canAskStripe: canAskStripe(event),
  }
}
