/**
 * Decimal texts such as `unit_amount_decimal`. Over the wire they are strings; the SDK turns them into a type of its own,
 * which is why a string has to pass for that type here. Fractions of a minor unit are not done.
 */
import type Stripe from 'stripe'
import { notSupported, refuse } from '../../errors.ts'
import { text } from '../../protocol/parameters.ts'
import type { Parameter } from '../../protocol/parameters.ts'

type Decimal = NonNullable<Stripe.Price['unit_amount_decimal']>

/** A whole number as Stripe writes a decimal. */
export function wireDecimal(whole: number): Decimal {
  return String(whole) as unknown as Decimal
}

/** A decimal that says a whole number, such as '1500' or '1500.00'. */
export function wholeDecimal(): Parameter<number> {
  return {
    isRequired: false,
    read(value, path) {
      const read = text(40).read(value, path)
      if (!/^-?\d{1,12}(\.\d{1,12})?$/.test(read)) throw refuse(`Invalid decimal: ${read}`, { param: path })
      if (!Number.isInteger(Number(read))) throw notSupported('fractions of a minor unit', path)
      return Number(read)
    },
  }
}
