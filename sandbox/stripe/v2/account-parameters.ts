/** What a v2 account may be told, and the same said in the words of v1: both are one account. */
import type { AccountGiven, AccountIdentity } from '../connect/accounts/account-parameters.ts'
import { addressGroup } from '../parts/fields.ts'
import { clearable, email, flag, group, list, metadata, oneOf, text, url } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import { merchantCapabilities, v1NameOf } from './capabilities.ts'

const requestable = group({ requested: flag() })

const merchant = group(
  {
    capabilities: group(Object.fromEntries(merchantCapabilities.map((name) => [name, requestable] as const))),
    mcc: text(4),
    support: group({ email: email(), phone: text(30), url: url() }, ['address']),
    statement_descriptor: group({ descriptor: text(22) }, ['prefix']),
  },
  [
    'bacs_debit_payments',
    'branding',
    'card_payments',
    'konbini_payments',
    'script_statement_descriptor',
    'sepa_debit_payments',
  ],
)

const recipient = group({
  capabilities: group({ stripe_balance: group({ stripe_transfers: requestable }, ['payouts']) }, [
    'bank_accounts',
    'cards',
  ]),
})

export const parts = [
  'configuration.customer',
  'configuration.merchant',
  'configuration.recipient',
  'defaults',
  'future_requirements',
  'identity',
  'requirements',
] as const

export type Part = (typeof parts)[number]

export const includeParameter = { include: list(oneOf(...parts)) }

const profile = group({ business_url: url(), doing_business_as: text(5000), product_description: text(40_000) })

const identity = group(
  {
    business_details: group({ address: addressGroup(), phone: text(30), registered_name: text(100) }, [
      'additional_addresses',
      'annual_revenue',
      'documents',
      'estimated_worker_count',
      'id_numbers',
      'monthly_estimated_revenue',
      'registration_date',
      'script_addresses',
      'script_names',
      'structure',
    ]),
    country: text(2),
    entity_type: oneOf('company', 'government_entity', 'individual', 'non_profit'),
  },
  ['attestations', 'individual'],
)

const responsibilities = group({
  fees_collector: oneOf('application', 'stripe'),
  losses_collector: oneOf('application', 'stripe'),
})

export const writable = {
  ...includeParameter,
  configuration: group({ merchant, recipient }, ['customer']),
  contact_email: email(),
  contact_phone: clearable(text(30)),
  display_name: text(5000),
  identity,
  metadata: metadata(),
  defaults: group({ currency: text(3), profile, responsibilities }, ['locales']),
}

export const creatable = { ...writable, dashboard: oneOf('express', 'full', 'none') }

export const unbuilt = ['account_token']

export type V2Given = Values<typeof creatable>

/** The choices an account is made with, in the words of v1. */
export function identityGiven(given: V2Given): AccountIdentity {
  const { fees_collector: fees, losses_collector: losses } = given.defaults?.responsibilities ?? {
    fees_collector: undefined,
    losses_collector: undefined,
  }
  const { dashboard } = given
  // The platform collects requirements where it bears the losses and no hosted dashboard could.
  const collection = losses === 'application' && dashboard === 'none' ? 'application' : 'stripe'
  return {
    controller: {
      fees: { payer: fees === 'application' ? 'application' : 'account' },
      losses: { payments: losses },
      requirement_collection: collection,
      stripe_dashboard: { type: dashboard },
    },
    country: given.identity?.country,
    type: undefined,
  }
}

/** Everything else that was given, in the words of v1. */
export function accountGiven(given: V2Given): AccountGiven {
  const { configuration, defaults, identity: who, metadata: tags } = given
  const merchantGiven = configuration?.merchant
  const business = who?.business_details
  const support = merchantGiven?.support
  const profileGiven = {
    mcc: merchantGiven?.mcc,
    name: defaults?.profile?.doing_business_as,
    product_description: defaults?.profile?.product_description,
    support_email: support?.email,
    support_phone: support?.phone,
    support_url: support?.url,
    url: defaults?.profile?.business_url,
  }
  const company = { address: business?.address, name: business?.registered_name, phone: business?.phone }
  const descriptor = merchantGiven?.statement_descriptor?.descriptor
  return {
    business_profile: profileGiven as AccountGiven['business_profile'],
    business_type: who?.entity_type,
    capabilities: capabilitiesGiven(configuration),
    company: business === undefined ? undefined : (company as AccountGiven['company']),
    default_currency: defaults?.currency,
    email: given.contact_email,
    external_account: undefined,
    individual: undefined,
    metadata: tags,
    settings:
      descriptor === undefined
        ? undefined
        : ({ payments: { statement_descriptor: descriptor } } as AccountGiven['settings']),
    tos_acceptance: undefined,
  }
}

/** Never absent: in v2 nothing is asked for that was not named. */
function capabilitiesGiven(configuration: V2Given['configuration']): NonNullable<AccountGiven['capabilities']> {
  const asked = Object.entries(configuration?.merchant?.capabilities ?? {}).map(
    ([name, wish]) => [v1NameOf(name), wish] as const,
  )
  const transfers = configuration?.recipient?.capabilities?.stripe_balance?.stripe_transfers
  return Object.fromEntries([...asked, ...(transfers === undefined ? [] : [['transfers', transfers] as const])])
}
