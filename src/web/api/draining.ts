/**
 * Leaving a Stripe account over HTTP (UI-125, UI-132): what it would touch, what is still under way, Finish now, keys of another account
 * in place of the present ones, and asking the renters whose methods stayed behind.
 */
import {
  connectionGroundOf,
  findChargingConnection,
  findConnection,
  getConnection,
  type Connection,
} from '#connections'
import {
  askRenters,
  finishDraining,
  listAskedRenterIds,
  listDrainings,
  listRentersTiedTo,
  readAffected,
  readLeft,
  switchAccount,
  type Draining,
  type DrainingGround,
} from '#draining'
import { publicId } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { consolePaths, type ConsolePath } from '#web/paths'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  operatorApp,
  withMode,
  type ApiContext,
  type OperatorEnv,
} from './context.ts'
import { groupAnswer, groupView, itemAnswer, itemView } from './draining-view.ts'
import { getFound, getValue } from './problems.ts'

const request = { params: inOperator({}), query: withMode({}) }
const ofConnection = { params: inOperator({ connectionId: idOf('connection') }), query: withMode({}) }

const affectedAnswer = z.strictObject({
  account: z.string(),
  groups: z.array(groupAnswer),
  /** What Rentroll cannot know, a sentence each. */
  unknown: z.array(z.string()),
})
const drainingAnswer = z.strictObject({
  connectionId: z.string(),
  kind: z.enum(['own_keys', 'connect']),
  account: z.string(),
  begunBy: z.string(),
  begunAt: z.string(),
  endsAt: z.string(),
  endedAt: z.string().optional(),
  /** What is under way still, or what had not ended when it was over. */
  groups: z.array(groupAnswer),
  leftOver: z.array(itemAnswer),
})
const tiedAnswer = z.strictObject({
  connectionId: z.string(),
  kind: z.enum(['own_keys', 'connect']),
  account: z.string(),
  renters: z.array(z.strictObject({ label: z.string(), href: z.string(), isAsked: z.boolean() })),
})
const drainingsAnswer = z.strictObject({
  drainings: z.array(drainingAnswer),
  /** Renters who would need a new method, by the account they were left behind with. */
  tied: z.array(tiedAnswer),
})

const previewRoute = createRoute({
  method: 'get',
  path: '/connections/{connectionId}/disconnect',
  'x-permission': 'connection.view',
  request: ofConnection,
  responses: { 200: jsonAnswer(affectedAnswer, 'What disconnecting would touch. Nothing is changed.') },
})
const listRoute = createRoute({
  method: 'get',
  path: '/connections/drainings',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(drainingsAnswer, 'What disconnects now, or ended with something left.') },
})
const finishRoute = createRoute({
  method: 'post',
  path: '/connections/{connectionId}/finish',
  'x-permission': 'connection.disconnect',
  request: ofConnection,
  responses: { 200: jsonAnswer(drainingsAnswer, 'The secrets are wiped; what was left is listed.') },
})
const pasted = z.string().max(500, 'This is longer than any key. Copy it again with the copy button.')
const switchRoute = createRoute({
  method: 'post',
  path: '/connections/stripe/switch',
  'x-permission': 'connection.keys',
  request: {
    ...request,
    body: jsonBody(
      z.strictObject({
        publishableKey: pasted,
        secretKey: pasted,
        accountId: pasted.optional(),
        webhookSecret: pasted.optional(),
        word: z.literal('switch', 'Type the word switch.'),
      }),
    ),
  },
  responses: { 200: jsonAnswer(drainingsAnswer, 'The new keys take new money; the old account drains.') },
})
const askRoute = createRoute({
  method: 'post',
  path: '/connections/{connectionId}/ask-renters',
  'x-permission': 'connection.switch_mode',
  request: ofConnection,
  responses: { 200: jsonAnswer(z.strictObject({ asked: z.number().int() }), 'So many renters get a mail now.') },
})

export function drainingRoutes(context: ApiContext) {
  const ground: DrainingGround = { ...context, ...connectionGroundOf(context) }
  const { database } = context
  const pathOf = (c: Here) => consolePaths({ slug: c.var.operator.slug, mode: c.var.scope.mode })
  const read = (c: Here) => inScope(database, c.var.scope, (rows) => readDrainings(rows, pathOf(c)))
  return operatorApp()
    .openapi(previewRoute, async (c) => {
      const { connectionId } = c.req.valid('param')
      await inScope(database, c.var.scope, (rows) => assertThere(rows, connectionId))
      const { connection, groups, unknown } = await readAffected(ground, c.var.scope, connectionId)
      const views = groups.map((group) => groupView(group, pathOf(c)))
      return c.json({ account: nameOf(connection), groups: views, unknown: [...unknown] }, 200)
    })
    .openapi(listRoute, async (c) => c.json(await read(c), 200))
    .openapi(finishRoute, async (c) => {
      const { connectionId } = c.req.valid('param')
      await inScope(database, c.var.scope, (rows) => assertThere(rows, connectionId))
      getValue(await finishDraining(ground, c.var.scope, { connectionId, actor: c.var.person.name }))
      return c.json(await read(c), 200)
    })
    .openapi(switchRoute, async (c) => {
      const { scope, person } = c.var
      const { publishableKey, secretKey, accountId = '', webhookSecret = '' } = c.req.valid('json')
      const input = { publishableKey, secretKey, accountId, webhookSecret }
      getValue(await switchAccount(ground, { scope, actor: person.name, input }))
      return c.json(await read(c), 200)
    })
    .openapi(askRoute, async (c) => {
      const { connectionId } = c.req.valid('param')
      const asked = await inScope(database, c.var.scope, async (rows) => {
        await assertThere(rows, connectionId)
        return askRenters(rows, { connectionId, actor: c.var.person.name })
      })
      return c.json({ asked: getValue(asked) }, 200)
    })
}

/** As much of the request as every answer needs. */
type Here = { readonly var: Pick<OperatorEnv['Variables'], 'scope' | 'operator'> }

/** @throws RefusalAnswer 404 when this operator and mode have no such connection. */
async function assertThere(rows: ScopedHandle, connectionId: string): Promise<void> {
  getFound(await findConnection(rows, connectionId), 'connection')
}

const toDoShownMs = 30 * 86_400_000

async function readDrainings(rows: ScopedHandle, path: ConsolePath): Promise<z.infer<typeof drainingsAnswer>> {
  const charging = await findChargingConnection(rows)
  const drainings = []
  const tied = []
  for (const draining of await listDrainings(rows, new Date(rows.clock.now().getTime() - toDoShownMs))) {
    const connection = await getConnection(rows, draining.connectionId)
    // It came back: what was left is followed again.
    if (connection.state !== 'disconnecting' && connection.state !== 'disconnected') continue
    const renters = charging ? await readTied(rows, draining, path) : []
    if (renters.length > 0) tied.push({ ...headOf(connection), renters })
    if (draining.endedAt && draining.leftOver.length === 0) continue
    const left = draining.endedAt ? [] : await readLeft(rows, connection.id)
    const groups = left.filter(({ count }) => count > 0).map((group) => groupView(group, path))
    const leftOver = draining.leftOver.map((item) => itemView(item, path))
    drainings.push({ ...headOf(connection), ...lifeOf(draining), groups, leftOver })
  }
  return { drainings, tied }
}

function lifeOf({ begunBy, begunAt, endsAt, endedAt }: Draining) {
  return {
    begunBy,
    begunAt: begunAt.toISOString(),
    endsAt: endsAt.toISOString(),
    ...(endedAt && { endedAt: endedAt.toISOString() }),
  }
}

async function readTied(rows: ScopedHandle, { id, connectionId }: Draining, path: ConsolePath) {
  const asked = await listAskedRenterIds(rows, id)
  return (await listRentersTiedTo(rows, connectionId)).map(({ renterId, label }) => ({
    label,
    href: path('renter', { renterId: publicId('renter', renterId) }),
    isAsked: asked.has(renterId),
  }))
}

function headOf(connection: Connection) {
  return {
    connectionId: publicId('connection', connection.id),
    kind: connection.kind,
    account: nameOf(connection),
  }
}

function nameOf({ accountName, accountId }: Connection): string {
  return [accountName, accountId].filter(Boolean).join(', ') || 'Stripe account'
}
