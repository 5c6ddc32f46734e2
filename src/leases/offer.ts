/**
 * What a check-out form asks for, turned into a lease on offer or into the first reason against it. The preview and the check-out itself
 * both begin here, so neither knows a rule the other does not.
 */
import { addDays, done, isLocalDate, parseMoney, type LocalDate, type Outcome, type Uuid } from '#kernel'
import { getCompany, listTaxRates, type TaxRate } from '#operators'
import type { ScopedHandle } from '#platform'
import { findRenter, type Renter } from '#renters'
import { findBasis, findBillingRules, getLocation, intervalLabel, priceOf, todayAt } from '#spaces'
import type { BillingRules, IntervalCode, Location, Space } from '#spaces'
import type { Lease, LeaseOnOffer, LeaseTerms } from './lease.ts'
import { refuse, type LeasesProblem } from './problems.ts'

export type OfferWish = {
  readonly spaceId: Uuid
  readonly renterId?: Uuid | undefined
  readonly interval: IntervalCode
  readonly startOn: LocalDate
  /** The category's, none, or an amount of its own as typed. */
  readonly deposit: 'standard' | 'none' | { readonly custom: string }
  readonly rateOverride?: { readonly price: string; readonly reason: string } | undefined
}

export type Offer = {
  readonly space: Space
  readonly location: Location
  readonly renter: Renter | undefined
  readonly today: LocalDate
  readonly lease: LeaseOnOffer
}

/** @param space read, and locked where it is about to be rented out. Whether it is free is another question. */
export async function composeOffer(
  rows: ScopedHandle,
  wish: OfferWish,
  space: Space | undefined,
): Promise<Outcome<Offer, LeasesProblem>> {
  if (!space) return refuse('space_unknown', { field: '/spaceId' })
  const { suspendedReason } = space
  if (suspendedReason !== undefined) return refuse('space_suspended', { field: '/spaceId', word: suspendedReason })
  const renter = await readRenter(rows, wish.renterId)
  if (!renter.ok) return renter
  const location = await getLocation(rows)
  const today = todayAt(location, rows.clock)
  const start = judgeStart(wish.startOn, today)
  if (!start.ok) return start
  const price = readPrice(wish, { space, currency: location.currency })
  if (!price.ok) return price
  const deposit = readDeposit(wish.deposit, { space, currency: location.currency })
  if (!deposit.ok) return deposit
  const taxRateId = await findTaxRateId(rows, space)
  const lease: LeaseOnOffer = {
    spaceNumber: space.number,
    renterId: wish.renterId ?? '',
    locationId: location.id,
    startOn: wish.startOn,
    interval: wish.interval,
    currency: location.currency,
    depositMinor: deposit.value,
    priceMinor: price.value.priceMinor,
    ...(taxRateId !== undefined && { taxRateId }),
    terms: termsOf(wish, { space, listPriceMinor: price.value.listPriceMinor, rules: await findBillingRules(rows) }),
  }
  return done({ space, location, renter: renter.value, today, lease })
}

async function readRenter(
  rows: ScopedHandle,
  id: Uuid | undefined,
): Promise<Outcome<Renter | undefined, LeasesProblem>> {
  if (id === undefined) return done(undefined)
  const renter = await findRenter(rows, id)
  if (!renter) return refuse('renter_unknown', { field: '/renterId' })
  if (renter.suspendedReason === undefined) return done(renter)
  const word = `${renter.number} is suspended: ${renter.suspendedReason}.`
  return refuse('renter_suspended', { field: '/renterId', word })
}

function judgeStart(startOn: LocalDate, today: LocalDate): Outcome<void, LeasesProblem> {
  const field = '/startOn'
  if (!isLocalDate(startOn)) return refuse('start_unreadable', { field })
  if (startOn < today) return refuse('start_in_past', { field })
  return startOn > addDays(today, 365) ? refuse('start_too_late', { field }) : done(undefined)
}

type Pricing = { readonly space: Space; readonly currency: string }

function readPrice(
  wish: OfferWish,
  { space, currency }: Pricing,
): Outcome<{ priceMinor: bigint; listPriceMinor: bigint }, LeasesProblem> {
  const basis = findBasis(wish.interval)
  const periodDays = basis?.kind === 'day_count' ? basis.days : 0
  const listPriceMinor = basis && priceOf(space.category, { interval: wish.interval, currency, periodDays })
  if (listPriceMinor === undefined) return refuse('interval_not_offered', { field: '/interval' })
  if (!wish.rateOverride) return done({ priceMinor: listPriceMinor, listPriceMinor })
  const priceMinor = parseMoney(wish.rateOverride.price, currency)?.amountMinor
  if (priceMinor === undefined || priceMinor < 0n) return refuse('amount_unreadable', { field: '/rateOverride/price' })
  if (wish.rateOverride.reason.trim() === '')
    return refuse('override_reason_missing', { field: '/rateOverride/reason' })
  return done({ priceMinor, listPriceMinor })
}

function readDeposit(deposit: OfferWish['deposit'], { space, currency }: Pricing): Outcome<bigint, LeasesProblem> {
  if (deposit === 'none') return done(0n)
  if (deposit === 'standard') return done(space.category.depositMinor)
  const amount = parseMoney(deposit.custom, currency)?.amountMinor
  return amount === undefined || amount < 0n ? refuse('amount_unreadable', { field: '/deposit/custom' }) : done(amount)
}

async function findTaxRateId(rows: ScopedHandle, { category }: Space): Promise<Uuid | undefined> {
  const rates = await listTaxRates(rows)
  const { defaultTaxRateId } = await getCompany(rows)
  return taxRateOf(category, { rates, defaultTaxRateId })?.id
}

/** The category's tax rate, else the operator's (BIL-40); a retired rate is not used on new invoices. */
export function taxRateOf(
  category: Pick<Space['category'], 'taxRateId'>,
  about: { readonly rates: readonly TaxRate[]; readonly defaultTaxRateId: Uuid | null },
): TaxRate | undefined {
  const usable = about.rates.filter(({ retiredAt }) => !retiredAt)
  const ofCategory = usable.find(({ id }) => id === category.taxRateId)
  return ofCategory ?? usable.find(({ id }) => id === about.defaultTaxRateId)
}

/** Whether a lease was written of this wish; what the operator has changed since, such as a price, does not matter. */
export function isOfWish(lease: Lease, wish: OfferWish): boolean {
  const { deposit, rateOverride } = wish
  const { depositChoice, override } = lease.terms
  const isTyped = (amount: string, minor: bigint) => parseMoney(amount, lease.currency)?.amountMinor === minor
  const sameDeposit =
    typeof deposit === 'string' ? depositChoice === deposit : isTyped(deposit.custom, lease.depositMinor)
  const samePrice = rateOverride
    ? override?.reason === rateOverride.reason.trim() && isTyped(rateOverride.price, lease.priceMinor)
    : !override
  const fields = ['spaceId', 'renterId', 'startOn', 'interval'] as const
  return sameDeposit && samePrice && fields.every((field) => lease[field] === wish[field])
}

type TermSources = {
  readonly space: Space
  readonly listPriceMinor: bigint
  readonly rules: BillingRules | undefined
}

/** A day of the month fits calendar intervals only; 30 days always count from the first day (CR1). */
function anchorOf(interval: IntervalCode, rules: BillingRules | undefined): LeaseTerms['anchor'] {
  const day = rules?.anchorDay ?? null
  const isCalendar = findBasis(interval)?.kind === 'calendar'
  return day === null || !isCalendar ? { kind: 'start_date' } : { kind: 'day_of_month', day }
}

/** The rules of the operator, and for what cannot be chosen yet the storage preset; frozen from now on (BIL-14, BIL-28). */
function termsOf(wish: OfferWish, about: TermSources): LeaseTerms {
  const { priceBasis, dailyRate } = about.space.category
  const { rateOverride, deposit } = wish
  return {
    priceBasis,
    ...(dailyRate !== undefined && { dailyRate }),
    anchor: anchorOf(wish.interval, about.rules),
    firstInvoice: 'stub',
    proration: 'actual_days',
    moveOutDayCharged: true,
    unusedRent: 'credit',
    depositChoice: typeof deposit === 'string' ? deposit : 'custom',
    ...(rateOverride && {
      override: { listPriceMinor: about.listPriceMinor.toString(), reason: rateOverride.reason.trim() },
    }),
  }
}

/** Sentences a person reads before they agree (BIL-15, BIL-32). */
export function notesOf({ lease }: Offer): string[] {
  const basis = findBasis(lease.interval)
  const notes: string[] = []
  if (basis?.kind === 'day_count' && basis.days === 30) {
    notes.push('30-day cycle: 13 invoices in the first year. Choose calendar month for 12.')
  }
  if (lease.priceMinor === 0n) notes.push('Rent is 0.00.')
  if (lease.terms.override) notes.push(`The price differs from the listed one: ${lease.terms.override.reason}`)
  notes.push(`Rent falls due: ${intervalLabel(lease.interval).toLowerCase()}, ${anchorWords(lease.terms)}.`)
  return notes
}

function anchorWords({ anchor }: LeaseTerms): string {
  if (anchor.kind === 'start_date') return 'counted from the first day'
  return anchor.day === 31 ? 'on the last day of the month' : `on day ${anchor.day} of the month`
}
