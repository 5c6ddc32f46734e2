/**
 * The ways into onboarding that name no operator: our own link (STR-32), and where Stripe sends people afterwards or when its link had
 * ended (STR-33). The link says whose it is, or the connection does; for anybody else both look as if they had never been. What surprises:
 * who has no account enters a code mailed to the owners; the pass they get for it opens that one link, and its cookie nothing else.
 */
import { actAs } from '#audit'
import { codeMail, drawCode, exchangeCode, isPassValid } from '#codes'
import { findConnection } from '#connections'
import { parseId } from '#kernel'
import { mailResumeLink } from '#notifications'
import {
  createResumeLink,
  mintLink,
  noteReturn,
  openResumeLink,
  refuseOnboarding,
  type OpenedResumeLink,
} from '#onboarding'
import { findProofEnd, findVisit, getCompany, isAllowed, listOwnerEmails, listWorkplaces, type Visit } from '#operators'
import { inScope } from '#platform'
import { openPath } from '#web/paths'
import { createRoute, z } from '@hono/zod-openapi'
import { Hono, type Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { connectAnswer } from './connect-view.ts'
import { followQuietly, readView, seeOther, settingsPath, toStripe } from './connect.ts'
import { actorOf, addCookies, assertProven, jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { apiRefusal, getValue, RefusalAnswer } from './problems.ts'
import { getVisit } from './context.ts'

const token = z.strictObject({ token: z.string().max(200) })

const readLinkRoute = createRoute({
  method: 'get',
  path: '/connect/resume/{token}',
  'x-permission': 'public',
  request: { params: token },
  responses: {
    200: jsonAnswer(
      z.strictObject({
        state: z.enum(['open', 'ended']),
        endsAt: z.string(),
        isSignedIn: z.boolean(),
        /** A code was entered in this browser. */
        hasPass: z.boolean(),
        /** Only for those who may go on. */
        operator: z.string().optional(),
      }),
      'Whether the link still works. Looking consumes nothing.',
    ),
  },
})
const followLinkRoute = createRoute({
  method: 'post',
  path: '/connect/resume/{token}',
  'x-permission': 'public',
  request: { params: token },
  responses: { 303: seeOther },
})
const sendCodeRoute = createRoute({
  method: 'post',
  path: '/connect/resume/{token}/code',
  'x-permission': 'public',
  request: { params: token },
  responses: { 204: { description: 'A code is on its way to the owners.' } },
})
const enterCodeRoute = createRoute({
  method: 'post',
  path: '/connect/resume/{token}/pass',
  'x-permission': 'public',
  request: {
    params: token,
    body: jsonBody(z.strictObject({ code: z.string().max(20, 'A code has six digits.') })),
  },
  responses: { 204: { description: 'The cookie opens this link for half an hour.' } },
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
  const open = (text: string) => openLink(context, text)
  return publicApp()
    .openapi(readLinkRoute, async (c) => {
      const link = await open(c.req.valid('param').token)
      const { hasEnded, expiresAt, scope } = link
      const visit = await findVisit(people, c.req.raw.headers, 'unattended')
      const hasPass = await mayPass(context, c, link)
      const mayKnow =
        hasPass || (visit !== undefined && (await findPlace(context, visit, scope.operatorId)) !== undefined)
      const operator = mayKnow && !hasEnded ? (await inScope(database, scope, getCompany)).name : undefined
      const known = { isSignedIn: visit !== undefined, hasPass, ...(operator !== undefined && { operator }) }
      return c.json({ state: hasEnded ? 'ended' : 'open', endsAt: expiresAt.toISOString(), ...known } as const, 200)
    })
    .openapi(followLinkRoute, async (c) => {
      const text = c.req.valid('param').token
      const link = await open(text)
      const { scope, connectionId, hasEnded } = link
      const visit = await findVisit(people, c.req.raw.headers)
      const place = visit && (await findPlace(context, visit, scope.operatorId))
      if (visit) addCookies(c, visit.cookies)
      if (visit && place) await assertProven(people, visit)
      else if (!(await mayPass(context, c, link))) throw visit ? unknownLink() : apiRefusal('signed_out')
      const minted = hasEnded
        ? refuseOnboarding('link_ended')
        : await actAs(actorOf(c, place && visit), () => mintLink(context, scope, { connectionId, way: 'resume' }))
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

/** A code in place of a sign-in. */
export function resumeCodeRoutes(context: ApiContext) {
  const { database, people, publicUrl, box } = context
  const open = async (text: string) => {
    const { id: linkId, scope, connectionId, hasEnded } = await openLink(context, text)
    if (hasEnded) throw new RefusalAnswer(refuseOnboarding('link_ended').refusal)
    return { scope, link: { linkId, connectionId } }
  }
  return publicApp()
    .openapi(sendCodeRoute, async (c) => {
      const { scope, link } = await open(c.req.valid('param').token)
      const drawn = await inScope(database, scope, async (rows) => {
        const outcome = await drawCode(rows, box, link)
        return { outcome, operator: (await getCompany(rows)).name }
      })
      const { code } = getValue(drawn.outcome)
      for (const owner of await listOwnerEmails(database, scope.operatorId))
        people.post(codeMail(owner, { operator: drawn.operator, code }))
      return c.body(null, 204)
    })
    .openapi(enterCodeRoute, async (c) => {
      const { scope, link } = await open(c.req.valid('param').token)
      const code = c.req.valid('json').code.replaceAll(/\s/g, '')
      // A wrong one is counted, so its refusal is told after the commit.
      const entered = await inScope(database, scope, (rows) => exchangeCode(rows, box, { ...link, code }))
      const { pass, lifeSeconds } = getValue(entered)
      const isSecure = publicUrl.startsWith('https://')
      const kept = { secure: isSecure, httpOnly: true, sameSite: 'Lax', path: '/', maxAge: lifeSeconds } as const
      setCookie(c, passCookieName(publicUrl), pass, kept)
      return c.body(null, 204)
    })
}

/** @throws RefusalAnswer 404 for a link that is wrong or was withdrawn. */
async function openLink({ database }: ApiContext, text: string): Promise<OpenedResumeLink> {
  const link = await openResumeLink(database, text)
  if (link) return link
  throw unknownLink()
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
    const back = (problem: string) => settingsPath({ slug, mode: scope.mode }, problem)
    // Whoever comes long after the press is asked again there, where the button is.
    if (!(await findProofEnd(context.people, visit))) return c.redirect(back('step_up_required'), 303)
    const minted = await actAs(actorOf(c, visit), () => mintLink(context, scope, { connectionId, way: 'refresh' }))
    return toStripe(c, minted, back)
  })
}

function passCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https://') ? '__Host-rentroll-resume' : 'rentroll_dev_resume'
}

/** Whether this browser entered a right code for this very link. */
async function mayPass({ database, publicUrl }: ApiContext, c: Context, link: OpenedResumeLink): Promise<boolean> {
  const pass = getCookie(c, passCookieName(publicUrl))
  if (pass === undefined) return false
  return inScope(database, link.scope, (rows) => isPassValid(rows, { linkId: link.id, pass }))
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
