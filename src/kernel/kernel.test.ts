import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { currencies } from './currency.ts'
import { parseId, publicId } from './ids.ts'
import { addDays, daysBetween, isLocalDate, localDateAt } from './local-date.ts'
import { formatMoney, moneyText, parseMoney } from './money.ts'
import { cumulativeShares, divideRounded, multiplyDecimal } from './rounding.ts'

describe('rounding', () => {
  test('rounds half away from zero, both signs', () => {
    expect([5n, 15n, 25n, -5n, -15n, 14n, -14n].map((n) => divideRounded(n, 10n))).toEqual([
      1n,
      2n,
      3n,
      -1n,
      -2n,
      1n,
      -1n,
    ])
  })

  test('three-decimal currencies move in steps of ten (billing D8)', () => {
    expect(divideRounded(12_345n, 1n, 10n)).toBe(12_350n)
    expect(multiplyDecimal('1.5', { times: 333_67n, over: 100n })).toBe(501n)
  })

  test('shares always add up to the whole, whatever the weights', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { minLength: 1 }),
        (total, weights) => {
          const shares = cumulativeShares(total, weights)
          const expected = weights.every((weight) => weight === 0n) ? 0n : total
          expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(expected)
        },
      ),
    )
  })

  test('BIL-35: 100.00 over 10+10+11 of 31 days is 32.26, 32.26, 35.48', () => {
    expect(cumulativeShares(10_000n, [10n, 10n, 11n])).toEqual([3226n, 3226n, 3548n])
  })
})

describe('money', () => {
  test('STR-104: every currency has the digits Intl knows, apart from the ones Stripe treats differently', () => {
    const different = [...currencies.values()]
      .filter(({ code, exponent }) => {
        const known = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions()
          .maximumFractionDigits
        return known !== exponent
      })
      .map(({ code }) => code)
    // Intl writes some of these without decimals; Stripe takes them in hundredths all the same.
    expect(different).toEqual(['COP', 'HUF', 'IDR', 'ISK', 'PKR', 'UGX'])
  })

  test('is written with the exponent of its currency', () => {
    const text = (amountMinor: bigint, currency: string) => moneyText({ amountMinor, currency })
    expect([text(12_345n, 'USD'), text(12_345n, 'JPY'), text(12_345n, 'KWD'), text(-5n, 'AUD')]).toEqual([
      '123.45',
      '12345',
      '12.345',
      '-0.05',
    ])
    expect(formatMoney({ amountMinor: 123_456_789_012_345_678n, currency: 'USD' })).toBe('$1,234,567,890,123,456.78')
  })

  test('what a person types is read exactly, and refused when finer than the currency', () => {
    expect(parseMoney('1,234.5', 'USD')?.amountMinor).toBe(123_450n)
    expect(parseMoney('10', 'JPY')?.amountMinor).toBe(10n)
    expect([
      parseMoney('10.5', 'JPY'),
      parseMoney('1.234', 'USD'),
      parseMoney('1.231', 'KWD'),
      parseMoney('abc', 'USD'),
      parseMoney('', 'USD'),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined])
  })
})

describe('dates and ids', () => {
  test('adding days and counting them agree', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50_000, max: 50_000 }),
        (days) => daysBetween('2026-02-28', addDays('2026-02-28', days)) === days,
      ),
    )
    expect([isLocalDate('2026-02-29'), isLocalDate('2028-02-29'), isLocalDate('2026-2-1')]).toEqual([
      false,
      true,
      false,
    ])
  })

  test('BIL-33: today is the date at the location', () => {
    const instant = new Date('2026-06-30T13:30:00Z')
    expect([localDateAt(instant, 'Pacific/Auckland'), localDateAt(instant, 'America/New_York')]).toEqual([
      '2026-07-01',
      '2026-06-30',
    ])
  })

  test('ARC-32: an id of another kind is not read', () => {
    const uuid = '0198c1d2-0000-7000-8000-00000000000a'
    expect(parseId('invoice', publicId('invoice', uuid))).toBe(uuid)
    expect([
      parseId('renter', publicId('invoice', uuid)),
      parseId('invoice', 'inv_1'),
      parseId('invoice', uuid),
    ]).toEqual([undefined, undefined, undefined])
  })
})
