/** Leases: who has which space on what terms, what was accepted, and what is billed next. */
import { addDays, parseId, publicId, type Uuid } from '#kernel'
import { describeInvoice, findInvoiceOfLease, listBalances, listInvoices, lockInvoice } from '#billing'
import { noBooks, planInvoices, voidInvoice } from '#billing'
import { cancelLease, countLeases, findAgreementVersion, findLease, getAcceptance, leaseStateLabel } from '#leases'
import { listLeases, type Lease, type PlannedInvoice } from '#leases'
import { findOpenPayment, listNewestPayments } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { getLocation, intervalLabel, todayAt } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  moneySchema,
  operatorApp,
  withMode,
  type ApiContext,
} from './context.ts'
import { canSchema, labelSchema, can, latestAttemptOf, wire } from './invoice-schemas.ts'
import { getFound, getValue } from './problems.ts'

export const leaseRowSchema = z.strictObject({
  id: z.string(),
  space: z.strictObject({ id: z.string(), number: z.string() }),
  renter: z.strictObject({ id: z.string(), name: z.string() }),
  state: z.string(),
  stateLabel: z.string(),
  startOn: z.string(),
  endOn: z.string().optional(),
  interval: z.string(),
  intervalLabel: z.string(),
  price: moneySchema,
  deposit: moneySchema,
  balance: moneySchema,
})

export async function readLeaseRows(
  rows: ScopedHandle,
  leases: readonly Lease[],
): Promise<z.infer<typeof leaseRowSchema>[]> {
  const today = todayAt(await getLocation(rows), rows.clock)
  const owed = await listBalances(rows, { by: 'leaseId', ids: leases.map(({ id }) => id), today })
  return leases.map((lease) => {
    const { currency } = lease
    const balance = owed.find(({ leaseId, currency: own }) => leaseId === lease.id && own === currency)
    return {
      id: publicId('lease', lease.id),
      space: { id: publicId('space', lease.spaceId), number: lease.spaceNumber },
      renter: { id: publicId('renter', lease.renterId), name: lease.renterName },
      state: lease.state,
      stateLabel: leaseStateLabel(lease.state),
      startOn: lease.startOn,
      ...(lease.endOn !== undefined && { endOn: lease.endOn }),
      interval: lease.interval,
      intervalLabel: intervalLabel(lease.interval),
      price: wire({ amountMinor: lease.priceMinor, currency }),
      deposit: wire({ amountMinor: lease.depositMinor, currency }),
      balance: wire({ amountMinor: balance?.outstandingMinor ?? 0n, currency }),
    }
  })
}

const plannedSchema = z.strictObject({
  periodStart: z.string(),
  periodEnd: z.string(),
  issueOn: z.string(),
  dueOn: z.string(),
  chargeOn: z.string().optional(),
  total: moneySchema,
})

const leaseSchema = leaseRowSchema.extend({
  createdAt: z.string(),
  heldUntil: z.string().optional(),
  priceReason: z.string().optional(),
  agreement: z.strictObject({
    version: z.number(),
    title: z.string(),
    acceptedName: z.string(),
    acceptedAt: z.string(),
    text: z.string(),
  }),
  schedule: z.array(plannedSchema),
  invoices: z.array(z.strictObject({ id: z.string(), number: z.string(), total: moneySchema, label: labelSchema })),
  can: z.strictObject({ cancel: canSchema }),
})

const listSchema = z.strictObject({
  rows: z.array(leaseRowSchema),
  next: z.string().optional(),
  count: z.number(),
  isCountCapped: z.boolean(),
})

const listRoute = createRoute({
  method: 'get',
  path: '/leases',
  'x-permission': 'lease.view',
  request: {
    params: inOperator({}),
    query: withMode({
      renter: idOf('renter').optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
      after: z.string().optional(),
    }),
  },
  responses: { 200: jsonAnswer(listSchema, 'One page of leases, the newest first.') },
})

const ofLease = inOperator({ leaseId: idOf('lease') })
const readRoute = createRoute({
  method: 'get',
  path: '/leases/{leaseId}',
  'x-permission': 'lease.view',
  request: { params: ofLease, query: withMode({}) },
  responses: { 200: jsonAnswer(leaseSchema, 'The lease, what was accepted, and what is billed next.') },
})

const cancelRoute = createRoute({
  method: 'post',
  path: '/leases/{leaseId}/cancel',
  'x-permission': 'invoice.void',
  request: {
    params: ofLease,
    query: withMode({}),
    body: jsonBody(z.strictObject({ reason: z.string().trim().min(1, 'Enter why it is cancelled.') })),
  },
  responses: { 200: jsonAnswer(leaseSchema, 'The cancelled lease; its first invoice is voided.') },
})

export function leaseRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(listRoute, async (c) => {
      return c.json(await inScope(database, c.var.scope, (rows) => readLeaseList(rows, c.req.valid('query'))), 200)
    })
    .openapi(readRoute, async (c) => {
      const { leaseId } = c.req.valid('param')
      return c.json(await inScope(database, c.var.scope, (rows) => readLeaseView(rows, leaseId)), 200)
    })
    .openapi(cancelRoute, async (c) => {
      const { leaseId } = c.req.valid('param')
      const view = await inScope(database, c.var.scope, async (rows) => {
        await cancel(rows, { leaseId, reason: c.req.valid('json').reason, actor: c.var.person.name })
        return readLeaseView(rows, leaseId)
      })
      return c.json(view, 200)
    })
}

/** The one void command cancels the lease with its invoice; a lease that no longer waits for it is refused by `leases`. */
async function cancel(rows: ScopedHandle, wish: { leaseId: Uuid; reason: string; actor: string }): Promise<void> {
  const lease = getFound(await findLease(rows, wish.leaseId), 'lease')
  const invoice = await findInvoiceOfLease(rows, lease.id)
  if (lease.state !== 'awaiting_payment' || !invoice) {
    getValue(await cancelLease(rows, wish))
    return
  }
  await lockInvoice(rows, invoice.id)
  const inFlight = (await findOpenPayment(rows, invoice.id)) ? 1 : 0
  const { reason, actor } = wish
  getValue(await voidInvoice({ rows, invoiceId: invoice.id, reason, actor, books: noBooks('not_connected'), inFlight }))
}

type ListQuery = z.infer<typeof listRoute.request.query>

async function readLeaseList(rows: ScopedHandle, wish: ListQuery): Promise<z.infer<typeof listSchema>> {
  const limit = wish.limit ?? 50
  const after = wish.after === undefined ? undefined : parseId('lease', wish.after)
  const found = await listLeases(rows, { renterId: wish.renter, after, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const count = await countLeases(rows, { renterId: wish.renter, cap: 1001 })
  const last = shown.at(-1)
  return {
    rows: await readLeaseRows(rows, shown),
    ...(found.length > limit && last && { next: publicId('lease', last.id) }),
    count: Math.min(count, 1000),
    isCountCapped: count > 1000,
  }
}

async function readLeaseView(rows: ScopedHandle, leaseId: Uuid): Promise<z.infer<typeof leaseSchema>> {
  const lease = getFound(await findLease(rows, leaseId), 'lease')
  const [row] = await readLeaseRows(rows, [lease])
  const acceptance = await getAcceptance(rows, leaseId)
  const version = getFound(await findAgreementVersion(rows, acceptance.versionId), 'agreement')
  const isOver = ['ended', 'settled', 'abandoned', 'cancelled'].includes(lease.state)
  const cancelReason =
    lease.state !== 'awaiting_payment' && 'Only a lease that waits for its first payment can be cancelled.'
  return {
    ...getFound(row, 'lease'),
    createdAt: lease.createdAt.toISOString(),
    ...(lease.heldUntil && { heldUntil: lease.heldUntil.toISOString() }),
    ...(lease.terms.override && { priceReason: lease.terms.override.reason }),
    agreement: {
      version: version.version,
      title: version.title,
      acceptedName: acceptance.acceptedName,
      acceptedAt: acceptance.acceptedAt.toISOString(),
      text: acceptance.renderedText,
    },
    schedule: isOver ? [] : (await planInvoices(rows, lease)).map((planned) => plannedView(planned, lease.currency)),
    invoices: await readInvoicesOf(rows, leaseId),
    can: { cancel: can(cancelReason) },
  }
}

async function readInvoicesOf(rows: ScopedHandle, leaseId: Uuid): Promise<z.infer<typeof leaseSchema>['invoices']> {
  const today = todayAt(await getLocation(rows), rows.clock)
  const invoices = await listInvoices(rows, { leaseId, limit: 50 })
  const newest = await listNewestPayments(
    rows,
    invoices.map(({ id }) => id),
  )
  return invoices.map((invoice) => {
    const payment = newest.get(invoice.id)
    const latestAttempt = latestAttemptOf(payment ? [payment] : [])
    const { label, tone, detail } = describeInvoice(invoice, { today, latestAttempt })
    return {
      id: publicId('invoice', invoice.id),
      number: invoice.number ?? 'Draft',
      total: wire({ amountMinor: invoice.totalMinor, currency: invoice.currency }),
      label: { text: label, tone, ...(detail !== undefined && { detail }) },
    }
  })
}

/** People read the last day of a period, not the first day after it. */
function plannedView(planned: PlannedInvoice, currency: string): z.infer<typeof plannedSchema> {
  const { totalMinor, periodEnd, ...dates } = planned
  return { ...dates, periodEnd: addDays(periodEnd, -1), total: wire({ amountMinor: totalMinor, currency }) }
}
