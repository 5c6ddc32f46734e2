/**
 * An operator's public page, which needs no sign-in, and what the operator reads about it in the console. What surprises: the page is
 * always that of the operator's default mode (UI-3), whatever the address of a console says, because a visitor has no mode; and a slug
 * nobody has is answered like any address that does not exist.
 */
import { readBookingPage, readOpening } from '#bookings'
import { findOperator } from '#operators'
import { inScope } from '#platform'
import { openPath } from '#web/paths'
import { createRoute, z } from '@hono/zod-openapi'
import { inOperator, jsonAnswer, moneySchema, operatorApp, publicApp, withMode, type ApiContext } from './context.ts'
import { wire } from './invoice-schemas.ts'
import { getFound } from './problems.ts'

/** Member by member: nothing of the operator, its renters or its Stripe account can be in it by accident. */
const pageAnswer = z.strictObject({
  operator: z.string(),
  location: z.string(),
  locale: z.string(),
  isTest: z.boolean(),
  acceptsPaidBookings: z.boolean(),
  phone: z.string().optional(),
  email: z.string().optional(),
  categories: z.array(
    z.strictObject({
      name: z.string(),
      prices: z.array(z.strictObject({ label: z.string(), price: moneySchema })),
      deposit: moneySchema.optional(),
      tax: z.strictObject({ name: z.string(), percent: z.string() }).optional(),
      spaces: z.array(z.strictObject({ number: z.string(), title: z.string() })),
      more: z.number().int(),
    }),
  ),
})

const readPageRoute = createRoute({
  method: 'get',
  path: '/book/{slug}',
  'x-permission': 'public',
  request: { params: z.strictObject({ slug: z.string().max(200) }) },
  responses: { 200: jsonAnswer(pageAnswer, 'What is free at this operator, and whether paid bookings are open.') },
})

export function bookingPageRoutes({ database, findDefaultMode }: ApiContext) {
  return publicApp().openapi(readPageRoute, async (c) => {
    const { id: operatorId } = getFound(await findOperator(database, c.req.valid('param').slug), 'page')
    const mode = await findDefaultMode(operatorId)
    const page = await inScope(database, { operatorId, mode }, readBookingPage)
    const money = (amountMinor: bigint) => wire({ amountMinor, currency: page.currency })
    const answer = {
      operator: page.operator,
      location: page.location,
      locale: page.locale,
      isTest: page.mode === 'test',
      acceptsPaidBookings: page.acceptsPaidBookings,
      ...(page.phone !== '' && { phone: page.phone }),
      ...(page.email !== '' && { email: page.email }),
      categories: page.categories.map(({ name, prices, depositMinor, tax, spaces, more }) => ({
        name,
        prices: prices.map(({ label, amountMinor }) => ({ label, price: money(amountMinor) })),
        ...(depositMinor > 0n && { deposit: money(depositMinor) }),
        ...(tax && { tax: { name: tax.name, percent: String(Number(tax.percent)) } }),
        spaces: [...spaces],
        more,
      })),
    }
    return c.json(answer, 200)
  })
}

const readOpeningRoute = createRoute({
  method: 'get',
  path: '/booking-page',
  'x-permission': 'connection.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: {
    200: jsonAnswer(
      z.strictObject({
        url: z.string(),
        /** The mode the page speaks of, whichever mode was asked for. */
        mode: z.enum(['test', 'live']),
        acceptsPaidBookings: z.boolean(),
        why: z.string().optional(),
      }),
      'Where the public page is, and why it takes no paid bookings when it does not.',
    ),
  },
})

/** Under an operator's address. */
export function bookingOpeningRoutes({ database, findDefaultMode, publicUrl }: ApiContext) {
  return operatorApp().openapi(readOpeningRoute, async (c) => {
    const { scope, operator } = c.var
    const mode = await findDefaultMode(scope.operatorId)
    const opening = await inScope(database, { ...scope, mode }, readOpening)
    const answer = {
      url: `${publicUrl}${openPath('book', { slug: operator.slug })}`,
      mode,
      acceptsPaidBookings: opening.isOpen,
      ...(!opening.isOpen && { why: opening.why }),
    }
    return c.json(answer, 200)
  })
}
