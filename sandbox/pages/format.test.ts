import { expect, test } from 'vitest'
import { passesLuhn } from './card-input.ts'
import { instantText, moneyText } from './format.ts'

test.each([
  [31_800, 'aud', 'A$318.00'],
  [5, 'usd', '$0.05'],
  [-5, 'usd', '-$0.05'],
  [0, 'nzd', 'NZ$0.00'],
  [1_234, 'jpy', '¥1,234'],
  [123_400, 'isk', 'ISK 1,234.00'],
  [12_345, 'kwd', 'KWD 12.345'],
  [90_071_992_547_409_931n, 'eur', '€900,719,925,474,099.31'],
])('SBX-46: %d %s reads %s', (amountMinor, currency, text) => {
  expect(moneyText(amountMinor, currency).replaceAll('\u00a0', ' ')).toBe(text)
})

test('UI-55: instants spell out the month and name UTC', () => {
  expect(instantText(new Date('2026-09-01T03:04:05Z'))).toBe('1 Sep 2026, 03:04:05 UTC')
})

test.each([
  ['4242424242424242', true],
  ['378282246310005', true],
  ['4242424242424241', false],
  ['0', false],
  ['00000000000', false],
  ['4242 4242 4242 4242', false],
])('SBX-3: the check digit of %s is right: %s', (digits, isRight) => {
  expect(passesLuhn(digits)).toBe(isRight)
})
