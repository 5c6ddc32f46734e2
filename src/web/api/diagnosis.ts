/**
 * Administration → Diagnosis: every check with what it says, and the remedies. A remedy answers with what it changed and with the checks as
 * they stand afterwards (UI-160). Looking is for all staff; running all checks changes nothing, so it is, too.
 */
import { connectionGroundOf } from '#connections'
import {
  checkCodes,
  checkPayments,
  checkPayouts,
  decideRefund,
  deeds,
  diagnose,
  doors,
  linkTargets,
  mailAgain,
  mailLink,
  readOpenTroubles,
  repairWebhook,
  retryPayouts,
  runChecks,
  testAgain,
  type Diagnosis,
} from '#diagnosis'
import type { AccountId, Mode } from '#kernel'
import { isAdministrator } from '#installation'
import { isAllowed, type Role } from '#operators'
import { inScope } from '#platform'
import { refundDecisions } from '#refunds'
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
import { bankPageOf } from './payouts.ts'
import { getValue } from './problems.ts'

/** `href` only for a place that the server alone knows. */
const link = z.strictObject({ to: z.enum(linkTargets), id: z.string().optional(), href: z.string().optional() })
const diagnosisSchema = z.strictObject({
  checkedAt: z.string(),
  isConnected: z.boolean(),
  /** Whether this person may press the remedies. */
  canRepair: z.boolean(),
  askedAt: z.string().optional(),
  checks: z.array(
    z.strictObject({
      code: z.enum(checkCodes),
      title: z.string(),
      symptom: z.string(),
      state: z.enum(['ok', 'found', 'cannot_tell']),
      cause: z.string(),
      text: z.string(),
      since: z.string().optional(),
      evidence: z.array(z.strictObject({ label: z.string(), value: z.string(), link: link.optional() })),
      remedies: z.array(
        z.strictObject({
          label: z.string(),
          deed: z.enum(deeds).optional(),
          /** What the deed is about, where it is about one refund. */
          refundId: z.string().optional(),
          link: link.optional(),
          /** Where the press leaves for Stripe by a redirect. */
          door: z.enum(doors).optional(),
        }),
      ),
    }),
  ),
  cleared: z.array(z.strictObject({ title: z.string(), text: z.string(), openedAt: z.string(), closedAt: z.string() })),
  report: z.string(),
})
const changedSchema = z.strictObject({ changes: z.array(z.string()), diagnosis: diagnosisSchema })

const request = { params: inOperator({}), query: withMode({}) }
const changed = { 200: jsonAnswer(changedSchema, 'What was changed, and the checks as they stand now.') }

const readRoute = createRoute({
  method: 'get',
  path: '/diagnosis',
  'x-permission': 'diagnosis.view',
  request,
  responses: { 200: jsonAnswer(diagnosisSchema, 'Every check of this mode, failing first.') },
})
const troublesRoute = createRoute({
  method: 'get',
  path: '/diagnosis/troubles',
  'x-permission': 'diagnosis.view',
  request,
  responses: {
    200: jsonAnswer(
      z.strictObject({
        rows: z.array(
          z.strictObject({
            code: z.enum(checkCodes),
            cause: z.string(),
            title: z.string(),
            text: z.string(),
            openedAt: z.string(),
          }),
        ),
      }),
      'The troubles that are open; nothing is judged anew.',
    ),
  },
})
const runRoute = createRoute({
  method: 'post',
  path: '/diagnosis/run',
  'x-permission': 'diagnosis.view',
  request,
  responses: { 200: jsonAnswer(diagnosisSchema, 'Stripe was asked again; nothing was changed there.') },
})
const repairRoute = createRoute({
  method: 'post',
  path: '/diagnosis/repair-webhook',
  'x-permission': 'diagnosis.repair',
  request,
  responses: changed,
})
const checkRoute = createRoute({
  method: 'post',
  path: '/diagnosis/check-payments',
  'x-permission': 'diagnosis.repair',
  request,
  responses: changed,
})
const testRoute = createRoute({
  method: 'post',
  path: '/diagnosis/test-again',
  'x-permission': 'diagnosis.repair',
  request,
  responses: changed,
})
const refundRoute = createRoute({
  method: 'post',
  path: '/diagnosis/refund',
  'x-permission': 'diagnosis.repair',
  request: {
    ...request,
    body: jsonBody(z.strictObject({ refundId: idOf('refund'), decision: z.enum(refundDecisions) })),
  },
  responses: changed,
})

const checkPayoutsRoute = createRoute({
  method: 'post',
  path: '/diagnosis/check-payouts',
  'x-permission': 'diagnosis.repair',
  request,
  responses: changed,
})
const mailLinkRoute = createRoute({
  method: 'post',
  path: '/diagnosis/mail-link',
  'x-permission': 'diagnosis.repair',
  request,
  responses: changed,
})
const retryPayoutRoute = createRoute({
  method: 'post',
  path: '/diagnosis/retry-payout',
  'x-permission': 'payout.schedule',
  request,
  responses: changed,
})
const mailAgainRoute = createRoute({
  method: 'post',
  path: '/diagnosis/mail-again',
  'x-permission': 'diagnosis.repair',
  request,
  responses: changed,
})

export function diagnosisRoutes(context: ApiContext) {
  const ground = { ...connectionGroundOf(context), jobs: context.jobs }
  const view = async ({ scope, person, visit }: OperatorEnv['Variables']) => {
    const canSeeInstallation = visit !== undefined && (await isAdministrator(context.installation, visit.person))
    return toAnswer(context, await diagnose(ground, scope), { role: person.role, mode: scope.mode, canSeeInstallation })
  }
  return operatorApp()
    .openapi(readRoute, async (c) => c.json(await view(c.var), 200))
    .openapi(troublesRoute, async (c) => {
      const open = await inScope(context.database, c.var.scope, readOpenTroubles)
      return c.json({ rows: open.map(({ openedAt, ...one }) => ({ ...one, openedAt: openedAt.toISOString() })) }, 200)
    })
    .openapi(runRoute, async (c) => {
      await runChecks(ground, c.var.scope)
      return c.json(await view(c.var), 200)
    })
    .openapi(repairRoute, async (c) => {
      const { scope, person } = c.var
      const { changes } = getValue(await repairWebhook(ground, { scope, actor: person.name }))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(checkRoute, async (c) => {
      const { changes } = getValue(await checkPayments(ground, c.var.scope))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(refundRoute, async (c) => {
      const { scope, person } = c.var
      const { changes } = getValue(await decideRefund(ground, scope, { ...c.req.valid('json'), actor: person.name }))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(testRoute, async (c) => {
      const { changes } = getValue(await testAgain(ground, c.var.scope))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(checkPayoutsRoute, async (c) => {
      const { changes } = getValue(await checkPayouts(context, c.var.scope))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(retryPayoutRoute, async (c) => {
      const { scope, person } = c.var
      const { changes } = getValue(await retryPayouts(context, scope, person.id))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(mailLinkRoute, async (c) => {
      const { changes } = getValue(await mailLink(ground, c.var.scope))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
    .openapi(mailAgainRoute, async (c) => {
      const { changes } = getValue(await mailAgain(ground, c.var.scope))
      return c.json({ changes: [...changes], diagnosis: await view(c.var) }, 200)
    })
}

function toAnswer(
  context: ApiContext,
  { checkedAt, askedAt, checks, cleared, ...same }: Diagnosis,
  {
    role,
    mode,
    canSeeInstallation,
  }: { readonly role: Role; readonly mode: Mode; readonly canSeeInstallation: boolean },
): z.infer<typeof diagnosisSchema> {
  return {
    ...same,
    canRepair: isAllowed(role, 'diagnosis.repair'),
    checkedAt: checkedAt.toISOString(),
    ...(askedAt && { askedAt: askedAt.toISOString() }),
    checks: checks.map(({ since, evidence, remedies, ...check }) => ({
      ...check,
      ...(since && { since: since.toISOString() }),
      evidence: evidence.map((one) => ({ ...one })),
      // For everybody else that page does not exist.
      remedies: remedies
        .filter((one) => canSeeInstallation || !('link' in one) || one.link.to !== 'installation')
        .map((one) => {
          if (!('link' in one) || one.link.to !== 'stripe_banks') return { ...one }
          const accountId = (one.link.id || null) as AccountId | null
          return { ...one, link: { to: one.link.to, href: bankPageOf(context, { mode, accountId }) } }
        }),
    })),
    cleared: cleared.map(({ openedAt, closedAt, ...one }) => ({
      ...one,
      openedAt: openedAt.toISOString(),
      closedAt: closedAt.toISOString(),
    })),
  }
}
