/**
 * What the sandbox believes about Connect without proof: unverified ([U]) unless a comment names a source. Correct it here
 * and nowhere else.
 */

/** Accounts can be made in these countries; each with its currency [U: Stripe has more]. */
export const homeCurrency: Readonly<Record<string, string>> = {
  AE: 'aed',
  AT: 'eur',
  AU: 'aud',
  BE: 'eur',
  BG: 'eur',
  BR: 'brl',
  CA: 'cad',
  CH: 'chf',
  CY: 'eur',
  CZ: 'czk',
  DE: 'eur',
  DK: 'dkk',
  EE: 'eur',
  ES: 'eur',
  FI: 'eur',
  FR: 'eur',
  GB: 'gbp',
  GR: 'eur',
  HK: 'hkd',
  HR: 'eur',
  HU: 'huf',
  IE: 'eur',
  IT: 'eur',
  JP: 'jpy',
  LT: 'eur',
  LU: 'eur',
  LV: 'eur',
  MT: 'eur',
  MX: 'mxn',
  MY: 'myr',
  NL: 'eur',
  NO: 'nok',
  NZ: 'nzd',
  PL: 'pln',
  PT: 'eur',
  RO: 'ron',
  SE: 'sek',
  SG: 'sgd',
  SI: 'eur',
  SK: 'eur',
  TH: 'thb',
  US: 'usd',
}

const besideTheEuro = 'CH CZ DK GB HU NO PL RO SE'.split(' ')
const further = new Map([['CA', 'usd'], ...besideTheEuro.map((country): [string, string] => [country, 'eur'])])

/** What accounts of a country are paid out in, and so may have as their default: its own currency, in Europe the euro, in Canada US dollars [U: Stripe has more]. */
export function payoutCurrenciesOf(country: string): readonly string[] {
  return [homeCurrency[country], further.get(country)].filter((one) => one !== undefined)
}

/** Grammar of bank accounts per country, and the number of each country's test account (Stripe docs: testing Connect). */
export interface BankGrammar {
  /** Null where the account number says everything. */
  readonly routing: RegExp | null
  readonly number: RegExp
  readonly testRouting: string | null
  readonly testNumber: string
}

const iban = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/

/** Countries that are not listed have an IBAN [U: some have not]. */
export const bankGrammar: Readonly<Record<string, BankGrammar>> = {
  AU: { routing: /^\d{6}$/, number: /^\d{5,9}$/, testRouting: '110000', testNumber: '000123456' },
  CA: { routing: /^\d{5}-?\d{3}$/, number: /^\d{5,17}$/, testRouting: '11000000', testNumber: '000123456789' },
  GB: { routing: /^\d{6}$/, number: /^\d{8}$/, testRouting: '108800', testNumber: '00012345' },
  HK: { routing: /^\d{3}-?\d{3}$/, number: /^[\d-]{6,14}$/, testRouting: '110000', testNumber: '000123456' },
  JP: { routing: /^\d{7}$/, number: /^\d{6,8}$/, testRouting: '1100000', testNumber: '0001234' },
  NZ: { routing: null, number: /^\d{15,16}$/, testRouting: null, testNumber: '1100000000000010' },
  SG: { routing: /^\d{4}-?\d{3}$/, number: /^\d{6,14}$/, testRouting: '1100000', testNumber: '000123456' },
  US: { routing: /^\d{9}$/, number: /^\d{4,17}$/, testRouting: '110000000', testNumber: '000123456789' },
}

export function bankGrammarOf(country: string): BankGrammar {
  const known = bankGrammar[country]
  if (known !== undefined) return known
  return { routing: null, number: iban, testRouting: null, testNumber: `${country}89370400440532013000` }
}

/** Bank tokens anybody may use in tests (Stripe docs: testing Connect): country and number behind each. */
export const testBankTokens: Readonly<Record<string, { readonly country: string; readonly number: string }>> = {
  btok_us: { country: 'US', number: '000123456789' },
  btok_us_verified: { country: 'US', number: '000123456789' },
  btok_us_verified_noAccount: { country: 'US', number: '000111111116' },
  btok_us_verified_accountClosed: { country: 'US', number: '000111111113' },
  btok_us_verified_insufficientFunds: { country: 'US', number: '000222222227' },
  btok_us_verified_debitNotAuthorized: { country: 'US', number: '000333333335' },
  btok_us_verified_invalidCurrency: { country: 'US', number: '000444444440' },
  btok_au: { country: 'AU', number: '000123456' },
  btok_gb: { country: 'GB', number: '00012345' },
  btok_nz: { country: 'NZ', number: '1100000000000010' },
}

/** Stands for a readable identity document in tests, and for one that is not (Stripe docs: testing Connect). */
export const identityFiles = { good: 'file_identity_document_success', bad: 'file_identity_document_failure' } as const

const profile = ['business_profile.mcc', 'business_profile.url']
const closing = ['external_account', 'tos_acceptance.date', 'tos_acceptance.ip']
const address = ['address.city', 'address.line1', 'address.postal_code']
const identity = ['dob.day', 'dob.month', 'dob.year', 'email', 'first_name', 'last_name', 'phone']

/** Parts of a person every account must give about whoever represents it [U]. */
export const personFields = [...address, ...identity]

/** What every company must give, in the order `requirements` lists it [U: Stripe asks for more, by country]. */
export const companyFields = [
  'company.name',
  'company.phone',
  'company.tax_id',
  ...address.map((one) => `company.${one}`),
]
export const commonFields = [...profile, ...closing]

/**
 * Countries that want to know all directors and owners before charges are on [U]. The names stand without `company.` in
 * front, as the sandbox specification has them (SBX-28); programs in public write `company.directors_provided`.
 */
export const directorCountries = new Set('AU NZ GB IE SG HK AT BE DE DK ES FI FR IT LU NL NO PT SE CH'.split(' '))
export const directorsRequirement = 'directors_provided'
export const ownersRequirement = 'owners_provided'

/** An AccountLink lives 300 seconds in v1 and 600 in v2 (sandbox specification §4); a login link as long [U]. */
export const accountLinkLifeMs = 300_000
export const v2AccountLinkLifeMs = 600_000
export const loginLinkLifeMs = 300_000
/** How long the form behind an opened link takes values [U]. */
export const visitLifeMs = 12 * 3_600_000

/** What scripts ask for: when it falls due, and when a future requirement begins [U]. */
const day = 86_400
export const dueLaterSeconds = 7 * day
export const futureSeconds = 30 * day

/** A payment on an account whose charges are off [U: code]; in live mode Stripe's documented code. */
export const chargesOffCode = { test: 'capability_not_active', live: 'testmode_charges_only' } as const

/** What a platform may still change after a link to the hosted form was made, where Stripe collects the rest [U]. */
export const openAfterStart = new Set(['business_profile', 'capabilities', 'email', 'metadata', 'settings'])

/** Capabilities the SDK's declarations name; each can be requested, whatever the country [U]. */
export const capabilityNames = new Set(
  `acss_debit_payments affirm_payments afterpay_clearpay_payments alma_payments amazon_pay_payments app_distribution
   au_becs_debit_payments bacs_debit_payments bancontact_payments bank_transfer_payments billie_payments bizum_payments
   blik_payments blik_recurring_payments boleto_payments card_issuing card_payments cartes_bancaires_payments
   cashapp_payments crypto_payments eps_payments fpx_payments gb_bank_transfer_payments giropay_payments grabpay_payments
   ideal_payments india_international_payments jcb_payments jp_bank_transfer_payments kakao_pay_payments klarna_payments
   konbini_payments kr_card_payments legacy_payments link_payments mb_way_payments mobilepay_payments multibanco_payments
   mx_bank_transfer_payments naver_pay_payments nz_bank_account_becs_debit_payments oxxo_payments p24_payments
   pay_by_bank_payments payco_payments paynow_payments paypay_payments payto_payments pix_payments promptpay_payments
   revolut_pay_payments samsung_pay_payments satispay_payments scalapay_payments sepa_bank_transfer_payments
   sepa_debit_payments sequra_payments sofort_payments sunbit_payments swish_payments tax_reporting_us_1099_k
   tax_reporting_us_1099_misc transfers treasury twint_payments upi_payments us_bank_account_ach_payments
   us_bank_transfer_payments wero_payments zip_payments`.split(/\s+/),
)

/** Capabilities an account with the full dashboard has without being asked [U]. */
export const fullDashboardCapabilities = ['card_payments', 'transfers'] as const
