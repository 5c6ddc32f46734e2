/** Who is signed in, where they work and what they may do there; the screens read their permissions from here (UI-5). */
import { changePassword, findVisit, getCompany, listPermissions, listWorkplaces, type Visit } from '#operators'
import { inScope } from '#platform'
import { createRoute, z } from '@hono/zod-openapi'
import { passwordField } from './identity.ts'
import { jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { getValue } from './problems.ts'
import { addCookies, addressOf, getVisit, isLoopback } from './session.ts'

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
      return c.json({ person: visit?.person ?? null, operators, ...surroundings }, 200)
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
