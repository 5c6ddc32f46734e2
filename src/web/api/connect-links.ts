/**
 * The ways into onboarding that name no operator: our own link (STR-32), and where Stripe sends people afterwards or when its link had
 * ended (STR-33). The link says whose it is, or the connection does; for anybody else both look as if they had never been.
 */
import { findConnection } from '#connections'
import { parseId } from '#kernel'
import { mailResumeLink } from '#notifications'
import { createResumeLink, mintLink, noteReturn, openResumeLink, refuseOnboarding } from '#onboarding'
import { findVisit, isAllowed, listOwnerEmails, listWorkplaces, type Visit } from '#operators'
import { inScope } from '#platform'
import { openPath } from '#web/paths'
import { createRoute, z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { connectAnswer } from './connect-view.ts'
import { followQuietly, readView, seeOther, settingsPath, toStripe } from './connect.ts'
import { jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { apiRefusal, RefusalAnswer } from './problems.ts'
import { getVisit } from './context.ts'

const token = z.strictObject({ token: z.string().max(200) })

const readLinkRoute = createRoute({
  method: 'get',
  path: '/connect/resume/{token}',
  'x-permission': 'public',
  request: { params: token },
  responses: {
    200: jsonAnswer(
      z.strictObject({ state: z.enum(['open', 'ended']), endsAt: z.string(), isSignedIn: z.boolean() }),
      'Whether the link still works. Looking consumes nothing.',
    ),
  },
})
const followLinkRoute = createRoute({
  method: 'post',
  path: '/connect/resume/{token}',
  'x-permission': 'signed_in',
  request: { params: token },
  responses: { 303: seeOther },
})
const mailLinkRoute = createRoute({
  method: 'post',
  path: '/connect/resume/{token}/mail',
  'x-permission': 'public',
  request: { params: token },
  responses: { 204: { description: 'A new link is on its way to the owners; at most one an hour.' } },
})
const returnRoute = createRoute({
  method: 'post',
  path: '/connect/return',
  'x-permission': 'signed_in',
  request: { body: jsonBody(z.strictObject({ connection: z.string().max(100) })) },
  responses: {
    200: jsonAnswer(
      z.strictObject({ slug: z.string(), connect: connectAnswer }),
      'Whose account it is, read again. Coming back proves nothing.',
    ),
  },
})

/** Outside any operator's address: the link says whose it is, or the connection does. */
export function onboardingLinkRoutes(context: ApiContext) {
  const { database, people, publicUrl } = context
  const open = async (text: string) => {
    const link = await openResumeLink(database, text)
    if (link) return link
    throw unknownLink()
  }
  return publicApp()
    .openapi(readLinkRoute, async (c) => {
      const { hasEnded, expiresAt } = await open(c.req.valid('param').token)
      const isSignedIn = (await findVisit(people, c.req.raw.headers, 'unattended')) !== undefined
      return c.json({ state: hasEnded ? 'ended' : 'open', endsAt: expiresAt.toISOString(), isSignedIn } as const, 200)
    })
    .openapi(followLinkRoute, async (c) => {
      const text = c.req.valid('param').token
      const { scope, connectionId, hasEnded } = await open(text)
      if (!(await findPlace(context, getVisit(c), scope.operatorId))) throw unknownLink()
      const minted = hasEnded
        ? refuseOnboarding('link_ended')
        : await mintLink(context, scope, { connectionId, way: 'resume' })
      return toStripe(c, minted, (problem) => `/connect/resume/${text}?problem=${problem}`)
    })
    .openapi(mailLinkRoute, async (c) => {
      const { scope, connectionId } = await open(c.req.valid('param').token)
      const owners = await listOwnerEmails(database, scope.operatorId)
      await inScope(database, scope, async (rows) => {
        const makeLink = async () =>
          `${publicUrl}${(await createResumeLink(rows, { connectionId, actor: 'mail' })).path}`
        for (const recipient of owners) await mailResumeLink(rows, { connectionId, recipient, makeLink })
      })
      return c.body(null, 204)
    })
    .openapi(returnRoute, async (c) => {
      const found = await findOwn(context, getVisit(c), c.req.valid('json').connection)
      if (!found) throw apiRefusal('not_found')
      const { scope, slug, connectionId } = found
      await inScope(database, scope, (rows) => noteReturn(rows, connectionId))
      await followQuietly(context, scope, connectionId)
      return c.json({ slug, connect: await readView(context, scope) }, 200)
    })
}

/** The pages Stripe itself leads to when a link had ended (STR-33): on to a fresh one, until it looks like a loop. */
export function connectPages(context: ApiContext) {
  return new Hono().get('/connect/refresh', async (c) => {
    const connection = c.req.query('c') ?? ''
    const visit = await findVisit(context.people, c.req.raw.headers)
    const next = `/connect/refresh?c=${encodeURIComponent(connection)}`
    if (!visit) return c.redirect(openPath('signIn', {}, { next }), 303)
    const found = await findOwn(context, visit, connection)
    if (!found) throw apiRefusal('not_found')
    const { scope, slug, connectionId } = found
    const minted = await mintLink(context, scope, { connectionId, way: 'refresh' })
    return toStripe(c, minted, (problem) => settingsPath({ slug, mode: scope.mode }, problem))
  })
}

function unknownLink(): RefusalAnswer {
  return new RefusalAnswer(refuseOnboarding('link_unknown').refusal)
}

/** The workspace, where this person may connect its Stripe account. */
async function findPlace({ people }: ApiContext, visit: Visit, operatorId: string) {
  const places = await listWorkplaces(people, visit.person.id)
  return places.find(({ operator, role }) => operator.id === operatorId && isAllowed(role, 'connection.keys'))
}

/** The connection of this public id among the workspaces of this person. Undefined for another's, as for one that never was. */
async function findOwn({ database, people }: ApiContext, visit: Visit, connection: string) {
  const connectionId = parseId('connection', connection)
  if (connectionId === undefined) return undefined
  for (const { operator, role } of await listWorkplaces(people, visit.person.id)) {
    if (!isAllowed(role, 'connection.keys')) continue
    for (const mode of ['test', 'live'] as const) {
      const scope = { operatorId: operator.id, mode }
      const found = await inScope(database, scope, (rows) => findConnection(rows, connectionId))
      if (found?.kind === 'connect') return { scope, slug: operator.slug, connectionId }
    }
  }
  return undefined
}
