/** What the declarations do not say, written by hand: how ids begin, which numbers have decimals, which fields old versions keep. */

/** How ids of an object begin, by its `object`. An object that is not here may be called anything; a product, by whoever makes it. */
export const idPrefixes: Readonly<Record<string, string>> = {
  account: 'acct_',
  application: 'ca_',
  application_fee: 'fee_',
  balance_transaction: 'txn_',
  bank_account: 'ba_',
  card: 'card_',
  charge: 'ch_|py_',
  'checkout.session': 'cs_(?:test|live)_',
  customer: 'cus_',
  dispute: 'du_|dp_|pdp_',
  event: 'evt_',
  fee_refund: 'fr_',
  file: 'file_',
  invoice: 'in_',
  invoice_payment: 'inpay_',
  invoiceitem: 'ii_',
  mandate: 'mandate_',
  payment_intent: 'pi_',
  payment_method: 'pm_|card_|ba_|src_',
  payout: 'po_',
  person: 'person_',
  price: 'price_',
  'radar.early_fraud_warning': 'issfr_',
  refund: 're_|pyr_',
  review: 'prv_',
  setup_attempt: 'setatt_',
  setup_intent: 'seti_',
  subscription: 'sub_',
  tax_rate: 'txr_',
  token: 'tok_|btok_|pii_|ct_|cvctok_',
  topup: 'tu_',
  transfer: 'tr_',
  transfer_reversal: 'trr_',
  webhook_endpoint: 'we_',
}

/** Fields that are no whole numbers; every other number is: the declarations know only `number`. */
const decimalField =
  /percent|_rate$|^rate$|ratio|^(?:latitude|longitude|height|length|width|weight|score|multiplier|quantity)$|_decimal$|usage/

export function isDecimal(field: string): boolean {
  return decimalField.test(field)
}

/** The last version that still showed them, as SBX-12 says. */
export const lastVersionWithRemovedFields = '2023-08-16'

export const removedFields: Readonly<Record<string, readonly string[]>> = {
  PaymentIntent: ['invoice'],
  Charge: ['invoice'],
  Invoice: ['payment_intent', 'charge', 'paid'],
}

/** A parameter that a version before this one still took, by the end of the operation's parameter type (SBX-12). */
export const removedParameters = [
  {
    name: 'payment_method_types',
    ofType: /^(?:PaymentIntent|SetupIntent|Checkout\.Session)\w+Params$/,
    until: '2026-09-30',
  },
] as const

/** Codes of errors that the declarations name nowhere. */
export const furtherErrorCodes: ReadonlySet<string> = new Set([
  'sandbox_not_supported',
  'payment_method_types_no_longer_supported',
  'parameter_invalid_string',
])
