/** What v2 calls the capabilities of a merchant, and what v1 calls the same. */

/** From the SDK's declarations. */
export const merchantCapabilities =
  `ach_debit_payments acss_debit_payments affirm_payments afterpay_clearpay_payments alma_payments 
   amazon_pay_payments au_becs_debit_payments bacs_debit_payments bancontact_payments blik_payments 
   blik_recurring_payments boleto_payments card_payments cartes_bancaires_payments cashapp_payments eps_payments 
   fpx_payments gb_bank_transfer_payments grabpay_payments ideal_payments jcb_payments jp_bank_transfer_payments 
   kakao_pay_payments klarna_payments konbini_payments kr_card_payments link_payments mobilepay_payments 
   multibanco_payments mx_bank_transfer_payments naver_pay_payments oxxo_payments p24_payments 
   pay_by_bank_payments payco_payments paynow_payments promptpay_payments revolut_pay_payments 
   samsung_pay_payments satispay_payments sepa_bank_transfer_payments sepa_debit_payments sequra_payments 
   sunbit_payments swish_payments twint_payments us_bank_transfer_payments zip_payments`.split(/\s+/)

const differing: Readonly<Record<string, string>> = { ach_debit_payments: 'us_bank_account_ach_payments' }

export function v1NameOf(name: string): string {
  return differing[name] ?? name
}

/** Undefined for a capability v2 does not count among a merchant's. */
export function v2NameOf(name: string): string | undefined {
  const found = Object.entries(differing).find(([, v1]) => v1 === name)?.[0] ?? name
  return merchantCapabilities.includes(found) ? found : undefined
}
