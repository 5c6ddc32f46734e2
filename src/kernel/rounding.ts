/**
 * The one place where a fraction becomes minor units. Rule: multiply first, divide once, round once, half away from zero, to a
 * multiple of the currency's increment (billing.md, conventions).
 */

/** `numerator / denominator` rounded half away from zero to a multiple of `increment`. The denominator must be positive. */
export function divideRounded(numerator: bigint, denominator: bigint, increment = 1n): bigint {
  if (denominator <= 0n) throw new Error('divideRounded: the denominator must be positive')
  const step = denominator * increment
  const magnitude = numerator < 0n ? -numerator : numerator
  const rounded = ((magnitude * 2n + step) / (step * 2n)) * increment
  return numerator < 0n ? -rounded : rounded
}

/** `'8.875'` → 8875 / 1000. @throws when the text is not a plain decimal. */
export function decimalToFraction(text: string): { readonly numerator: bigint; readonly denominator: bigint } {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) throw new Error(`not a decimal: ${text}`)
  const [, sign, whole = '0', part = ''] = match
  const numerator = BigInt(whole + part)
  return { numerator: sign === '-' ? -numerator : numerator, denominator: 10n ** BigInt(part.length) }
}

/** An exact decimal times a whole number over a whole number, rounded once; e.g. 333 minor units × '1.5' / 100. */
export function multiplyDecimal(
  decimal: string,
  factors: { readonly times?: bigint; readonly over?: bigint; readonly increment?: bigint },
): bigint {
  const { numerator, denominator } = decimalToFraction(decimal)
  return divideRounded(numerator * (factors.times ?? 1n), denominator * (factors.over ?? 1n), factors.increment ?? 1n)
}

/**
 * Splits `total` over `weights` so that the shares add up exactly: the k-th share is the rounded running total minus what was
 * given before (BIL-35, BIL-43). All zero weights give zero shares.
 */
export function cumulativeShares(total: bigint, weights: readonly bigint[], increment = 1n): bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n)
  if (whole === 0n) return weights.map(() => 0n)
  let running = 0n
  let given = 0n
  return weights.map((weight) => {
    running += weight
    const upTo = divideRounded(total * running, whole, increment)
    const share = upTo - given
    given = upTo
    return share
  })
}
