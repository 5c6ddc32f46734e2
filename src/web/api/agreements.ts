/** The versions of the agreement renters accept, and the publishing of the next one. */
import { publicId } from '#kernel'
import { agreementFields, findAgreementVersion, findCurrentAgreement, listAgreementVersions } from '#leases'
import { publishAgreement, type AgreementVersion } from '#leases'
import { inScope } from '#platform'
import { getLocation, todayAt } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
import { getFound, getValue } from './problems.ts'

const versionSchema = z.strictObject({
  id: z.string(),
  version: z.number(),
  title: z.string(),
  effectiveOn: z.string(),
  publishedAt: z.string(),
})
const textSchema = versionSchema.extend({ content: z.string() })
const listSchema = z.strictObject({
  versions: z.array(versionSchema.extend({ acceptedBy: z.number() })),
  current: textSchema.optional(),
  mergeFields: z.array(z.string()),
})

const listRoute = createRoute({
  method: 'get',
  path: '/agreements',
  'x-permission': 'lease.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(listSchema, 'Every version, the one in force today, and the fields a text may name.') },
})

const publishRoute = createRoute({
  method: 'post',
  path: '/agreements',
  'x-permission': 'agreement.edit',
  request: {
    params: inOperator({}),
    query: withMode({}),
    body: jsonBody(
      z.strictObject({ title: z.string(), content: z.string().max(50_000, 'Use at most 50,000 characters.') }),
    ),
  },
  responses: { 201: jsonAnswer(textSchema, 'The published version.') },
})

const readRoute = createRoute({
  method: 'get',
  path: '/agreements/{agreementId}',
  'x-permission': 'lease.view',
  request: { params: inOperator({ agreementId: idOf('agreement') }), query: withMode({}) },
  responses: { 200: jsonAnswer(textSchema, 'The version with its text.') },
})

export function agreementRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const list = await inScope(database, c.var.scope, async (rows) => {
        const versions = await listAgreementVersions(rows)
        const current = await findCurrentAgreement(rows, todayAt(await getLocation(rows), rows.clock))
        return {
          versions: versions.map((version) => ({ ...versionView(version), acceptedBy: version.acceptedBy })),
          ...(current && { current: textView(current) }),
          mergeFields: Object.keys(agreementFields),
        }
      })
      return c.json(list, 200)
    })
    .openapi(publishRoute, async (c) => {
      const wish = { ...c.req.valid('json'), actor: c.var.person.name }
      const published = await inScope(database, c.var.scope, async (rows) =>
        getValue(await publishAgreement(rows, wish)),
      )
      return c.json(textView(published), 201)
    })
    .openapi(readRoute, async (c) => {
      const { agreementId } = c.req.valid('param')
      const version = await inScope(database, c.var.scope, (rows) => findAgreementVersion(rows, agreementId))
      return c.json(textView(getFound(version, 'agreement')), 200)
    })
}

function versionView({ id, version, title, effectiveOn, publishedAt }: AgreementVersion) {
  return { id: publicId('agreement', id), version, title, effectiveOn, publishedAt: publishedAt.toISOString() }
}

function textView(version: AgreementVersion) {
  return { ...versionView(version), content: version.content }
}
