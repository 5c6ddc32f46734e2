/** Categories and their spaces: what there is to rent, what it costs and who has it today. */
import { publicId } from '#kernel'
import { listSpacesWithState, type SpaceWithState } from '#leases'
import { inScope, type ScopedHandle } from '#platform'
import { makeOnce } from '#requests'
import {
  createCategory,
  createSpaces,
  getLocation,
  intervalLabel,
  dailyRateText,
  listCategories,
  listIntervals,
  priceOf,
} from '#spaces'
import { getBasis, type Category, type CategoryRow } from '#spaces'
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
import { getFound, getValue } from './problems.ts'

const categorySchema = z.strictObject({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  priceBasis: z.enum(['daily_rate', 'period_price']),
  dailyRate: z.string().optional(),
  periodPrices: z.record(z.string(), moneySchema),
  deposit: moneySchema,
  taxRateId: z.string().optional(),
  spaces: z.number(),
})

const spaceSchema = z.strictObject({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  categoryId: z.string(),
  categoryName: z.string(),
  prices: z.array(z.strictObject({ interval: z.string(), label: z.string(), price: moneySchema })),
  deposit: moneySchema,
  state: z.enum(['available', 'reserved', 'held', 'occupied', 'suspended']),
  stateLabel: z.string(),
  availableFrom: z.string().optional(),
  renter: z.strictObject({ id: z.string(), name: z.string(), since: z.string() }).optional(),
  can: z.strictObject({ checkOut: canSchema }),
})

const tabs = ['available', 'checked_out', 'suspended', 'all'] as const
const tabsSchema = z.strictObject({
  available: z.number(),
  checkedOut: z.number(),
  suspended: z.number(),
  all: z.number(),
})

const page = { next: z.string().optional(), count: z.number(), isCountCapped: z.boolean() }
const categoryListSchema = z.strictObject({ rows: z.array(categorySchema), ...page })
const spaceListSchema = z.strictObject({ rows: z.array(spaceSchema), ...page, tabs: tabsSchema })

const amountText = z.string().trim().min(1, 'Enter an amount.').max(20, 'Enter an amount such as 120.00.')

const listCategoriesRoute = createRoute({
  method: 'get',
  path: '/categories',
  'x-permission': 'space.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(categoryListSchema, 'Every category that is not archived, by code.') },
})

const createCategoryRoute = createRoute({
  method: 'post',
  path: '/categories',
  'x-permission': 'category.edit',
  request: {
    params: inOperator({}),
    query: withMode({}),
    headers: withRequestKey,
    body: jsonBody(
      z.strictObject({
        code: z.string(),
        name: z.string(),
        priceBasis: z.enum(['daily_rate', 'period_price']),
        dailyRate: amountText.optional(),
        periodPrices: z.record(z.string(), amountText).optional(),
        deposit: amountText,
        taxRateId: idOf('taxRate').optional(),
      }),
    ),
  },
  responses: { 201: jsonAnswer(categorySchema, 'The new category.') },
})

const listSpacesRoute = createRoute({
  method: 'get',
  path: '/spaces',
  'x-permission': 'space.view',
  request: {
    params: inOperator({}),
    query: withMode({
      tab: z.enum(tabs).optional(),
      text: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).optional(),
      after: z.string().optional(),
    }),
  },
  responses: { 200: jsonAnswer(spaceListSchema, 'One page of spaces by number, with what each is today.') },
})

const createSpacesRoute = createRoute({
  method: 'post',
  path: '/spaces',
  'x-permission': 'space.edit',
  request: {
    params: inOperator({}),
    query: withMode({}),
    headers: withRequestKey,
    body: jsonBody(
      z.strictObject({
        categoryId: idOf('category'),
        number: z.string().optional(),
        title: z.string().trim().max(255, 'Use at most 255 characters.').optional(),
        count: z.number().int().optional(),
      }),
    ),
  },
  responses: { 201: jsonAnswer(z.strictObject({ rows: z.array(spaceSchema) }), 'The new spaces.') },
})

const readSpaceRoute = createRoute({
  method: 'get',
  path: '/spaces/{spaceId}',
  'x-permission': 'space.view',
  request: { params: inOperator({ spaceId: idOf('space') }), query: withMode({}) },
  responses: { 200: jsonAnswer(spaceSchema, 'The space with what it is today.') },
})

export function spaceRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(listCategoriesRoute, async (c) => {
      const rows = await inScope(database, c.var.scope, async (handle) => {
        const { currency } = await getLocation(handle)
        return (await listCategories(handle)).map((category) => categoryView(category, currency))
      })
      return c.json({ rows, count: rows.length, isCountCapped: false }, 200)
    })
    .openapi(createCategoryRoute, async (c) => {
      const wish = c.req.valid('json')
      const request = { operation: 'category', key: c.req.valid('header')['idempotency-key'], wish }
      const view = await inScope(database, c.var.scope, async (rows) => {
        const [made] = getValue(await makeOnce(rows, request, () => createCategory(rows, wish)))
        const category = (await listCategories(rows)).find(({ id }) => id === made)
        return categoryView(getFound(category, 'category'), (await getLocation(rows)).currency)
      })
      return c.json(view, 201)
    })
    .openapi(listSpacesRoute, async (c) => {
      return c.json(await inScope(database, c.var.scope, (rows) => readSpaceList(rows, c.req.valid('query'))), 200)
    })
    .openapi(createSpacesRoute, async (c) => {
      const wish = c.req.valid('json')
      const request = { operation: 'space', key: c.req.valid('header')['idempotency-key'], wish }
      const rows = await inScope(database, c.var.scope, async (handle) => {
        const made = getValue(await makeOnce(handle, request, () => createSpaces(handle, wish)))
        const { currency } = await getLocation(handle)
        const all = await listSpacesWithState(handle)
        return all.filter(({ id }) => made.includes(id)).map((space) => spaceView(space, currency))
      })
      return c.json({ rows }, 201)
    })
    .openapi(readSpaceRoute, async (c) => {
      const { spaceId } = c.req.valid('param')
      const view = await inScope(database, c.var.scope, async (rows) => {
        const space = (await listSpacesWithState(rows)).find(({ id }) => id === spaceId)
        return spaceView(getFound(space, 'space'), (await getLocation(rows)).currency)
      })
      return c.json(view, 200)
    })
}

type ListQuery = z.infer<typeof listSpacesRoute.request.query>

/** States are derived from leases, so the spaces are read as a whole and then cut into tabs and pages. */
async function readSpaceList(rows: ScopedHandle, wish: ListQuery): Promise<z.infer<typeof spaceListSchema>> {
  const { currency } = await getLocation(rows)
  const all = await listSpacesWithState(rows)
  const words = wish.text?.trim().toLowerCase() ?? ''
  const wanted = all.filter((space) => isOnTab(space, wish.tab ?? 'all') && isNamed(space, words))
  const start = wish.after === undefined ? 0 : wanted.findIndex(({ id }) => publicId('space', id) === wish.after) + 1
  const shown = wanted.slice(start, start + (wish.limit ?? 50))
  const last = shown.at(-1)
  const hasMore = start + shown.length < wanted.length
  const count = (tab: (typeof tabs)[number]) => all.filter((space) => isOnTab(space, tab)).length
  return {
    rows: shown.map((space) => spaceView(space, currency)),
    ...(hasMore && last && { next: publicId('space', last.id) }),
    count: wanted.length,
    isCountCapped: false,
    tabs: {
      available: count('available'),
      checkedOut: count('checked_out'),
      suspended: count('suspended'),
      all: all.length,
    },
  }
}

/** Held and reserved spaces stand under Available, because nobody is in them yet (BIL-3). */
function isOnTab({ standing: { state } }: SpaceWithState, tab: (typeof tabs)[number]): boolean {
  if (tab === 'all') return true
  if (tab === 'checked_out') return state === 'occupied'
  return tab === 'suspended' ? state === 'suspended' : state !== 'occupied' && state !== 'suspended'
}

function isNamed(space: SpaceWithState, words: string): boolean {
  const named = [space.number, space.title, space.category.name, space.standing.renter?.name ?? '']
  return named.some((name) => name.toLowerCase().includes(words))
}

/** `dailyRate` leaves in major units as it was typed; the exact decimal of minor units stays inside. */
function categoryView(category: CategoryRow, currency: string): z.infer<typeof categorySchema> {
  const prices = Object.entries(category.periodPrices)
  return {
    id: publicId('category', category.id),
    code: category.code,
    name: category.name,
    priceBasis: category.priceBasis,
    ...(category.dailyRate !== undefined && { dailyRate: dailyRateText(category.dailyRate, currency) }),
    periodPrices: Object.fromEntries(
      prices.map(([interval, amountMinor]) => [interval, wire({ amountMinor, currency })]),
    ),
    deposit: wire({ amountMinor: category.depositMinor, currency }),
    ...(category.taxRateId !== undefined && { taxRateId: publicId('taxRate', category.taxRateId) }),
    spaces: category.spaces,
  }
}

function spaceView(space: SpaceWithState, currency: string): z.infer<typeof spaceSchema> {
  const { standing, category } = space
  const { renter } = standing
  return {
    id: publicId('space', space.id),
    number: space.number,
    title: space.title,
    categoryId: publicId('category', category.id),
    categoryName: category.name,
    prices: pricesOf(category, currency),
    deposit: wire({ amountMinor: category.depositMinor, currency }),
    state: standing.state,
    stateLabel: standing.stateLabel,
    ...(standing.availableFrom !== undefined && { availableFrom: standing.availableFrom }),
    ...(renter && { renter: { id: publicId('renter', renter.id), name: renter.name, since: renter.since } }),
    can: { checkOut: can(standing.obstacle) },
  }
}

function pricesOf(category: Category, currency: string): z.infer<typeof spaceSchema>['prices'] {
  return listIntervals(category).flatMap((interval) => {
    const basis = getBasis(interval)
    const periodDays = basis.kind === 'day_count' ? basis.days : 0
    const amountMinor = priceOf(category, { interval, currency, periodDays })
    if (amountMinor === undefined) return []
    return [{ interval, label: intervalLabel(interval), price: wire({ amountMinor, currency }) }]
  })
}
