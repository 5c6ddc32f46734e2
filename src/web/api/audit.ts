/** Administration → Audit log (UI-108): who changed what, a page at a time, and whether the chain is whole. */
import { listAudit, listAuditKinds, verifyChain, type AuditEntry, type AuditValues } from '#audit'
import { inScope } from '#platform'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, operatorApp, withMode, type ApiContext } from './context.ts'

const perPage = 50

const value = z.strictObject({ name: z.string(), text: z.string() })
const entrySchema = z.strictObject({
  seq: z.string(),
  at: z.string(),
  mode: z.enum(['test', 'live']),
  actorKind: z.enum(['person', 'visitor']),
  actor: z.string(),
  address: z.string(),
  action: z.string(),
  objectKind: z.string(),
  objectId: z.string(),
  before: z.array(value),
  after: z.array(value),
  requestId: z.string(),
})

const listRoute = createRoute({
  method: 'get',
  path: '/audit',
  'x-permission': 'audit.view',
  request: {
    params: inOperator({}),
    query: withMode({
      actor: z.string().max(120, 'Use at most 120 characters.').optional(),
      kind: z.string().max(60, 'Use at most 60 characters.').optional(),
      from: z.iso.date('Enter a date.').optional(),
      to: z.iso.date('Enter a date.').optional(),
      before: z
        .string()
        .regex(/^\d{1,18}$/, 'This page does not exist.')
        .optional(),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.strictObject({ rows: z.array(entrySchema), next: z.string().optional(), kinds: z.array(z.string()) }),
      'Newest first, both modes; secrets are dots.',
    ),
  },
})
const chainRoute = createRoute({
  method: 'get',
  path: '/audit/chain',
  'x-permission': 'audit.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: {
    200: jsonAnswer(
      z.strictObject({
        isWhole: z.boolean(),
        entries: z.string(),
        checkedAt: z.string(),
        broken: z.strictObject({ seq: z.string(), words: z.string() }).optional(),
      }),
      'Every entry recounted from the first one.',
    ),
  },
})

export function auditRoutes({ database, clock }: ApiContext) {
  return operatorApp()
    .openapi(listRoute, async (c) => {
      const { actor, kind, from, to, before } = c.req.valid('query')
      const filter = { actor: wanted(actor), kind: wanted(kind), from: dayStart(from), to: dayAfter(to) }
      const wish = { filter, before: before === undefined ? undefined : BigInt(before), limit: perPage }
      const found = await inScope(database, c.var.scope, async (rows) => ({
        page: await listAudit(rows, wish),
        kinds: await listAuditKinds(rows),
      }))
      const { entries, next } = found.page
      const more = next === undefined ? {} : { next: String(next) }
      return c.json({ rows: entries.map(rowOf), kinds: [...found.kinds], ...more }, 200)
    })
    .openapi(chainRoute, async (c) => {
      const { entries, broken } = await inScope(database, c.var.scope, verifyChain)
      const fault = broken && { broken: { seq: String(broken.seq), words: broken.words } }
      const checkedAt = clock.now().toISOString()
      return c.json({ isWhole: broken === undefined, entries: String(entries), checkedAt, ...fault }, 200)
    })
}

function wanted(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function dayStart(day: string | undefined): Date | undefined {
  return day === undefined ? undefined : new Date(`${day}T00:00:00Z`)
}

function dayAfter(day: string | undefined): Date | undefined {
  return day === undefined ? undefined : new Date(new Date(`${day}T00:00:00Z`).getTime() + 86_400_000)
}

function rowOf(entry: AuditEntry): z.infer<typeof entrySchema> {
  const { actor } = entry
  return {
    seq: String(entry.seq),
    at: entry.at.toISOString(),
    mode: entry.mode,
    actorKind: actor.kind,
    actor: actor.name,
    address: actor.ipPrefix,
    action: entry.action,
    objectKind: entry.objectKind,
    objectId: entry.objectId,
    before: valuesOf(entry.before),
    after: valuesOf(entry.after),
    requestId: actor.requestId,
  }
}

function valuesOf(text: string): { name: string; text: string }[] {
  if (text === '') return []
  return Object.entries(JSON.parse(text) as AuditValues).map(([name, kept]) => ({ name, text: String(kept ?? '') }))
}
