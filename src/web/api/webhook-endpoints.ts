/**
 * Settings → Webhooks, the endpoints: how each fares, its secrets as what may be shown of them, and the buttons. Every button answers with
 * the endpoint as it stands afterwards. The installation's own endpoints are shown and cannot be changed from here.
 */
import { parseId, publicId, type Mode, type Outcome, type Scope, type Uuid } from '#kernel'
import { connectionGroundOf, endpointCheckOf } from '#connections'
import {
  cancelRotation,
  confirmRotation,
  endOldSecret,
  endpointHealths,
  fixEndpoint,
  installationEndpoints,
  readEndpoint,
  refuseEndpoint,
  sendTestEvent,
  startRotation,
  type EndpointView,
} from '#endpoints'
import { listInboxEvents } from '#inbox'
import { inScope } from '#platform'
import { endpointEvents } from '#stripe'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { getFound, getValue } from './problems.ts'

const secretSchema = z.strictObject({
  id: z.string(),
  fingerprint: z.string(),
  mask: z.string(),
  source: z.enum(['created', 'pasted', 'environment']),
  environmentName: z.string().optional(),
  state: z.enum(['valid', 'ending', 'ended']),
  validFrom: z.string().optional(),
  validUntil: z.string().optional(),
  lastMatchedAt: z.string().optional(),
  verified: z.number().int(),
})

const rotationSchema = z.strictObject({
  id: z.string(),
  path: z.enum(['paste', 'create', 'leak']),
  state: z.enum(['creating', 'overlap', 'confirmed', 'done', 'cancelled']),
  startedAt: z.string(),
  oldEndsAt: z.string().optional(),
  verifiedByNew: z.number().int(),
  verifiedByOld: z.number().int(),
  canEndOld: z.boolean(),
  whyNot: z.string().optional(),
  canCancel: z.boolean(),
  canConfirm: z.boolean(),
  step: z.string(),
})

const endpointSchema = z.strictObject({
  id: z.string(),
  name: z.enum(['Platform', 'Connected accounts', 'Own keys']),
  isInstallation: z.boolean(),
  mode: z.enum(['test', 'live']),
  url: z.string(),
  otherUrl: z.string().optional(),
  stripeStatus: z.enum(['enabled', 'disabled', 'absent', 'unknown']),
  health: z.enum(endpointHealths),
  healthLabel: z.string(),
  healthDetail: z.string(),
  eventsTotal: z.number().int(),
  missingRequired: z.array(z.string()),
  missingRecommended: z.array(z.string()),
  checkedAt: z.string().optional(),
  lastVerifiedAt: z.string().optional(),
  lastRefusedAt: z.string().optional(),
  verified24h: z.number().int(),
  refused24h: z.number().int(),
  refusedCause: z.string().optional(),
  hours: z.array(z.strictObject({ hour: z.string(), verified: z.number().int(), refused: z.number().int() })),
  canFix: z.boolean(),
  canRotate: z.boolean(),
  whyNot: z.string().optional(),
  secrets: z.array(secretSchema),
  rotation: rotationSchema.optional(),
})
type EndpointAnswer = z.infer<typeof endpointSchema>

const request = { params: inOperator({ endpointId: z.string() }), query: withMode({}) }
const rotationRequest = {
  params: inOperator({ endpointId: z.string(), rotationId: idOf('rotation') }),
  query: withMode({}),
}
const answer = { 200: jsonAnswer(endpointSchema, 'The endpoint as it stands now.') }

const listRoute = createRoute({
  method: 'get',
  path: '/webhooks/endpoints',
  'x-permission': 'connection.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(z.strictObject({ rows: z.array(endpointSchema) }), 'All endpoints of this mode.') },
})
const post = <Name extends string>(name: Name) =>
  ({
    method: 'post',
    path: `/webhooks/endpoints/{endpointId}/${name}`,
    request,
    responses: answer,
  }) as const
const choose = <Name extends string>(name: Name) =>
  ({ ...post(`rotations/{rotationId}/${name}`), request: rotationRequest }) as const

const checkRoute = createRoute({ ...post('check'), 'x-permission': 'connection.webhook' })
const fixRoute = createRoute({ ...post('fix'), 'x-permission': 'connection.webhook' })
const enableRoute = createRoute({ ...post('enable'), 'x-permission': 'connection.webhook' })
const testRoute = createRoute({
  ...post('test'),
  'x-permission': 'connection.webhook',
  responses: {
    200: jsonAnswer(
      z.strictObject({ state: z.enum(['arrived', 'not_arrived']), detail: z.string() }),
      'Whether the test event was delivered within 30 seconds.',
    ),
  },
})
const rotateRoute = createRoute({
  ...post('rotations'),
  'x-permission': 'connection.webhook',
  request: {
    ...request,
    body: jsonBody(
      z.strictObject({
        path: z.enum(['paste', 'create', 'leak']),
        webhookSecret: z.string().max(500, 'This is longer than any secret. Copy it again.').optional(),
        overlapHours: z.union([z.literal(24), z.literal(1), z.literal(0)]).optional(),
      }),
    ),
  },
})
const confirmRoute = createRoute({ ...choose('confirm'), 'x-permission': 'connection.webhook' })
const endRoute = createRoute({ ...choose('end-old'), 'x-permission': 'connection.webhook' })
const cancelRoute = createRoute({ ...choose('cancel'), 'x-permission': 'connection.webhook' })

export function webhookEndpointRoutes(context: ApiContext) {
  const { database } = context
  const ground = connectionGroundOf(context)
  const list = async (scope: Scope): Promise<EndpointAnswer[]> => {
    const own = await inScope(database, scope, (rows) => readEndpoint(rows, context.publicUrl))
    return [...installationRows(context, scope.mode), ...(own ? [ownRow(own, scope.mode)] : [])]
  }
  /** Does the deed when the id is that of the own-keys endpoint, and answers with the endpoint. */
  const changed = async (place: Place, deed: (place: Place) => Promise<Outcome<unknown>>): Promise<EndpointAnswer> => {
    await assertOwn(context, place)
    getValue(await deed(place))
    const present = await list(place.scope)
    return getFound(
      present.find(({ id }) => id === place.endpointId),
      'endpoint',
    )
  }
  const hasArrived = async (scope: Scope, wanted: { type: string; objectId: string }) => {
    const { events } = await listInboxEvents(database, scope, { limit: 100 })
    const isWanted = ({ type, objectId, via }: (typeof events)[number]) =>
      type === wanted.type && objectId === wanted.objectId && via === 'delivery'
    return events.some(isWanted)
  }
  return operatorApp()
    .openapi(listRoute, async (c) => c.json({ rows: await list(c.var.scope) }, 200))
    .openapi(checkRoute, async (c) => c.json(await changed(placeOf(c), (at) => endpointCheckOf(ground, at.scope)), 200))
    .openapi(fixRoute, async (c) =>
      c.json(await changed(placeOf(c), (at) => fixEndpoint(ground, at.scope, 'events')), 200),
    )
    .openapi(enableRoute, async (c) =>
      c.json(await changed(placeOf(c), (at) => fixEndpoint(ground, at.scope, 'enable')), 200),
    )
    .openapi(testRoute, async (c) => {
      const { scope } = c.var
      await assertOwn(context, placeOf(c))
      const result = await sendTestEvent(ground, { scope, hasArrived: (event) => hasArrived(scope, event) })
      return c.json(getValue(result), 200)
    })
    .openapi(rotateRoute, async (c) => {
      const wish = { ...c.req.valid('json'), actor: c.var.person.name }
      return c.json(await changed(placeOf(c), ({ scope }) => startRotation(ground, { ...wish, scope })), 200)
    })
    .openapi(confirmRoute, async (c) => {
      const id = c.req.valid('param').rotationId
      return c.json(await changed(placeOf(c), ({ scope }) => confirmRotation(ground, { scope, id })), 200)
    })
    .openapi(endRoute, async (c) => {
      const id = c.req.valid('param').rotationId
      return c.json(await changed(placeOf(c), ({ scope }) => endOldSecret(ground, { scope, id })), 200)
    })
    .openapi(cancelRoute, async (c) => {
      const id = c.req.valid('param').rotationId
      return c.json(await changed(placeOf(c), ({ scope }) => cancelRotation(ground, { scope, id })), 200)
    })
}

type Place = { readonly scope: Scope; readonly endpointId: string }

function placeOf(c: { var: { scope: Scope }; req: { valid(target: 'param'): { endpointId: string } } }): Place {
  return { scope: c.var.scope, endpointId: c.req.valid('param').endpointId }
}

/** @throws RefusalAnswer 404 for anything but this operator's own endpoint of this mode; the installation's say whose they are. */
async function assertOwn(context: ApiContext, { scope, endpointId }: Place): Promise<void> {
  const isConfigured = installationRows(context, scope.mode).some(({ id }) => id === endpointId)
  if (isConfigured) getValue(refuseEndpoint('installation_endpoint'))
  const wanted: Uuid | undefined = parseId('connection', endpointId)
  const own = await inScope(context.database, scope, (rows) => readEndpoint(rows, context.publicUrl))
  getFound(wanted !== undefined && own?.connectionId === wanted ? own : undefined, 'endpoint')
}

function installationRows(context: ApiContext, mode: Mode): EndpointAnswer[] {
  return installationEndpoints(context, context.installationSecrets ?? {}).map((one) => ({
    id: one.id,
    name: one.name as EndpointAnswer['name'],
    isInstallation: true,
    mode,
    url: one.url,
    stripeStatus: 'unknown',
    health: 'waiting_first_event',
    healthLabel: 'Set outside',
    healthDetail: one.detail,
    eventsTotal: endpointEvents.length,
    missingRequired: [],
    missingRecommended: [],
    verified24h: 0,
    refused24h: 0,
    hours: [],
    canFix: false,
    canRotate: false,
    whyNot: one.whyNot,
    secrets: [
      {
        id: one.id,
        fingerprint: one.fingerprint,
        mask: one.mask,
        source: 'environment',
        environmentName: one.environmentName,
        state: 'valid',
        verified: 0,
      },
    ],
  }))
}

function ownRow(view: EndpointView, mode: Mode): EndpointAnswer {
  const { connectionId, checkedAt, lastVerifiedAt, lastRefusedAt, secrets, rotation, hours, ...same } = view
  const { otherUrl, refusedCause, whyNot, missingRequired, missingRecommended, ...plain } = same
  return {
    ...plain,
    id: publicId('connection', connectionId),
    name: 'Own keys',
    isInstallation: false,
    mode,
    missingRequired: [...missingRequired],
    missingRecommended: [...missingRecommended],
    ...optional({ otherUrl, refusedCause, whyNot }),
    ...instants({ checkedAt, lastVerifiedAt, lastRefusedAt }),
    verified24h: hours.reduce((sum, { verified }) => sum + verified, 0),
    refused24h: hours.reduce((sum, { refused }) => sum + refused, 0),
    hours: hours.map(({ hour, verified, refused }) => ({ hour: hour.toISOString(), verified, refused })),
    secrets: secrets.map(({ id, validFrom, validUntil, lastMatchedAt, ...secret }) => ({
      ...secret,
      id: publicId('endpoint', id),
      validFrom: validFrom.toISOString(),
      ...instants({ validUntil, lastMatchedAt }),
    })),
    ...(rotation && { rotation: rotationView(rotation) }),
  }
}

function rotationView(rotation: NonNullable<EndpointView['rotation']>): z.infer<typeof rotationSchema> {
  const { id, startedAt, oldEndsAt, whyNot, ...plain } = rotation
  return {
    ...plain,
    id: publicId('rotation', id),
    startedAt: startedAt.toISOString(),
    ...instants({ oldEndsAt }),
    ...optional({ whyNot }),
  }
}

function instants<Name extends string>(found: Readonly<Record<Name, Date | null>>): { [Key in Name]?: string } {
  const told = Object.entries<Date | null>(found).flatMap(([name, at]) => (at ? [[name, at.toISOString()]] : []))
  return Object.fromEntries(told) as { [Key in Name]?: string }
}

function optional<Name extends string>(found: Readonly<Record<Name, string | undefined>>): { [Key in Name]?: string } {
  const told = Object.entries<string | undefined>(found).filter(([, text]) => text !== undefined)
  return Object.fromEntries(told) as { [Key in Name]?: string }
}
