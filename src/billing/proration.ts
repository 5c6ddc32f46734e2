/**
 * The price of a part of a period (BIL-34 to BIL-38). Pure: multiply first, divide once, round once. What surprises: what is unused is
 * never computed, it is the price minus what was used, so both sum to the price; and no part ever costs more than the whole.
 */
import { addDays, cumulativeShares, daysBetween, divideRounded, type LocalDate } from '#kernel'
import type { Basis } from '#spaces'

export type ProrationMethod = 'actual_days' | 'thirty_day' | 'annualised' | 'none'

/** Half-open local dates: `end` is not part of it. */
export type Span = { readonly start: LocalDate; readonly end: LocalDate }

type PartOfPeriod = {
  readonly method: ProrationMethod
  readonly priceMinor: bigint
  readonly basis: Basis
  readonly days: number
  /** Days of the full period the part belongs to. */
  readonly referenceDays: number
  readonly incrementMinor: bigint
}

/** The price of `days` out of a period of `referenceDays` that costs `priceMinor` in full. */
export function priceOfPart(part: PartOfPeriod): bigint {
  const { priceMinor, days, referenceDays, incrementMinor } = part
  if (days <= 0) return 0n
  if (days >= referenceDays || part.method === 'none') return priceMinor
  const [times, over] = fractionOf(part)
  const amount = divideRounded(priceMinor * times, over, incrementMinor)
  const isMore = priceMinor < 0n ? amount < priceMinor : amount > priceMinor
  return isMore ? priceMinor : amount
}

/** Day-count bases always go by their own days; the other methods exist for calendar months. */
function fractionOf({ method, basis, days, referenceDays }: PartOfPeriod): readonly [bigint, bigint] {
  if (basis.kind === 'calendar' && method === 'thirty_day') return [BigInt(days), BigInt(30 * basis.months)]
  if (basis.kind === 'calendar' && method === 'annualised') return [BigInt(12 * days), BigInt(365 * basis.months)]
  return [BigInt(days), BigInt(referenceDays)]
}

/** A period cut into parts that sum to its price (BIL-35). @param cuts dates inside the period, in order. */
export function splitPrice(
  priceMinor: bigint,
  about: { readonly period: Span; readonly cuts: readonly LocalDate[]; readonly incrementMinor: bigint },
): bigint[] {
  const edges = [about.period.start, ...about.cuts, about.period.end]
  const days = edges.slice(1).map((edge, index) => BigInt(daysBetween(edges[index] ?? edge, edge)))
  return cumulativeShares(priceMinor, days, about.incrementMinor)
}

export type MoveOut = {
  readonly method: ProrationMethod
  readonly priceMinor: bigint
  readonly basis: Basis
  /** The full period that was billed. */
  readonly period: Span
  readonly movedOutOn: LocalDate
  readonly isMoveOutDayCharged: boolean
  readonly unusedRent: 'refund' | 'credit' | 'keep'
  readonly incrementMinor: bigint
}

/** What of a billed period was used when the renter leaves, and what is given back (BIL-35, BIL-36). */
export function unusedOf(moveOut: MoveOut) {
  const { period, priceMinor } = moveOut
  const endOn = moveOut.isMoveOutDayCharged ? addDays(moveOut.movedOutOn, 1) : moveOut.movedOutOn
  const referenceDays = daysBetween(period.start, period.end)
  const usedDays = Math.min(Math.max(daysBetween(period.start, endOn), 0), referenceDays)
  const usedMinor = priceOfPart({ ...moveOut, days: usedDays, referenceDays })
  const unusedMinor = priceMinor - usedMinor
  return { endOn, usedDays, usedMinor, unusedMinor, creditMinor: moveOut.unusedRent === 'keep' ? 0n : unusedMinor }
}

export type Transfer = Pick<MoveOut, 'method' | 'basis' | 'period' | 'incrementMinor'> & {
  /** First day in the new space. */
  readonly on: LocalDate
  readonly oldPriceMinor: bigint
  readonly newPriceMinor: bigint
  readonly depositHeldMinor: bigint
  readonly newDepositMinor: bigint
}

/** What a move to another space within a period costs; a negative `dueNowMinor` is owed to the renter (BIL-90). */
export function priceTransfer(transfer: Transfer) {
  const { period, on } = transfer
  const referenceDays = daysBetween(period.start, period.end)
  const part = { ...transfer, referenceDays }
  const usedMinor = priceOfPart({ ...part, priceMinor: transfer.oldPriceMinor, days: daysBetween(period.start, on) })
  const creditMinor = transfer.oldPriceMinor - usedMinor
  const chargeMinor = priceOfPart({ ...part, priceMinor: transfer.newPriceMinor, days: daysBetween(on, period.end) })
  const depositDeltaMinor = transfer.newDepositMinor - transfer.depositHeldMinor
  return {
    usedMinor,
    creditMinor,
    chargeMinor,
    depositDeltaMinor,
    dueNowMinor: chargeMinor - creditMinor + depositDeltaMinor,
  }
}
