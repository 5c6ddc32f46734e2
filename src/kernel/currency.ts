/**
 * The currencies Rentroll can bill in, with the digits Stripe uses for them (STR-104). Stripe's digits differ from ISO in a few
 * places: ISK and UGX are sent with two decimals ending in 00, and three-decimal currencies must end in 0, so their amounts
 * move in steps of ten (BIL conventions, D8; unverified beyond Stripe's currency page, hence one file).
 */
export type Currency = { readonly code: string; readonly exponent: 0 | 2 | 3; readonly incrementMinor: bigint }

const noDecimals = [
  'BIF',
  'CLP',
  'DJF',
  'GNF',
  'JPY',
  'KMF',
  'KRW',
  'MGA',
  'PYG',
  'RWF',
  'VND',
  'VUV',
  'XAF',
  'XOF',
  'XPF',
]
const threeDecimals = ['BHD', 'JOD', 'KWD', 'OMR', 'TND']
const twoDecimals =
  'AED AUD BGN BRL CAD CHF COP CZK DKK EGP EUR FJD GBP HKD HUF IDR ILS INR ISK KES MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON SAR SEK SGD THB TRY TWD TZS UAH UGX USD UYU ZAR'.split(
    ' ',
  )

export const currencies: ReadonlyMap<string, Currency> = new Map(
  [
    ...noDecimals.map((code): Currency => ({ code, exponent: 0, incrementMinor: 1n })),
    ...threeDecimals.map((code): Currency => ({ code, exponent: 3, incrementMinor: 10n })),
    ...twoDecimals.map((code): Currency => ({
      code,
      exponent: 2,
      incrementMinor: code === 'ISK' || code === 'UGX' ? 100n : 1n,
    })),
  ]
    .sort((one, other) => (one.code < other.code ? -1 : 1))
    .map((currency) => [currency.code, currency]),
)

export function isKnownCurrency(code: string): boolean {
  return currencies.has(code)
}

/** @throws when the code is unknown: an amount whose digits are not known must never be computed with. */
export function currencyOf(code: string): Currency {
  const currency = currencies.get(code)
  if (!currency) throw new Error(`unknown currency ${code}`)
  return currency
}

/** The smallest step an amount of this currency may move in, in minor units. */
export function incrementMinorOf(code: string): bigint {
  return currencyOf(code).incrementMinor
}
