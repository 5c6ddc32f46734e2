/**
 * Every operation the installed SDK (stripe 23.1.0) can call, as letters of its methods (G, P, D) in front of its path.
 * The router asks here before it answers "Unrecognized request URL": an operation listed here exists at Stripe, so the
 * honest answer is that this sandbox does not have it (SBX-6). Made from the paths in the SDK's resource files.
 */

const listed = `
  G/v1/account P/v1/account_links P/v1/account_sessions GP/v1/accounts DGP/v1/accounts/:id
  G/v1/accounts/:id/capabilities GP/v1/accounts/:id/capabilities/:id GP/v1/accounts/:id/external_accounts
  DGP/v1/accounts/:id/external_accounts/:id P/v1/accounts/:id/login_links GP/v1/accounts/:id/persons
  DGP/v1/accounts/:id/persons/:id P/v1/accounts/:id/reject P/v1/accounts/:id/unreject GP/v1/apple_pay/domains
  DG/v1/apple_pay/domains/:id G/v1/application_fees G/v1/application_fees/:id GP/v1/application_fees/:id/refunds
  GP/v1/application_fees/:id/refunds/:id GP/v1/apps/installs GP/v1/apps/installs/:id P/v1/apps/installs/:id/uninstall
  GP/v1/apps/secrets P/v1/apps/secrets/delete G/v1/apps/secrets/find G/v1/balance GP/v1/balance_settings
  G/v1/balance_transactions G/v1/balance_transactions/:id GP/v1/billing/alerts G/v1/billing/alerts/:id
  P/v1/billing/alerts/:id/activate P/v1/billing/alerts/:id/archive P/v1/billing/alerts/:id/deactivate
  G/v1/billing/credit_balance_summary G/v1/billing/credit_balance_transactions
  G/v1/billing/credit_balance_transactions/:id GP/v1/billing/credit_grants GP/v1/billing/credit_grants/:id
  P/v1/billing/credit_grants/:id/expire P/v1/billing/credit_grants/:id/void GP/v1/billing/feedback_options
  GP/v1/billing/feedback_options/:id P/v1/billing/feedback_options/:id/deactivate P/v1/billing/meter_event_adjustments
  P/v1/billing/meter_events GP/v1/billing/meters GP/v1/billing/meters/:id P/v1/billing/meters/:id/deactivate
  G/v1/billing/meters/:id/event_summaries P/v1/billing/meters/:id/reactivate GP/v1/billing_portal/configurations
  GP/v1/billing_portal/configurations/:id P/v1/billing_portal/sessions GP/v1/charges GP/v1/charges/:id
  P/v1/charges/:id/capture G/v1/charges/search GP/v1/checkout/sessions GP/v1/checkout/sessions/:id
  P/v1/checkout/sessions/:id/expire G/v1/checkout/sessions/:id/line_items GP/v1/climate/orders
  GP/v1/climate/orders/:id P/v1/climate/orders/:id/cancel G/v1/climate/products G/v1/climate/products/:id
  G/v1/climate/suppliers G/v1/climate/suppliers/:id G/v1/confirmation_tokens/:id G/v1/country_specs
  G/v1/country_specs/:id GP/v1/coupons DGP/v1/coupons/:id GP/v1/credit_notes GP/v1/credit_notes/:id
  G/v1/credit_notes/:id/lines P/v1/credit_notes/:id/void G/v1/credit_notes/preview G/v1/credit_notes/preview/lines
  P/v1/customer_sessions GP/v1/customers DGP/v1/customers/:id GP/v1/customers/:id/balance_transactions
  GP/v1/customers/:id/balance_transactions/:id GP/v1/customers/:id/cash_balance
  G/v1/customers/:id/cash_balance_transactions G/v1/customers/:id/cash_balance_transactions/:id
  D/v1/customers/:id/discount P/v1/customers/:id/funding_instructions G/v1/customers/:id/payment_methods
  G/v1/customers/:id/payment_methods/:id GP/v1/customers/:id/sources DGP/v1/customers/:id/sources/:id
  P/v1/customers/:id/sources/:id/verify GP/v1/customers/:id/tax_ids DG/v1/customers/:id/tax_ids/:id
  G/v1/customers/search G/v1/disputes GP/v1/disputes/:id P/v1/disputes/:id/close G/v1/entitlements/active_entitlements
  G/v1/entitlements/active_entitlements/:id GP/v1/entitlements/features GP/v1/entitlements/features/:id
  P/v1/ephemeral_keys D/v1/ephemeral_keys/:id G/v1/events G/v1/events/:id G/v1/exchange_rates G/v1/exchange_rates/:id
  GP/v1/file_links GP/v1/file_links/:id GP/v1/files G/v1/files/:id G/v1/financial_connections/accounts
  G/v1/financial_connections/accounts/:id P/v1/financial_connections/accounts/:id/disconnect
  G/v1/financial_connections/accounts/:id/owners P/v1/financial_connections/accounts/:id/refresh
  P/v1/financial_connections/accounts/:id/subscribe P/v1/financial_connections/accounts/:id/unsubscribe
  P/v1/financial_connections/sessions G/v1/financial_connections/sessions/:id G/v1/financial_connections/transactions
  G/v1/financial_connections/transactions/:id GP/v1/forwarding/requests G/v1/forwarding/requests/:id
  G/v1/identity/verification_reports G/v1/identity/verification_reports/:id GP/v1/identity/verification_sessions
  GP/v1/identity/verification_sessions/:id P/v1/identity/verification_sessions/:id/cancel
  P/v1/identity/verification_sessions/:id/redact G/v1/invoice_payments G/v1/invoice_payments/:id
  G/v1/invoice_rendering_templates G/v1/invoice_rendering_templates/:id P/v1/invoice_rendering_templates/:id/archive
  P/v1/invoice_rendering_templates/:id/unarchive GP/v1/invoiceitems DGP/v1/invoiceitems/:id GP/v1/invoices
  DGP/v1/invoices/:id P/v1/invoices/:id/add_lines P/v1/invoices/:id/attach_payment P/v1/invoices/:id/finalize
  G/v1/invoices/:id/lines P/v1/invoices/:id/lines/:id P/v1/invoices/:id/mark_uncollectible P/v1/invoices/:id/pay
  P/v1/invoices/:id/remove_lines P/v1/invoices/:id/send P/v1/invoices/:id/update_lines P/v1/invoices/:id/void
  P/v1/invoices/create_preview G/v1/invoices/search G/v1/issuing/authorizations GP/v1/issuing/authorizations/:id
  P/v1/issuing/authorizations/:id/approve P/v1/issuing/authorizations/:id/decline GP/v1/issuing/cardholders
  GP/v1/issuing/cardholders/:id GP/v1/issuing/cards GP/v1/issuing/cards/:id GP/v1/issuing/disputes
  GP/v1/issuing/disputes/:id P/v1/issuing/disputes/:id/submit GP/v1/issuing/personalization_designs
  GP/v1/issuing/personalization_designs/:id G/v1/issuing/physical_bundles G/v1/issuing/physical_bundles/:id
  G/v1/issuing/tokens GP/v1/issuing/tokens/:id G/v1/issuing/transactions GP/v1/issuing/transactions/:id
  G/v1/mandates/:id G/v1/payment_attempt_records G/v1/payment_attempt_records/:id GP/v1/payment_intents
  GP/v1/payment_intents/:id G/v1/payment_intents/:id/amount_details_line_items
  P/v1/payment_intents/:id/apply_customer_balance P/v1/payment_intents/:id/cancel P/v1/payment_intents/:id/capture
  P/v1/payment_intents/:id/confirm P/v1/payment_intents/:id/increment_authorization
  P/v1/payment_intents/:id/verify_microdeposits G/v1/payment_intents/search GP/v1/payment_links
  GP/v1/payment_links/:id G/v1/payment_links/:id/line_items GP/v1/payment_method_configurations
  GP/v1/payment_method_configurations/:id GP/v1/payment_method_domains GP/v1/payment_method_domains/:id
  P/v1/payment_method_domains/:id/validate GP/v1/payment_methods GP/v1/payment_methods/:id
  P/v1/payment_methods/:id/attach P/v1/payment_methods/:id/detach G/v1/payment_records G/v1/payment_records/:id
  P/v1/payment_records/:id/report_payment_attempt P/v1/payment_records/:id/report_payment_attempt_canceled
  P/v1/payment_records/:id/report_payment_attempt_failed P/v1/payment_records/:id/report_payment_attempt_guaranteed
  P/v1/payment_records/:id/report_payment_attempt_informational P/v1/payment_records/:id/report_refund
  P/v1/payment_records/report_payment GP/v1/payouts GP/v1/payouts/:id P/v1/payouts/:id/cancel P/v1/payouts/:id/reverse
  GP/v1/plans DGP/v1/plans/:id GP/v1/prices GP/v1/prices/:id G/v1/prices/search GP/v1/product_catalog/trial_offers
  GP/v1/product_catalog/trial_offers/:id GP/v1/products DGP/v1/products/:id GP/v1/products/:id/features
  DG/v1/products/:id/features/:id G/v1/products/search GP/v1/promotion_codes GP/v1/promotion_codes/:id GP/v1/quotes
  GP/v1/quotes/:id P/v1/quotes/:id/accept P/v1/quotes/:id/cancel G/v1/quotes/:id/computed_upfront_line_items
  P/v1/quotes/:id/finalize G/v1/quotes/:id/line_items G/v1/quotes/:id/pdf G/v1/radar/early_fraud_warnings
  G/v1/radar/early_fraud_warnings/:id P/v1/radar/payment_evaluations GP/v1/radar/value_list_items
  DG/v1/radar/value_list_items/:id GP/v1/radar/value_lists DGP/v1/radar/value_lists/:id GP/v1/refunds
  GP/v1/refunds/:id P/v1/refunds/:id/cancel GP/v1/reporting/report_runs G/v1/reporting/report_runs/:id
  G/v1/reporting/report_types G/v1/reporting/report_types/:id G/v1/reviews G/v1/reviews/:id P/v1/reviews/:id/approve
  G/v1/setup_attempts GP/v1/setup_intents GP/v1/setup_intents/:id P/v1/setup_intents/:id/cancel
  P/v1/setup_intents/:id/confirm P/v1/setup_intents/:id/verify_microdeposits GP/v1/shipping_rates
  GP/v1/shipping_rates/:id G/v1/sigma/scheduled_query_runs G/v1/sigma/scheduled_query_runs/:id P/v1/sources
  GP/v1/sources/:id G/v1/sources/:id/source_transactions P/v1/sources/:id/verify GP/v1/subscription_items
  DGP/v1/subscription_items/:id GP/v1/subscription_schedules GP/v1/subscription_schedules/:id
  P/v1/subscription_schedules/:id/cancel P/v1/subscription_schedules/:id/release GP/v1/subscriptions
  DGP/v1/subscriptions/:id D/v1/subscriptions/:id/discount P/v1/subscriptions/:id/migrate P/v1/subscriptions/:id/pause
  P/v1/subscriptions/:id/resume G/v1/subscriptions/search G/v1/tax/associations/find P/v1/tax/calculations
  G/v1/tax/calculations/:id G/v1/tax/calculations/:id/line_items GP/v1/tax/locations G/v1/tax/locations/:id
  GP/v1/tax/registrations GP/v1/tax/registrations/:id GP/v1/tax/settings G/v1/tax/transactions/:id
  G/v1/tax/transactions/:id/line_items P/v1/tax/transactions/create_from_calculation
  P/v1/tax/transactions/create_reversal G/v1/tax_codes G/v1/tax_codes/:id GP/v1/tax_ids DG/v1/tax_ids/:id
  GP/v1/tax_rates GP/v1/tax_rates/:id GP/v1/terminal/configurations DGP/v1/terminal/configurations/:id
  P/v1/terminal/connection_tokens GP/v1/terminal/locations DGP/v1/terminal/locations/:id
  P/v1/terminal/onboarding_links GP/v1/terminal/readers DGP/v1/terminal/readers/:id
  P/v1/terminal/readers/:id/cancel_action P/v1/terminal/readers/:id/collect_inputs
  P/v1/terminal/readers/:id/collect_payment_method P/v1/terminal/readers/:id/confirm_payment_intent
  P/v1/terminal/readers/:id/process_payment_intent P/v1/terminal/readers/:id/process_setup_intent
  P/v1/terminal/readers/:id/refund_payment P/v1/terminal/readers/:id/set_reader_display
  P/v1/test_helpers/confirmation_tokens P/v1/test_helpers/customers/:id/fund_cash_balance
  P/v1/test_helpers/issuing/authorizations P/v1/test_helpers/issuing/authorizations/:id/capture
  P/v1/test_helpers/issuing/authorizations/:id/expire P/v1/test_helpers/issuing/authorizations/:id/finalize_amount
  P/v1/test_helpers/issuing/authorizations/:id/fraud_challenges/respond
  P/v1/test_helpers/issuing/authorizations/:id/increment P/v1/test_helpers/issuing/authorizations/:id/reverse
  P/v1/test_helpers/issuing/cards/:id/shipping/deliver P/v1/test_helpers/issuing/cards/:id/shipping/fail
  P/v1/test_helpers/issuing/cards/:id/shipping/return P/v1/test_helpers/issuing/cards/:id/shipping/ship
  P/v1/test_helpers/issuing/cards/:id/shipping/submit P/v1/test_helpers/issuing/personalization_designs/:id/activate
  P/v1/test_helpers/issuing/personalization_designs/:id/deactivate
  P/v1/test_helpers/issuing/personalization_designs/:id/reject P/v1/test_helpers/issuing/transactions/:id/refund
  P/v1/test_helpers/issuing/transactions/create_force_capture
  P/v1/test_helpers/issuing/transactions/create_unlinked_refund P/v1/test_helpers/refunds/:id/expire
  P/v1/test_helpers/terminal/readers/:id/present_payment_method
  P/v1/test_helpers/terminal/readers/:id/succeed_input_collection
  P/v1/test_helpers/terminal/readers/:id/timeout_input_collection GP/v1/test_helpers/test_clocks
  DG/v1/test_helpers/test_clocks/:id P/v1/test_helpers/test_clocks/:id/advance
  P/v1/test_helpers/treasury/inbound_transfers/:id/fail P/v1/test_helpers/treasury/inbound_transfers/:id/return
  P/v1/test_helpers/treasury/inbound_transfers/:id/succeed P/v1/test_helpers/treasury/outbound_payments/:id
  P/v1/test_helpers/treasury/outbound_payments/:id/fail P/v1/test_helpers/treasury/outbound_payments/:id/post
  P/v1/test_helpers/treasury/outbound_payments/:id/return P/v1/test_helpers/treasury/outbound_transfers/:id
  P/v1/test_helpers/treasury/outbound_transfers/:id/fail P/v1/test_helpers/treasury/outbound_transfers/:id/post
  P/v1/test_helpers/treasury/outbound_transfers/:id/return P/v1/test_helpers/treasury/received_credits
  P/v1/test_helpers/treasury/received_debits GP/v1/three_d_secure/authentications
  G/v1/three_d_secure/authentications/:id P/v1/three_d_secure/authentications/:id/cancel
  P/v1/three_d_secure/authentications/:id/submit P/v1/tokens G/v1/tokens/:id GP/v1/topups GP/v1/topups/:id
  P/v1/topups/:id/cancel GP/v1/transfers GP/v1/transfers/:id GP/v1/transfers/:id/reversals
  GP/v1/transfers/:id/reversals/:id GP/v1/treasury/credit_reversals G/v1/treasury/credit_reversals/:id
  GP/v1/treasury/debit_reversals G/v1/treasury/debit_reversals/:id GP/v1/treasury/financial_accounts
  GP/v1/treasury/financial_accounts/:id P/v1/treasury/financial_accounts/:id/close
  GP/v1/treasury/financial_accounts/:id/features GP/v1/treasury/inbound_transfers G/v1/treasury/inbound_transfers/:id
  P/v1/treasury/inbound_transfers/:id/cancel GP/v1/treasury/outbound_payments G/v1/treasury/outbound_payments/:id
  P/v1/treasury/outbound_payments/:id/cancel GP/v1/treasury/outbound_transfers G/v1/treasury/outbound_transfers/:id
  P/v1/treasury/outbound_transfers/:id/cancel G/v1/treasury/received_credits G/v1/treasury/received_credits/:id
  G/v1/treasury/received_debits G/v1/treasury/received_debits/:id G/v1/treasury/transaction_entries
  G/v1/treasury/transaction_entries/:id G/v1/treasury/transactions G/v1/treasury/transactions/:id
  GP/v1/webhook_endpoints DGP/v1/webhook_endpoints/:id P/v2/billing/meter_event_adjustments
  P/v2/billing/meter_event_session P/v2/billing/meter_event_stream P/v2/billing/meter_events
  GP/v2/commerce/product_catalog/imports G/v2/commerce/product_catalog/imports/:id P/v2/core/account_links
  P/v2/core/account_tokens G/v2/core/account_tokens/:id GP/v2/core/accounts GP/v2/core/accounts/:id
  P/v2/core/accounts/:id/close P/v2/core/accounts/:id/person_tokens G/v2/core/accounts/:id/person_tokens/:id
  GP/v2/core/accounts/:id/persons DGP/v2/core/accounts/:id/persons/:id GP/v2/core/event_destinations
  DGP/v2/core/event_destinations/:id P/v2/core/event_destinations/:id/disable P/v2/core/event_destinations/:id/enable
  P/v2/core/event_destinations/:id/ping G/v2/core/events G/v2/core/events/:id GP/v2/core/vault/gb_bank_accounts
  G/v2/core/vault/gb_bank_accounts/:id P/v2/core/vault/gb_bank_accounts/:id/archive
  P/v2/core/vault/gb_bank_accounts/:id/unarchive GP/v2/core/vault/us_bank_accounts
  GP/v2/core/vault/us_bank_accounts/:id P/v2/core/vault/us_bank_accounts/:id/archive
  P/v2/core/vault/us_bank_accounts/:id/confirm_microdeposits P/v2/core/vault/us_bank_accounts/:id/send_microdeposits
  P/v2/core/vault/us_bank_accounts/:id/unarchive G/v2/money_management/adjustments
  G/v2/money_management/adjustments/:id G/v2/money_management/financial_accounts
  GP/v2/money_management/financial_accounts/:id GP/v2/money_management/financial_addresses
  G/v2/money_management/financial_addresses/:id GP/v2/money_management/inbound_transfers
  G/v2/money_management/inbound_transfers/:id GP/v2/money_management/outbound_payments
  G/v2/money_management/outbound_payments/:id P/v2/money_management/outbound_payments/:id/cancel
  GP/v2/money_management/outbound_setup_intents GP/v2/money_management/outbound_setup_intents/:id
  P/v2/money_management/outbound_setup_intents/:id/cancel GP/v2/money_management/payout_intents
  GP/v2/money_management/payout_intents/:id P/v2/money_management/payout_intents/:id/cancel
  P/v2/money_management/payout_intents/:id/confirm P/v2/money_management/payout_intents/:id/refresh_fx_quote
  P/v2/money_management/payout_intents/:id/refresh_recipient_verification G/v2/money_management/payout_methods
  G/v2/money_management/payout_methods/:id P/v2/money_management/payout_methods/:id/archive
  P/v2/money_management/payout_methods/:id/unarchive G/v2/money_management/payout_methods_bank_account_spec
  G/v2/money_management/received_credits G/v2/money_management/received_credits/:id
  P/v2/money_management/recipient_verifications G/v2/money_management/recipient_verifications/:id
  P/v2/money_management/recipient_verifications/:id/acknowledge
  P/v2/money_management/test_helpers/financial_addresses/:id/credit G/v2/money_management/transaction_entries
  G/v2/money_management/transaction_entries/:id G/v2/money_management/transactions
  GP/v2/money_management/transactions/:id P/v2/money_management/transactions/:id/refresh_regulatory_receipt
  P/v2/test_helpers/money_management/recipient_verifications
`

const letters: Readonly<Record<string, string>> = { GET: 'G', POST: 'P', DELETE: 'D' }

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(':id', '[^/]+')}$`)
}

const operations = listed
  .trim()
  .split(/\s+/)
  .map((word) => ({ methods: word.slice(0, word.indexOf('/')), pattern: toPattern(word.slice(word.indexOf('/'))) }))

/** Whether Stripe has this operation, supported here or not. */
export function isKnownAtStripe(method: string, path: string): boolean {
  const letter = letters[method]
  if (letter === undefined) return false
  return operations.some((known) => known.methods.includes(letter) && known.pattern.test(path))
}
