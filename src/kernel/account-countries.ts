/**
 * The countries a Stripe account can be made in, and the currencies one can be paid out in there, the country's own first (STR-29,
 * UI-142). Unverified and kept small: Stripe serves more countries and settles in more currencies, and refuses what it does not.
 */
const inEuro = 'AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' ')

const others: Readonly<Record<string, string>> = {
  AE: 'AED',
  AU: 'AUD',
  BR: 'BRL',
  CA: 'CAD USD',
  CH: 'CHF EUR',
  CZ: 'CZK EUR',
  DK: 'DKK EUR',
  GB: 'GBP EUR',
  HK: 'HKD',
  HU: 'HUF EUR',
  JP: 'JPY',
  MX: 'MXN',
  MY: 'MYR',
  NO: 'NOK EUR',
  NZ: 'NZD',
  PL: 'PLN EUR',
  RO: 'RON EUR',
  SE: 'SEK EUR',
  SG: 'SGD',
  TH: 'THB',
  US: 'USD',
}

/** By ISO 3166-1 alpha-2; a country that is not here is one we know nothing about. */
export const accountCountries: ReadonlyMap<string, readonly string[]> = new Map([
  ...inEuro.map((country): [string, readonly string[]] => [country, ['EUR']]),
  ...Object.entries(others).map(([country, codes]): [string, readonly string[]] => [country, codes.split(' ')]),
])
