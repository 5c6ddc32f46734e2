/** What an account may be told. Names Stripe knows and this sandbox does not stand in the lists of unsupported ones. */
import { notSupported, refuse } from '../../errors.ts'
import { addressGroup } from '../../parts/fields.ts'
import {
  clearable,
  email,
  flag,
  group,
  integer,
  list,
  metadata,
  oneOf,
  required,
  text,
  timestamp,
  url,
} from '../../protocol/parameters.ts'
import type { Parameter, Values } from '../../protocol/parameters.ts'
import { isGroup } from '../../protocol/form.ts'
import { capabilityNames } from '../facts.ts'
import { individualGroup } from '../people/person-parameters.ts'

const revenue = { amount: integer({ min: 0 }), currency: text(3) }

const businessProfile = group({
  annual_revenue: group({ ...revenue, fiscal_year_end: text(10) }),
  estimated_worker_count: integer({ min: 0 }),
  mcc: text(4),
  minority_owned_business_designation: list(
    oneOf(
      'lgbtqi_owned_business',
      'minority_owned_business',
      'none_of_these_apply',
      'prefer_not_to_answer',
      'women_owned_business',
    ),
  ),
  monthly_estimated_revenue: group(revenue),
  name: text(5000),
  product_description: text(40_000),
  specified_commercial_transactions_act_url: clearable(url()),
  support_address: addressGroup(),
  support_email: email(),
  support_phone: text(30),
  support_url: clearable(url()),
  url: url(),
})

const paper = group({ back: text(255), front: text(255) })

const company = group(
  {
    address: addressGroup(),
    directors_provided: flag(),
    executives_provided: flag(),
    name: text(100),
    owners_provided: flag(),
    phone: text(30),
    registration_number: text(100),
    tax_id: text(100),
    tax_id_registrar: text(100),
    vat_id: text(100),
    verification: group({ document: paper }),
  },
  [
    'address_kana',
    'address_kanji',
    'administrative_address',
    'directorship_declaration',
    'export_license_id',
    'export_purpose_code',
    'name_kana',
    'name_kanji',
    'ownership_declaration',
    'ownership_exemption_reason',
    'physical_address',
    'principal_place_of_business',
    'registration_date',
    'representative_declaration',
    'structure',
  ],
)

const weekday = oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday')

const delayDays: Parameter<number | 'minimum'> = {
  isRequired: false,
  read: (value, path) => (value === 'minimum' ? 'minimum' : integer({ min: 0, max: 31 }).read(value, path)),
}

const schedule = group({
  delay_days: delayDays,
  interval: oneOf('daily', 'manual', 'monthly', 'weekly'),
  monthly_anchor: integer({ min: 1, max: 31 }),
  monthly_payout_days: list(integer({ min: 1, max: 31 })),
  weekly_anchor: oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'),
  weekly_payout_days: list(weekday),
})

const settings = group(
  {
    bacs_debit_payments: group({ display_name: text(100) }),
    branding: group({ primary_color: text(7), secondary_color: text(7) }, ['icon', 'logo']),
    card_payments: group(
      {
        decline_on: group({ avs_failure: flag(), cvc_failure: flag() }),
        statement_descriptor_prefix: text(10),
      },
      ['statement_descriptor_prefix_kana', 'statement_descriptor_prefix_kanji'],
    ),
    invoices: group({ hosted_payment_method_save: oneOf('always', 'never', 'offer') }),
    payments: group({ statement_descriptor: text(22) }, ['statement_descriptor_kana', 'statement_descriptor_kanji']),
    payouts: group({ debit_negative_balances: flag(), schedule, statement_descriptor: text(22) }),
  },
  ['card_issuing', 'paypay_payments', 'sepa_debit_payments', 'treasury'],
)

const requestable = group({ requested: flag() })
const capabilities = group(Object.fromEntries([...capabilityNames].map((name) => [name, requestable] as const)))

const bankObject = group({
  object: required(oneOf('bank_account')),
  account_holder_name: text(200),
  account_holder_type: oneOf('company', 'individual'),
  account_number: required(text(34)),
  country: required(text(2)),
  currency: text(3),
  routing_number: text(20),
})

/** A bank account typed out, or a token such as 'btok_us_verified'. */
export type BankGiven = string | ReturnType<typeof bankObject.read>

export const bankChoice: Parameter<BankGiven> = {
  isRequired: false,
  read(value, path) {
    if (!isGroup(value)) return text(255).read(value, path)
    if (value['object'] === 'card') throw notSupported('payouts to debit cards', `${path}[object]`)
    return bankObject.read(value, path)
  },
}

export const writableOfAccounts = {
  business_profile: businessProfile,
  business_type: oneOf('company', 'government_entity', 'individual', 'non_profit'),
  capabilities,
  company,
  default_currency: text(3),
  email: email(),
  external_account: bankChoice,
  individual: individualGroup(),
  metadata: metadata(),
  settings,
  tos_acceptance: group({
    date: timestamp(),
    ip: text(45),
    service_agreement: oneOf('full', 'recipient'),
    user_agent: text(5000),
  }),
}

export const unbuiltOfAccounts = ['account_token', 'documents', 'groups']

export const identityOfAccounts = {
  controller: group({
    fees: group({ payer: oneOf('account', 'application') }),
    losses: group({ payments: oneOf('application', 'stripe') }),
    requirement_collection: oneOf('application', 'stripe'),
    stripe_dashboard: group({ type: oneOf('express', 'full', 'none') }),
  }),
  country: text(2),
  type: oneOf('custom', 'express', 'standard'),
}

export type AccountGiven = Values<typeof writableOfAccounts>
export type AccountIdentity = Values<typeof identityOfAccounts>

type Schedule = NonNullable<NonNullable<NonNullable<AccountGiven['settings']>['payouts']>['schedule']>

/** Throws StripeRefusal for days that do not belong to the interval, or are missing for it. */
export function checkSchedule(given: Schedule | undefined): void {
  if (given?.interval === undefined) return
  const at = 'settings[payouts][schedule]'
  const isWeekly = given.weekly_anchor !== undefined || given.weekly_payout_days !== undefined
  const isMonthly = given.monthly_anchor !== undefined || given.monthly_payout_days !== undefined
  if (given.interval === 'weekly' && !isWeekly)
    throw refuse('You must provide the weekly_anchor for a weekly interval.', { param: `${at}[weekly_anchor]` })
  if (given.interval === 'monthly' && !isMonthly)
    throw refuse('You must provide the monthly_anchor for a monthly interval.', { param: `${at}[monthly_anchor]` })
  if (given.interval !== 'weekly' && isWeekly)
    throw refuse('A weekly day can only be set for a weekly interval.', { param: `${at}[weekly_anchor]` })
  if (given.interval !== 'monthly' && isMonthly)
    throw refuse('A day of the month can only be set for a monthly interval.', { param: `${at}[monthly_anchor]` })
}
