import fc from 'fast-check'
import { expect, test } from 'vitest'
import { daysBetween } from '#kernel'
import { priceOfDays } from '#spaces'
import { eachVector } from '#test/golden'
import { priceOfPart, priceTransfer, splitPrice, unusedOf } from './proration.ts'
import type { MoveOut, ProrationMethod, Span } from './proration.ts'

type Wire = {
  op: string
  method: ProrationMethod
  currency: string
  increment_minor: string
  price_minor: string
  basis: MoveOut['basis']
  period: Span
  part: Span
  cuts: string[]
  daily_rate: string
  days: number
  move_out_on: string
  charge_move_out_day: boolean
  unused_rent: MoveOut['unusedRent']
  on: string
  old_price_minor: string
  new_price_minor: string
  deposit_held_minor: string
  new_deposit_minor: string
}

const step = (wire: Wire) => ({ incrementMinor: BigInt(wire.increment_minor) })

function part(wire: Wire) {
  const days = daysBetween(wire.part.start, wire.part.end)
  const referenceDays = daysBetween(wire.period.start, wire.period.end)
  const { method, basis } = wire
  const amount = priceOfPart({
    method,
    basis,
    days,
    referenceDays,
    priceMinor: BigInt(wire.price_minor),
    ...step(wire),
  })
  return { days, period_days: referenceDays, amount_minor: String(amount) }
}

function unused(wire: Wire) {
  const answer = unusedOf({
    method: wire.method,
    basis: wire.basis,
    period: wire.period,
    ...step(wire),
    priceMinor: BigInt(wire.price_minor),
    movedOutOn: wire.move_out_on,
    isMoveOutDayCharged: wire.charge_move_out_day,
    unusedRent: wire.unused_rent,
  })
  return {
    end_on: answer.endOn,
    used_days: answer.usedDays,
    used_minor: String(answer.usedMinor),
    unused_minor: String(answer.unusedMinor),
    credit_minor: String(answer.creditMinor),
  }
}

function transfer(wire: Wire) {
  const answer = priceTransfer({
    method: wire.method,
    basis: wire.basis,
    period: wire.period,
    on: wire.on,
    ...step(wire),
    oldPriceMinor: BigInt(wire.old_price_minor),
    newPriceMinor: BigInt(wire.new_price_minor),
    depositHeldMinor: BigInt(wire.deposit_held_minor),
    newDepositMinor: BigInt(wire.new_deposit_minor),
  })
  return {
    used_minor: String(answer.usedMinor),
    credit_minor: String(answer.creditMinor),
    charge_minor: String(answer.chargeMinor),
    deposit_delta_minor: String(answer.depositDeltaMinor),
    due_now_minor: String(answer.dueNowMinor),
  }
}

eachVector<Wire>('billing/proration.json', (wire) => {
  if (wire.op === 'part') return part(wire)
  if (wire.op === 'unused') return unused(wire)
  if (wire.op === 'transfer') return transfer(wire)
  if (wire.op === 'daily') return { amount_minor: String(priceOfDays(wire.daily_rate, wire)) }
  const parts = splitPrice(BigInt(wire.price_minor), { period: wire.period, cuts: wire.cuts, ...step(wire) })
  return { parts_minor: parts.map(String) }
})

const method = fc.constantFrom<ProrationMethod>('actual_days', 'thirty_day', 'annualised', 'none')
const basis = fc.oneof(
  fc.constantFrom(1, 2, 3, 6, 12).map((months) => ({ kind: 'calendar', months }) as const),
  fc.constantFrom(7, 28, 30, 90, 365).map((days) => ({ kind: 'day_count', days }) as const),
)

test('BIL-34: a part costs between nothing and the whole, and more days never cost less', () => {
  const prices = fc.record({ method, basis, priceMinor: fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }) })
  fc.assert(
    fc.property(prices, fc.integer({ min: 0, max: 31 }), (of, days) => {
      const price = (count: number) => priceOfPart({ ...of, days: count, referenceDays: 31, incrementMinor: 1n })
      const size = (amount: bigint) => (amount < 0n ? -amount : amount)
      expect(size(price(days))).toBeLessThanOrEqual(size(of.priceMinor))
      expect(size(price(days))).toBeLessThanOrEqual(size(price(days + 1)))
      expect(price(31)).toBe(of.priceMinor)
    }),
  )
})

test('BIL-35: parts of a period sum to its price, however it is cut', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 2, max: 30 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), cuts, (price, days) => {
      const sorted = days.toSorted((one, other) => one - other)
      const dates = sorted.map((date) => `2026-03-${String(date).padStart(2, '0')}`)
      const period = { start: '2026-03-01', end: '2026-04-01' }
      const parts = splitPrice(price, { period, cuts: dates, incrementMinor: 1n })
      expect(parts.reduce((sum, one) => sum + one, 0n)).toBe(price)
    }),
  )
})

test('BIL-35: used and unused sum to the price for every move-out day and method', () => {
  const prices = fc.record({ method, basis, priceMinor: fc.bigInt({ min: 0n, max: 10n ** 8n }) })
  fc.assert(
    fc.property(prices, fc.integer({ min: 1, max: 31 }), (of, date) => {
      const answer = unusedOf({
        ...of,
        incrementMinor: 1n,
        unusedRent: 'refund',
        isMoveOutDayCharged: true,
        period: { start: '2026-03-01', end: '2026-04-01' },
        movedOutOn: `2026-03-${String(date).padStart(2, '0')}`,
      })
      expect(answer.usedMinor + answer.unusedMinor).toBe(of.priceMinor)
    }),
  )
})
