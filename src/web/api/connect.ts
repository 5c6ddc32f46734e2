/**
 * A Stripe account made under the installation's own (stripe.md §4), and which connection takes new money. What surprises: the ways to
 * Stripe's own form answer 303 with its address and never tell it in a body (STR-9, STR-31), so a page gets there by a form with a button;
 * what goes wrong on such a way is told by the page it came from, as `?problem=`.
 */
import { publicId, type Mode, type Outcome, type Scope } from '#kernel'
import { connectionGroundOf, refuseConnection } from '#connections'
import { listRentersTiedTo, readLeft, startDraining } from '#draining'
import { listInstallationEndpoints } from '#installation'
import {
  businessTypes,
  chooseCharging,
  connectAccount,
  createResumeLink,
  followAccount,
  listChargingChoices,
  mintLink,
  readAccountView,
  refuseOnboarding,
  revokeResumeLinks,
} from '#onboarding'
import { listAccountMails } from '#notifications'
import { inScope, type Secret } from '#platform'
import { StripeFault } from '#stripe'
import { consolePaths, type ConsolePath } from '#web/paths'
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { connectAnswer, connectView, chargingAnswer, mailsAnswer, type ConnectAnswer } from './connect-view.ts'
import {
  inOperator,
  jsonAnswer,
  jsonBody,
  operatorApp,
  withMode,
  type ApiContext,
  type OperatorEnv,
} from './context.ts'
import { groupView } from './draining-view.ts'
import { getValue, RefusalAnswer } from './problems.ts'

const request = { params: inOperator({}), query: withMode({}) }
export const seeOther = { description: 'To Stripe’s own form. The address is in no body.' }

const readRoute = createRoute({
  method: 'get',
  path: '/connect',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(connectAnswer, 'The connected account of this mode as it was last read.') },
})
const createAccountRoute = createRoute({
  method: 'post',
  path: '/connect/account',
  'x-permission': 'connection.keys',
  request: {
    ...request,
    body: jsonBody(
      z.strictObject({
        country: z.string().regex(/^[A-Z]{2}$/, 'Choose the country the business is registered in.'),
        currency: z
          .string()
          .regex(/^[A-Z]{3}$/, 'Choose the currency the account is paid out in.')
          .optional(),
        businessType: z.enum(businessTypes).optional(),
        email: z.email('Enter a whole e-mail address, or leave it empty.').max(250, 'This is too long.').optional(),
        isFresh: z.boolean().default(false),
      }),
    ),
  },
  responses: { 200: jsonAnswer(connectAnswer, 'There is one account now, whatever was clicked how often.') },
})
const onboardingRoute = createRoute({
  method: 'post',
  path: '/connect/onboarding',
  'x-permission': 'connection.keys',
  request,
  responses: { 303: seeOther },
})
const checkRoute = createRoute({
  method: 'post',
  path: '/connect/check',
  'x-permission': 'connection.test',
  request,
  responses: { 200: jsonAnswer(connectAnswer, 'The same after asking Stripe; at most once a second.') },
})
const disconnectRoute = createRoute({
  method: 'post',
  path: '/connect/disconnect',
  'x-permission': 'connection.disconnect',
  request: {
    ...request,
    body: jsonBody(z.strictObject({ word: z.literal('disconnect', 'Type the word disconnect.') })),
  },
  responses: { 200: jsonAnswer(connectAnswer, 'Nothing is charged through it any more. The account stays at Stripe.') },
})
const createLinkRoute = createRoute({
  method: 'post',
  path: '/connect/resume-links',
  'x-permission': 'connection.keys',
  request,
  responses: {
    200: jsonAnswer(
      z.strictObject({ url: z.string(), endsAt: z.string() }),
      'Our own link; shown here and never again.',
    ),
  },
})
const revokeLinksRoute = createRoute({
  method: 'post',
  path: '/connect/resume-links/revoke',
  'x-permission': 'connection.keys',
  request,
  responses: { 200: jsonAnswer(connectAnswer, 'Every link that was given out works no more.') },
})
const mailsRoute = createRoute({
  method: 'get',
  path: '/connect/mails',
  'x-permission': 'connection.view',
  request,
  responses: { 200: jsonAnswer(mailsAnswer, 'The mails sent about the account, the newest first (STR-37).') },
})
const chargingRoute = createRoute({
  method: 'get',
  path: '/connections/charging',
  'x-permission': 'connection.view',
  request,
  responses: {
    200: jsonAnswer(chargingAnswer, 'Which connection takes new money, and what choosing another would mean.'),
  },
})
const chooseRoute = createRoute({
  method: 'put',
  path: '/connections/charging',
  'x-permission': 'connection.switch_mode',
  request: { ...request, body: jsonBody(z.strictObject({ kind: z.enum(['own_keys', 'connect']) })) },
  responses: { 200: jsonAnswer(chargingAnswer, 'New money goes through the chosen one from now on.') },
})

/** Under an operator's address. */
export function connectRoutes(context: ApiContext) {
  const { database } = context
  const view = (scope: Scope) => readView(context, scope)
  return operatorApp()
    .openapi(readRoute, async (c) => c.json(await view(c.var.scope), 200))
    .openapi(createAccountRoute, async (c) => {
      getValue(await connectAccount(context, { scope: c.var.scope, ...c.req.valid('json') }))
      return c.json(await view(c.var.scope), 200)
    })
    .openapi(onboardingRoute, async (c) => {
      const { scope, operator } = c.var
      const connectionId = await inScope(database, scope, presentId)
      const minted = connectionId
        ? await mintLink(context, scope, { connectionId, way: 'click' })
        : refuseOnboarding('no_account')
      return toStripe(c, minted, (problem) => settingsPath({ slug: operator.slug, mode: scope.mode }, problem))
    })
    .openapi(checkRoute, async (c) => {
      const connectionId = await inScope(database, c.var.scope, presentId)
      if (connectionId) await followQuietly(context, c.var.scope, connectionId)
      return c.json(await view(c.var.scope), 200)
    })
    .openapi(disconnectRoute, async (c) => {
      const { scope, person } = c.var
      const connectionId = await inScope(database, scope, presentId)
      if (!connectionId) throw new RefusalAnswer(refuseConnection('no_connection').refusal)
      const ground = { ...context, ...connectionGroundOf(context) }
      await startDraining(ground, scope, { connectionId, actor: person.name })
      return c.json(await view(scope), 200)
    })
    .openapi(createLinkRoute, async (c) => {
      const { path, expiresAt } = await inScope(database, c.var.scope, async (rows) => {
        const connectionId = await presentId(rows)
        if (!connectionId) throw new RefusalAnswer(refuseOnboarding('no_account').refusal)
        return createResumeLink(rows, { connectionId, actor: c.var.person.name })
      })
      return c.json({ url: `${context.publicUrl}${path}`, endsAt: expiresAt.toISOString() }, 200)
    })
    .openapi(revokeLinksRoute, async (c) => {
      await inScope(database, c.var.scope, async (rows) => {
        const connectionId = await presentId(rows)
        if (connectionId) await revokeResumeLinks(rows, connectionId)
      })
      return c.json(await view(c.var.scope), 200)
    })
    .openapi(chargingRoute, async (c) => c.json(await readCharging(context, addressOf(c)), 200))
    .openapi(chooseRoute, async (c) => {
      const { kind } = c.req.valid('json')
      const { scope, person } = c.var
      getValue(await inScope(database, scope, (rows) => chooseCharging(rows, { kind, actor: person.name })))
      return c.json(await readCharging(context, addressOf(c)), 200)
    })
}

type Here = { readonly var: Pick<OperatorEnv['Variables'], 'scope' | 'operator'> }
const addressOf = (c: Here) => ({ scope: c.var.scope, slug: c.var.operator.slug })

/** What was mailed about the account (STR-37). */
export function connectMailRoutes({ database }: ApiContext) {
  return operatorApp().openapi(mailsRoute, async (c) => {
    const mails = await inScope(database, c.var.scope, async (rows) => {
      const { connection } = await readAccountView(rows)
      return connection ? listAccountMails(rows, connection.id) : []
    })
    return c.json(
      {
        rows: mails.map(({ createdAt, sentAt, ...mail }) => ({
          ...mail,
          createdAt: createdAt.toISOString(),
          ...(sentAt && { sentAt: sentAt.toISOString() }),
        })),
      },
      200,
    )
  })
}

type Rows = Parameters<typeof readAccountView>[0]

async function presentId(rows: Rows): Promise<string | undefined> {
  const { connection } = await readAccountView(rows)
  return connection?.state === 'disconnected' ? undefined : connection?.id
}

/** As it was last read. */
export async function readView(context: ApiContext, scope: Scope): Promise<ConnectAnswer> {
  const endpoints = await listInstallationEndpoints(context.database)
  const seen = await inScope(context.database, scope, readAccountView)
  const isAvailable = context.stripe.hasPlatformKey(scope.mode)
  const { platformFee } = context
  return connectView(seen, { now: context.clock.now(), mode: scope.mode, isAvailable, endpoints, platformFee })
}

async function readCharging(
  { database }: ApiContext,
  { scope, slug }: { readonly scope: Scope; readonly slug: string },
): Promise<z.infer<typeof chargingAnswer>> {
  const path = consolePaths({ slug, mode: scope.mode })
  return inScope(database, scope, async (rows) => {
    const choices = await listChargingChoices(rows)
    const present = choices.find(({ connection }) => connection.isCharging)?.connection
    return {
      choices: choices.map(({ connection, mayCharge }) => ({
        kind: connection.kind,
        ...(connection.accountId && { accountId: connection.accountId }),
        accountName: connection.accountName,
        isCharging: connection.isCharging,
        mayCharge,
      })),
      ...(present && { ifChanged: await whatStays(rows, present.id, path) }),
    }
  })
}

/** Renters who would be asked for a new method, and what is under way and ends where it began (STR-14). */
async function whatStays(rows: Rows, connectionId: string, path: ConsolePath) {
  const tied = await listRentersTiedTo(rows, connectionId)
  const left = (await readLeft(rows, connectionId)).filter(({ count }) => count > 0)
  const hrefs = tied.map(({ renterId, label }) => ({
    label,
    href: path('renter', { renterId: publicId('renter', renterId) }),
  }))
  return { renters: hrefs, groups: left.map((group) => groupView(group, path)) }
}

/** What is known is shown when Stripe is away; the schedule goes on asking. */
export async function followQuietly(context: ApiContext, scope: Scope, connectionId: string): Promise<void> {
  try {
    await followAccount(context, scope, connectionId)
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
  }
}

/** Where a person is told what went wrong on the way to Stripe. */
export function settingsPath(address: { readonly slug: string; readonly mode: Mode }, problem: string): string {
  return consolePaths(address)('payments', {}, { problem })
}

/** A program is refused as ever; a browser that pressed a button is taken back to a page that says why. */
export function toStripe(c: Context, minted: Outcome<{ readonly url: Secret }>, back: (problem: string) => string) {
  const isButton = c.req.method === 'GET' || c.req.header('Content-Type') === 'application/x-www-form-urlencoded'
  if (!minted.ok && isButton) return c.redirect(back(minted.refusal.code), 303)
  return c.redirect(getValue(minted).url.reveal(), 303)
}
