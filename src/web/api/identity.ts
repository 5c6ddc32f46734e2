/**
 * Signing up, signing in and out, a forgotten or changed password, and who is signed in (TRU-70 to TRU-77, UI-5). The demo button exists only in sandbox mode, for a peer
 * on this machine.
 */
import {
  changePassword,
  confirmSignUp,
  findSignUp,
  findVisit,
  getCompany,
  listPermissions,
  listWorkplaces,
  repeatSignUp,
  requestPasswordReset,
  requestSignUp,
  resetPassword,
  signIn,
  signInToDemo,
  signOut,
  type Visit,
} from '#operators'
import { isAdministrator } from '#installation'
import { inScope } from '#platform'
import { beginOnboarding } from '#welcome'
import { createRoute, z } from '@hono/zod-openapi'
import { jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { apiRefusal, getFound, getValue } from './problems.ts'
import { addCookies, addressOf, getVisit, isLoopback } from './context.ts'

/** The same words whether or not the address is known. */
const linkOnItsWay = 'If this address can be used, a link is on its way.'
const sentAnswer = z.strictObject({ message: z.literal(linkOnItsWay) })

const emailField = z
  .string()
  .trim()
  .max(254, 'Use at most 254 characters.')
  .pipe(z.email('Enter a mail address, such as name@example.com.'))
const tokenField = z.string().max(200)
const passwordField = z.string().min(1, 'Enter a password.').max(1000, 'Use at most 128 characters.')

const requestRoute = createRoute({
  method: 'post',
  path: '/sign-up',
  'x-permission': 'public',
  request: {
    body: jsonBody(
      z.strictObject({
        name: z.string().trim().min(1, 'Enter your name.').max(120, 'Use at most 120 characters.'),
        email: emailField,
        slug: z
          .string()
          .regex(
            /^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$/,
            'Use 3 to 40 small letters, digits and hyphens, with a letter or digit at both ends.',
          ),
      }),
    ),
  },
  responses: { 200: jsonAnswer(sentAnswer, 'The same answer for every address.') },
})

const findRoute = createRoute({
  method: 'get',
  path: '/sign-up/{token}',
  'x-permission': 'public',
  request: { params: z.strictObject({ token: tokenField }) },
  responses: {
    200: jsonAnswer(
      z.strictObject({ name: z.string(), email: z.string(), slug: z.string() }),
      'What the link stands for; nothing changes.',
    ),
  },
})

const repeatRoute = createRoute({
  method: 'post',
  path: '/sign-up/resend',
  'x-permission': 'public',
  request: { body: jsonBody(z.strictObject({ token: tokenField })) },
  responses: { 200: jsonAnswer(sentAnswer, 'A new link, to the address the old one went to.') },
})

const confirmRoute = createRoute({
  method: 'post',
  path: '/verify-email',
  'x-permission': 'public',
  request: {
    body: jsonBody(
      z.strictObject({
        token: tokenField,
        password: passwordField,
        country: z.string(),
        currency: z.string(),
        timeZone: z.string(),
      }),
    ),
  },
  responses: { 200: jsonAnswer(z.strictObject({ slug: z.string() }), 'The workspace; the person is signed in.') },
})

export function signUpRoutes({ people, database }: ApiContext) {
  return publicApp()
    .openapi(requestRoute, async (c) => {
      getValue(await requestSignUp(people, c.req.valid('json')))
      return c.json({ message: linkOnItsWay } as const, 200)
    })
    .openapi(findRoute, async (c) => c.json(getValue(await findSignUp(people, c.req.valid('param').token)), 200))
    .openapi(repeatRoute, async (c) => {
      getValue(await repeatSignUp(people, c.req.valid('json').token))
      return c.json({ message: linkOnItsWay } as const, 200)
    })
    .openapi(confirmRoute, async (c) => {
      const { operatorId, slug, cookies } = getValue(await confirmSignUp(people, c.req.valid('json')))
      await inScope(database, { operatorId, mode: 'test' }, beginOnboarding)
      addCookies(c, cookies)
      return c.json({ slug }, 200)
    })
}

const doneAnswer = z.strictObject({ done: z.literal(true) })

const signInRoute = createRoute({
  method: 'post',
  path: '/sign-in',
  'x-permission': 'public',
  request: { body: jsonBody(z.strictObject({ email: emailField, password: passwordField })) },
  responses: {
    200: jsonAnswer(
      z.strictObject({ slug: z.string().nullable() }),
      'Signed in; the session is in the cookie, the slug is where the person works.',
    ),
  },
})

const signOutRoute = createRoute({
  method: 'post',
  path: '/sign-out',
  'x-permission': 'public',
  responses: { 200: jsonAnswer(doneAnswer, 'Signed out, also when nobody was signed in.') },
})

const forgotRoute = createRoute({
  method: 'post',
  path: '/forgotten-password',
  'x-permission': 'public',
  request: { body: jsonBody(z.strictObject({ email: emailField })) },
  responses: { 200: jsonAnswer(sentAnswer, 'The same answer for every address.') },
})

const resetRoute = createRoute({
  method: 'post',
  path: '/reset-password',
  'x-permission': 'public',
  request: { body: jsonBody(z.strictObject({ token: tokenField, password: passwordField })) },
  responses: { 200: jsonAnswer(doneAnswer, 'The new password is set and every session ended.') },
})

const demoRoute = createRoute({
  method: 'post',
  path: '/demo/sign-in',
  'x-permission': 'public',
  responses: { 200: jsonAnswer(z.strictObject({ slug: z.string() }), 'Signed in to the demo operator.') },
})

export function signInRoutes(context: ApiContext) {
  const { people, isSandboxOn } = context
  return publicApp()
    .openapi(signInRoute, async (c) => {
      const { cookies, slug } = getValue(await signIn(people, { ...c.req.valid('json'), address: addressOf(c) }))
      addCookies(c, cookies)
      return c.json({ slug }, 200)
    })
    .openapi(signOutRoute, async (c) => {
      addCookies(c, await signOut(people, c.req.raw.headers))
      c.header('Clear-Site-Data', '"storage"')
      return c.json({ done: true } as const, 200)
    })
    .openapi(forgotRoute, async (c) => {
      await requestPasswordReset(people, c.req.valid('json').email)
      return c.json({ message: linkOnItsWay } as const, 200)
    })
    .openapi(resetRoute, async (c) => {
      getValue(await resetPassword(people, c.req.valid('json')))
      return c.json({ done: true } as const, 200)
    })
    .openapi(demoRoute, async (c) => {
      if (!isSandboxOn || !isLoopback(c)) throw apiRefusal('not_found')
      const { slug, cookies } = getFound(await signInToDemo(people), 'demo operator')
      addCookies(c, cookies)
      return c.json({ slug }, 200)
    })
}

const workplace = z.strictObject({
  slug: z.string(),
  name: z.string(),
  role: z.enum(['owner', 'admin', 'billing', 'front_desk']),
  permissions: z.array(z.string()),
  defaultMode: z.enum(['test', 'live']),
  country: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  locale: z.string(),
})

const meAnswer = z.strictObject({
  /** Null when nobody is signed in. */
  person: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  operators: z.array(workplace),
  /** Runs the installation, so its page exists for this person. */
  isAdministrator: z.boolean(),
  isSandbox: z.boolean(),
  sandboxUrl: z.string().optional(),
  canDemoSignIn: z.boolean(),
})

const meRoute = createRoute({
  method: 'get',
  path: '/me',
  'x-permission': 'public',
  responses: { 200: jsonAnswer(meAnswer, 'The person behind the session, or nobody.') },
})

const passwordRoute = createRoute({
  method: 'post',
  path: '/me/password',
  'x-permission': 'signed_in',
  request: { body: jsonBody(z.strictObject({ present: passwordField, password: passwordField })) },
  responses: { 200: jsonAnswer(z.strictObject({ done: z.literal(true) }), 'Changed; all other sessions have ended.') },
})

export function meRoutes(context: ApiContext) {
  const { people } = context
  return publicApp()
    .openapi(meRoute, async (c) => {
      const visit = await findVisit(people, c.req.raw.headers)
      if (visit) addCookies(c, visit.cookies)
      const surroundings = {
        isSandbox: context.isSandboxOn,
        ...(context.sandboxOrigin !== undefined && { sandboxUrl: context.sandboxOrigin }),
        canDemoSignIn: context.isSandboxOn && isLoopback(c),
      }
      const operators = visit ? await listOwn(context, visit) : []
      const runs = visit ? await isAdministrator(context.installation, visit.person) : false
      return c.json({ person: visit?.person ?? null, operators, isAdministrator: runs, ...surroundings }, 200)
    })
    .openapi(passwordRoute, async (c) => {
      const { present, password } = c.req.valid('json')
      const change = { present, wanted: password, headers: c.req.raw.headers, address: addressOf(c) }
      const { cookies } = getValue(await changePassword(people, getVisit(c), change))
      addCookies(c, cookies)
      return c.json({ done: true } as const, 200)
    })
}

async function listOwn({ people, database, findDefaultMode }: ApiContext, { person }: Visit) {
  const found = await listWorkplaces(people, person.id)
  return Promise.all(
    found.map(async ({ operator, role }) => {
      const company = await inScope(database, { operatorId: operator.id, mode: 'test' }, getCompany)
      const { country, currency, timeZone, locale } = company
      return {
        defaultMode: await findDefaultMode(operator.id),
        slug: operator.slug,
        name: operator.name,
        role,
        permissions: [...listPermissions(role)],
        country,
        currency,
        timeZone,
        locale,
      }
    }),
  )
}
