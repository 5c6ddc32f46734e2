import { describe, expect, it } from 'vitest'
import { createRequestKey } from './api-client.ts'
import { amountProblem } from './fields.tsx'
import { localDateText, plural } from './texts.tsx'

describe('amounts as people type them', () => {
  it('UI-38 takes what the currency can hold', () => {
    expect(amountProblem('1,234.50', 'USD')).toBeUndefined()
    expect(amountProblem('120', 'USD')).toBeUndefined()
    expect(amountProblem('1000', 'JPY')).toBeUndefined()
  })

  it('UI-38 says why it cannot take the rest', () => {
    expect(amountProblem('', 'USD')).toBe('Enter an amount.')
    expect(amountProblem('12.5', 'JPY')).toBe('JPY has no decimal places. Enter a whole number.')
    expect(amountProblem('12.505', 'USD')).toBe('USD has 2 decimal places. Enter an amount such as 120.00.')
    expect(amountProblem('twelve', 'KWD')).toBe('Enter the amount in figures, such as 120.000.')
  })
})

describe('texts', () => {
  it('UI-55 names the month', () => {
    expect(localDateText('2026-11-21')).toBe('21 Nov 2026')
    expect(localDateText('2026-02-28', 'en-GB', true)).toBe('Sat 28 Feb 2026')
    expect(localDateText('2026-11-21', 'en-US')).toBe('21 Nov 2026')
  })

  it('counts with the noun', () => {
    expect([plural(1, 'invoice'), plural(0, 'invoice'), plural(1200, 'invoice')]).toEqual([
      '1 invoice',
      '0 invoices',
      '1,200 invoices',
    ])
  })
})

describe('request keys', () => {
  it('are uuids and never the same twice', () => {
    const keys = Array.from({ length: 50 }, createRequestKey)
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(keys).size).toBe(50)
  })
})
