import fc from 'fast-check'
import { expect, test } from 'vitest'
import { incrementMinorOf } from '#kernel'
import { inScope, type ScopedHandle } from '#platform'
import { eachDatabase } from '#test/databases'
import { codeOf, valueOf } from '#test/rental'
import { createCategory, type NewCategory } from './create-category.ts'
import { createSpaces } from './create-spaces.ts'
import { findBasis, getBasis, intervalLabel, standardIntervals } from './interval.ts'
import { getLocation, todayAt } from './location.ts'
import { listIntervals, priceOf, priceOfDays } from './price.ts'
import { findSpace, getSpace, listCategories, listSpaces } from './store.ts'

test('BIL-5: every interval code of the list has a basis and words, and nothing else has', () => {
  const codes = [
    'day',
    'week',
    'four_weeks',
    'days_30',
    'days_366',
    'month',
    'two_months',
    'quarter',
    'half_year',
    'year',
    'months_24',
  ]
  expect(codes.map((code) => [code, intervalLabel(code)])).toEqual([
    ['day', 'Daily'],
    ['week', 'Weekly'],
    ['four_weeks', 'Every 4 weeks'],
    ['days_30', 'Every 30 days'],
    ['days_366', 'Every 366 days'],
    ['month', 'Monthly'],
    ['two_months', 'Every 2 months'],
    ['quarter', 'Quarterly'],
    ['half_year', 'Half-yearly'],
    ['year', 'Yearly'],
    ['months_24', 'Every 24 months'],
  ])
  expect(['days_0', 'days_367', 'months_25', 'days_01', 'fortnight', ''].map(findBasis)).toEqual(
    Array(6).fill(undefined),
  )
  expect(() => getBasis('fortnight')).toThrow('unknown interval')
})

test('BIL-4: 5.00 a day is 150.00, 450.00 and 1,825.00; a typed price stands as it is', () => {
  const daily = { priceBasis: 'daily_rate', dailyRate: '500', periodPrices: {} } as const
  const prices = standardIntervals.map((interval) => priceOf(daily, { interval, currency: 'USD', periodDays: 0 }))
  expect(prices).toEqual([15_000n, 45_000n, 182_500n])
  const typed = { priceBasis: 'period_price', periodPrices: { month: 12_345n } } as const
  expect(priceOf(typed, { interval: 'month', currency: 'USD', periodDays: 31 })).toBe(12_345n)
  expect(priceOf(typed, { interval: 'year', currency: 'USD', periodDays: 365 })).toBeUndefined()
  expect(listIntervals(typed)).toEqual(['month'])
})

test('BIL conventions: a price at a daily rate is a whole number of the currency’s steps', () => {
  const rate = fc
    .integer({ min: 0, max: 10 ** 9 })
    .map((parts) => `${Math.floor(parts / 1000)}.${String(parts % 1000).padStart(3, '0')}`)
  fc.assert(
    fc.property(
      rate,
      fc.integer({ min: 1, max: 366 }),
      fc.constantFrom('USD', 'JPY', 'KWD', 'ISK'),
      (dailyRate, days, currency) => {
        expect(priceOfDays(dailyRate, { days, currency }) % incrementMinorOf(currency)).toBe(0n)
      },
    ),
  )
})

eachDatabase('spaces', {}, (ground) => {
  const within = async <Result>(work: (rows: ScopedHandle) => Promise<Result>) => {
    const { scope } = await ground().makeOperator()
    return inScope(ground().database, scope, work)
  }
  const desk: NewCategory = {
    code: 'desk',
    name: 'Desk',
    priceBasis: 'period_price',
    periodPrices: { month: '100.00' },
    deposit: '0',
  }

  test('BIL-1: a category keeps its prices exactly, to six decimals of a minor unit', async () => {
    const found = await within(async (rows) => {
      valueOf(
        await createCategory(rows, { ...desk, periodPrices: { month: '1,100.50', days_30: '99.95' }, deposit: '250' }),
      )
      valueOf(
        await createCategory(rows, {
          code: 'LOCK',
          name: 'Locker',
          priceBasis: 'daily_rate',
          dailyRate: '3.33330001',
          deposit: '0',
        }),
      )
      return listCategories(rows)
    })
    expect(found).toMatchObject([
      { code: 'DESK', periodPrices: { month: 110_050n, days_30: 9995n }, depositMinor: 25_000n, spaces: 0 },
      { code: 'LOCK', dailyRate: '333.330001', periodPrices: {}, spaces: 0 },
    ])
  })

  test('BIL-107: what cannot be a category is refused, each field by name', async () => {
    const wrong: readonly (readonly [Partial<NewCategory>, string])[] = [
      [{ code: 'too long to be one' }, 'category_code_form'],
      [{ name: '  ' }, 'name_missing'],
      [{ deposit: '1.234' }, 'amount_unreadable'],
      [{ deposit: '-1' }, 'amount_unreadable'],
      [{ periodPrices: { fortnight: '1.00' } }, 'interval_unknown'],
      [{ periodPrices: { month: 'free' } }, 'amount_unreadable'],
      [{ periodPrices: {} }, 'price_missing'],
      [{ priceBasis: 'daily_rate' }, 'price_missing'],
      [{ priceBasis: 'daily_rate', dailyRate: '1.123456789' }, 'amount_unreadable'],
    ]
    const codes = await within(async (rows) => {
      const seen = []
      for (const [change] of wrong) seen.push(codeOf(await createCategory(rows, { ...desk, ...change })))
      valueOf(await createCategory(rows, desk))
      return [...seen, codeOf(await createCategory(rows, desk))]
    })
    expect(codes).toEqual([...wrong.map(([, code]) => code), 'category_code_taken'])
  })

  test('BIL-2: spaces count on after the highest number, and a taken number creates none', async () => {
    const seen = await within(async (rows) => {
      const { id: categoryId } = valueOf(await createCategory(rows, desk))
      const first = valueOf(await createSpaces(rows, { categoryId, count: 2 }))
      const custom = valueOf(await createSpaces(rows, { categoryId, number: 'Corner', title: 'By the window' }))
      const next = valueOf(await createSpaces(rows, { categoryId }))
      const codes = [
        await createSpaces(rows, { categoryId, number: 'Corner' }),
        await createSpaces(rows, { categoryId, number: 'Two', count: 2 }),
        await createSpaces(rows, { categoryId, count: 51 }),
        await createSpaces(rows, { categoryId: rows.scope.operatorId }),
      ].map(codeOf)
      const all = await listSpaces(rows)
      const { title } = await getSpace(rows, custom[0]!.id)
      return {
        numbers: [...first, ...next].map(({ number }) => number),
        codes,
        all: all.length,
        title,
        none: await findSpace(rows, categoryId),
      }
    })
    expect(seen).toEqual({
      numbers: ['DESK-A-01', 'DESK-A-02', 'DESK-A-03'],
      codes: ['space_number_taken', 'space_number_form', 'too_many_spaces', 'category_unknown'],
      all: 4,
      title: 'By the window',
      none: undefined,
    })
  })

  test('BIL-2: two people adding spaces at once never meet in a number', async () => {
    const { scope } = await ground().makeOperator()
    const add = (wish: (rows: ScopedHandle) => Promise<unknown>) => inScope(ground().database, scope, wish)
    let categoryId = ''
    await add(async (rows) => {
      categoryId = valueOf(await createCategory(rows, desk)).id
    })

    await Promise.all([1, 2, 3].map(() => add((rows) => createSpaces(rows, { categoryId, count: 5 }))))

    const numbers = await inScope(ground().database, scope, async (rows) =>
      (await listSpaces(rows)).map(({ number }) => number),
    )
    expect(new Set(numbers).size).toBe(15)
  })

  test('BIL-33: today is the date at the location', async () => {
    const location = await within(getLocation)
    const clock = { now: () => new Date('2026-06-30T15:00:00Z'), wallTimeOf: (instant: Date) => instant }
    expect([location.timeZone, todayAt(location, clock)]).toEqual(['Australia/Sydney', '2026-07-01'])
  })
})
