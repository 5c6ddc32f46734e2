import { expect, test } from 'vitest'
import { currencies } from '#kernel'
import { platformFeeOf, platformFeeWords } from './platform-fee.ts'

const aud = (amountMinor: bigint) => ({ amountMinor, currency: 'AUD' })
const fee = (basisPoints: number) => ({ basisPoints, isKeptOnRefund: false })

test('STR-16: the fee is whole minor units, rounded down, and never above the amount', () => {
  for (const [amount, expected] of [
    [33_000n, 330n],
    [16_500n, 165n],
    [31_000n, 310n],
    [6_050n, 60n],
    [99n, undefined],
    [100n, 1n],
    [199n, 1n],
    [0n, undefined],
    [-5_000n, undefined],
  ] as const)
    expect(platformFeeOf(aud(amount), fee(100)), String(amount)).toBe(expected)
  expect(platformFeeOf(aud(99_999_999n), fee(10_000))).toBe(99_999_999n)
  expect(platformFeeOf(aud(99_999_999n), fee(9_999))).toBe(99_989_999n)
  expect(platformFeeOf(aud(31_000n), undefined)).toBeUndefined()
  for (const { code, incrementMinor } of [...currencies.values()].filter((one) => one.incrementMinor > 1n)) {
    const taken = platformFeeOf({ amountMinor: 123_400n, currency: code }, fee(777)) ?? 0n
    expect(taken % incrementMinor, code).toBe(0n)
    expect(taken, code).toBeLessThanOrEqual(9_588n)
  }
})

test('UI-149: it is told as people write percents', () => {
  expect(platformFeeWords(fee(150))).toBe('1.5 % of each payment, rounded down. A refund gives its part back.')
  expect(platformFeeWords({ basisPoints: 7, isKeptOnRefund: true })).toBe(
    '0.07 % of each payment, rounded down. It is not given back with a refund.',
  )
  expect(platformFeeWords(fee(2_900))).toMatch(/^29 % /)
})
