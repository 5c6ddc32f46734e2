/** The people and companies who rent: who they are, what they owe, how they pay and what they have. */
import { parseId, publicId, type Money } from '#kernel'
import { listBalances, type Owed } from '#billing'
import { findChargingConnection } from '#connections'
import { listActiveRenterIds, listLeases } from '#leases'
import { inScope, type ScopedHandle } from '#platform'
import { countRenters, createRenter, findRenter, listMethods, listRenters, methodLabel } from '#renters'
import { readPaymentReadiness, updateRenter, type Renter, type SavedMethod } from '#renters'
import { makeOnce } from '#requests'
import { getLocation, todayAt, type Location } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  moneySchema,
  operatorApp,
  withMode,
  withRequestKey,
  type ApiContext,
} from './context.ts'
import { canSchema, can, wire } from './invoice-schemas.ts'
import { leaseRowSchema, readLeaseRows } from './leases.ts'
import { getFound, getValue } from './problems.ts'

const renterRowSchema = z.strictObject({
  id: z.string(),
  number: z.string(),
  kind: z.enum(['person', 'company']),
  name: z.string(),
  businessName: z.string(),
  email: z.string(),
  phone: z.string(),
  status: z.enum(['active', 'inactive', 'suspended']),
  balance: moneySchema,
  overdue: moneySchema,
})

const methodSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  kind: z.string(),
  expires: z.string().optional(),
  isDefault: z.boolean(),
  unusableReason: z.string().optional(),
})

const renterSchema = renterRowSchema.extend({
  billingAddress: z.string(),
  taxNumber: z.string(),
  manualPaymentsAllowed: z.boolean(),
  version: z.number(),
  methods: z.array(methodSchema),
  banners: z.array(z.strictObject({ code: z.string(), title: z.string(), text: z.string() })),
  leases: z.array(leaseRowSchema),
  can: z.strictObject({ addCard: canSchema }),
})

const listSchema = z.strictObject({
  rows: z.array(renterRowSchema),
  next: z.string().optional(),
  count: z.number(),
  isCountCapped: z.boolean(),
})

const line = (most: number) => z.string().trim().max(most, `Use at most ${most} characters.`).optional()
const details = {
  kind: z.enum(['person', 'company']),
  name: z.string().trim().max(200, 'Use at most 200 characters.'),
  businessName: line(200),
  email: line(254),
  phone: line(40),
  billingAddress: line(500),
  taxNumber: line(40),
  manualPaymentsAllowed: z.boolean().optional(),
}

const listRoute = createRoute({
  method: 'get',
  path: '/renters',
  'x-permission': 'renter.view',
  request: {
    params: inOperator({}),
    query: withMode({
      text: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
      after: z.string().optional(),
    }),
  },
  responses: { 200: jsonAnswer(listSchema, 'One page of renters, the newest first.') },
})

const createRenterRoute = createRoute({
  method: 'post',
  path: '/renters',
  'x-permission': 'renter.edit',
  request: {
    params: inOperator({}),
    query: withMode({}),
    headers: withRequestKey,
    body: jsonBody(z.strictObject(details)),
  },
  responses: { 201: jsonAnswer(renterSchema, 'The new renter.') },
})

const ofRenter = inOperator({ renterId: idOf('renter') })
const readRoute = createRoute({
  method: 'get',
  path: '/renters/{renterId}',
  'x-permission': 'renter.view',
  request: { params: ofRenter, query: withMode({}) },
  responses: { 200: jsonAnswer(renterSchema, 'The renter with saved methods and leases.') },
})

const saveRoute = createRoute({
  method: 'put',
  path: '/renters/{renterId}',
  'x-permission': 'renter.edit',
  request: {
    params: ofRenter,
    query: withMode({}),
    body: jsonBody(z.strictObject({ ...details, version: z.number().int().min(1) })),
  },
  responses: { 200: jsonAnswer(renterSchema, 'The renter after the change.') },
})

export function renterRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(listRoute, async (c) => {
      return c.json(await inScope(database, c.var.scope, (rows) => readRenterList(rows, c.req.valid('query'))), 200)
    })
    .openapi(createRenterRoute, async (c) => {
      const wish = c.req.valid('json')
      const actor = c.var.person.name
      const request = { operation: 'renter', key: c.req.valid('header')['idempotency-key'], wish }
      const view = await inScope(database, c.var.scope, async (rows) => {
        const [id] = getValue(await makeOnce(rows, request, () => createRenter(rows, { ...wish, actor })))
        return readRenterView(rows, getFound(await findRenter(rows, id), 'renter'))
      })
      return c.json(view, 201)
    })
    .openapi(readRoute, async (c) => {
      const { renterId } = c.req.valid('param')
      const view = await inScope(database, c.var.scope, async (rows) =>
        readRenterView(rows, getFound(await findRenter(rows, renterId), 'renter')),
      )
      return c.json(view, 200)
    })
    .openapi(saveRoute, async (c) => {
      const { renterId } = c.req.valid('param')
      const view = await inScope(database, c.var.scope, async (rows) => {
        getFound(await findRenter(rows, renterId), 'renter')
        return readRenterView(rows, getValue(await updateRenter(rows, { ...c.req.valid('json'), renterId })))
      })
      return c.json(view, 200)
    })
}

type ListQuery = z.infer<typeof listRoute.request.query>

async function readRenterList(rows: ScopedHandle, wish: ListQuery): Promise<z.infer<typeof listSchema>> {
  const limit = wish.limit ?? 50
  const after = wish.after === undefined ? undefined : parseId('renter', wish.after)
  const found = await listRenters(rows, { text: wish.text, after, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const count = await countRenters(rows, { text: wish.text }, 1001)
  const last = shown.at(-1)
  return {
    rows: await readRenterRows(rows, shown),
    ...(found.length > limit && last && { next: publicId('renter', last.id) }),
    count: Math.min(count, 1000),
    isCountCapped: count > 1000,
  }
}

/** Whether a renter is active is known by leases, what they owe by billing; both are asked once for the whole page. */
async function readRenterRows(rows: ScopedHandle, renters: readonly Renter[]) {
  const location = await getLocation(rows)
  const ids = renters.map(({ id }) => id)
  const active = await listActiveRenterIds(rows, ids)
  const owed = await listBalances(rows, { by: 'renterId', ids, today: todayAt(location, rows.clock) })
  return renters.map((renter) => {
    const balances = owed.filter(({ renterId }) => renterId === renter.id)
    return { ...rowOf(renter, active.has(renter.id)), ...owedBy(balances, location) }
  })
}

function rowOf(renter: Renter, isActive: boolean) {
  const { number, kind, name, businessName, email, phone } = renter
  const status = isActive ? ('active' as const) : ('inactive' as const)
  return {
    id: publicId('renter', renter.id),
    number,
    kind,
    name,
    businessName,
    email,
    phone,
    status: renter.suspendedReason === undefined ? status : ('suspended' as const),
  }
}

/** In the currency of the location, which is the only one a renter is billed in. */
function owedBy(balances: readonly Owed[], { currency }: Location) {
  const own = balances.find((balance) => balance.currency === currency)
  const money = (amountMinor = 0n): Money => ({ amountMinor, currency })
  return { balance: wire(money(own?.outstandingMinor)), overdue: wire(money(own?.overdueMinor)) }
}

async function readRenterView(rows: ScopedHandle, renter: Renter): Promise<z.infer<typeof renterSchema>> {
  const [row] = await readRenterRows(rows, [renter])
  const connection = await findChargingConnection(rows)
  const methods = await listMethods(rows, renter.id)
  const { billingAddress, taxNumber, manualPaymentsAllowed, version } = renter
  return {
    ...getFound(row, 'renter'),
    billingAddress,
    taxNumber,
    manualPaymentsAllowed,
    version,
    methods: methods.map(methodView),
    banners: bannersOf(renter, await readPaymentReadiness(rows, renter.id)),
    leases: await readLeaseRows(rows, await listLeases(rows, { renterId: renter.id, limit: 50 })),
    can: { addCard: can(!connection && 'Connect Stripe first.') },
  }
}

function methodView(method: SavedMethod): z.infer<typeof methodSchema> {
  const { expiresMonth, expiresYear, unusableReason } = method
  const hasExpiry = expiresMonth !== undefined && expiresYear !== undefined
  return {
    id: publicId('method', method.id),
    label: methodLabel(method),
    kind: method.kind,
    ...(hasExpiry && { expires: `${String(expiresMonth).padStart(2, '0')}/${expiresYear}` }),
    isDefault: method.isDefault,
    ...(unusableReason !== undefined && { unusableReason }),
  }
}

function bannersOf(renter: Renter, readiness: 'ready' | 'no_method' | 'not_connected') {
  const banners: z.infer<typeof renterSchema>['banners'] = []
  if (renter.suspendedReason !== undefined) {
    banners.push({
      code: 'renter_suspended',
      title: 'Suspended',
      text: `No new lease can start: ${renter.suspendedReason}.`,
    })
  }
  if (renter.autopayPausedReason !== undefined && renter.autopay) {
    const text = renter.autopayPausedReason
    banners.push({ code: 'autopay_paused_method', title: 'Automatic charges wait', text })
  } else if (readiness !== 'ready' && !renter.manualPaymentsAllowed) {
    const text = 'No saved card can be charged. Add a card, or allow manual payments for this renter.'
    banners.push({ code: 'payment_method_required', title: 'Payment method required', text })
  }
  return banners
}
