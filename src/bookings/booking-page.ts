/**
 * The public page of an operator (UI-200): its name, how to reach it, what is free today and what that costs. What surprises: a space
 * that is taken, held, reserved or suspended is left out without a word, so the page never tells who rents what or until when.
 */
import type { Mode } from '#kernel'
import { listSpacesWithState, taxRateOf, type SpaceWithState } from '#leases'
import { getCompany, listTaxRates, type Company, type TaxRate } from '#operators'
import type { ScopedHandle } from '#platform'
import { getBasis, getLocation, intervalLabel, listIntervals, priceOf, type Category } from '#spaces'
import { readOpening } from './opening.ts'

/** Spaces of one category cost the same and stand together. */
type BookableCategory = {
  readonly name: string
  /** Without tax, as it is typed. */
  readonly prices: readonly { readonly label: string; readonly amountMinor: bigint }[]
  readonly depositMinor: bigint
  /** What comes on top; absent where no tax does. */
  readonly tax: Pick<TaxRate, 'name' | 'percent'> | undefined
  readonly spaces: readonly { readonly number: string; readonly title: string }[]
  /** How many more are free than are named. */
  readonly more: number
}

export type BookingPage = {
  readonly operator: string
  readonly location: string
  readonly currency: string
  readonly locale: string
  readonly mode: Mode
  readonly acceptsPaidBookings: boolean
  readonly phone: string
  readonly email: string
  readonly categories: readonly BookableCategory[]
}

const mostNamed = 50

/** @param rows in the operator's default mode: the mode its renters pay in (UI-3). */
export async function readBookingPage(rows: ScopedHandle): Promise<BookingPage> {
  const company = await getCompany(rows)
  const { name: location, currency } = await getLocation(rows)
  const rates = await listTaxRates(rows)
  const free = (await listSpacesWithState(rows)).filter(({ standing }) => standing.obstacle === undefined)
  const byCategory = Map.groupBy(free, ({ category }) => category.id)
  const { isOpen } = await readOpening(rows)
  return {
    operator: company.name,
    location,
    currency,
    locale: company.locale,
    mode: rows.scope.mode,
    acceptsPaidBookings: isOpen,
    phone: company.phone,
    email: company.contactEmail,
    categories: [...byCategory.values()].map((spaces) => describe(spaces, { currency, rates, company })),
  }
}

type About = { readonly currency: string; readonly rates: readonly TaxRate[]; readonly company: Company }

/** @param spaces of one category, at least one. */
function describe(spaces: readonly SpaceWithState[], { currency, rates, company }: About): BookableCategory {
  const { category } = spaces[0]!
  const rate = taxRateOf(category, { rates, defaultTaxRateId: company.defaultTaxRateId })
  return {
    name: category.name,
    prices: pricesOf(category, currency),
    depositMinor: category.depositMinor,
    tax: rate?.treatment === 'taxable' && Number(rate.percent) > 0 ? rate : undefined,
    spaces: spaces.slice(0, mostNamed).map(({ number, title }) => ({ number, title })),
    more: Math.max(0, spaces.length - mostNamed),
  }
}

function pricesOf(category: Category, currency: string): BookableCategory['prices'] {
  return listIntervals(category).flatMap((interval) => {
    const basis = getBasis(interval)
    const periodDays = basis.kind === 'day_count' ? basis.days : 0
    const amountMinor = priceOf(category, { interval, currency, periodDays })
    return amountMinor === undefined ? [] : [{ label: intervalLabel(interval), amountMinor }]
  })
}
