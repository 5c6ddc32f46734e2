/**
 * Proving once more who is there (TRU-78, UI-6). Which operations ask for it stands in the permission matrix alone: the gate refuses with
 * 403 `step_up_required` and the ways to prove it, the screen asks for one, sends it here and repeats what was refused. What surprises: in
 * the sandbox, on this machine, the demo's person is shown the password they are asked for.
 */
import { findDemoPassword, findProofEnd, listStepUpMethods, proveAgain, stepUpMethods } from '#operators'
import { createRoute, z } from '@hono/zod-openapi'
import { addCookies, addressOf, getVisit, isLoopback } from './context.ts'
import { jsonAnswer, jsonBody, publicApp, type ApiContext } from './context.ts'
import { getValue } from './problems.ts'

const readRoute = createRoute({
  method: 'get',
  path: '/step-up',
  'x-permission': 'signed_in',
  responses: {
    200: jsonAnswer(
      z.strictObject({
        methods: z.array(z.enum(stepUpMethods)),
        /** How long the last proof still counts. Not an instant, because the browser's clock may be another. */
        secondsLeft: z.number().int(),
        demoPassword: z.string().optional(),
      }),
      'How the person can prove who they are, and until when they have.',
    ),
  },
})
const proveRoute = createRoute({
  method: 'post',
  path: '/step-up',
  'x-permission': 'signed_in',
  request: {
    body: jsonBody(
      z.strictObject({
        method: z.enum(stepUpMethods),
        password: z.string().min(1, 'Enter your password.').max(1000, 'Use at most 128 characters.'),
      }),
    ),
  },
  responses: {
    200: jsonAnswer(
      z.strictObject({ secondsLeft: z.number().int() }),
      'Proven for so long; the session goes on under a new token.',
    ),
  },
})

export function stepUpRoutes({ people, isSandboxOn, clock }: ApiContext) {
  const secondsUntil = (end: Date | undefined) =>
    end === undefined ? 0 : Math.ceil((end.getTime() - clock.now().getTime()) / 1000)
  return publicApp()
    .openapi(readRoute, async (c) => {
      const visit = getVisit(c)
      const secondsLeft = secondsUntil(await findProofEnd(people, visit))
      const demoPassword = isSandboxOn && isLoopback(c) ? await findDemoPassword(people, visit) : undefined
      const methods = await listStepUpMethods(people, visit)
      return c.json({ methods, secondsLeft, ...(demoPassword !== undefined && { demoPassword }) }, 200)
    })
    .openapi(proveRoute, async (c) => {
      const { password } = c.req.valid('json')
      const proof = { password, headers: c.req.raw.headers, address: addressOf(c) }
      const { cookies, endsAt } = getValue(await proveAgain(people, getVisit(c), proof))
      addCookies(c, cookies)
      return c.json({ secondsLeft: secondsUntil(endsAt) }, 200)
    })
}
