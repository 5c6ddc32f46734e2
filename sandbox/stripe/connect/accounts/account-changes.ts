/** Making a connected account and writing what a call gave over it. What follows from it is found in requirements/. */
import type Stripe from 'stripe'
import { refuse } from '../../errors.ts'
import { currencies } from '../../facts.ts'
import { blankProfile, blankSettings, nothingDue } from './blank-account.ts'
import { buildAddress } from '../../parts/fields.ts'
import { changeMetadata } from '../../protocol/parameters.ts'
import type { Call } from '../../protocol/operation.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { checkSchedule } from './account-parameters.ts'
import type { AccountGiven, AccountIdentity } from './account-parameters.ts'
import { addBankAccount, readBankAccount } from '../bank-accounts.ts'
import { requestCapability } from '../capabilities.ts'
import { checkController, describeController, typeOf } from './controller.ts'
import { fullDashboardCapabilities, homeCurrency, payoutCurrenciesOf } from '../facts.ts'
import { mergeGiven } from '../merge.ts'
import { addPerson, changePerson } from '../people/person-parameters.ts'
import { accountOf, findRepresentative } from '../requirements/provided.ts'
import { introduceAccount } from '../requirements/change.ts'

/** Writes a new account of the caller's platform, in the mode of its key. Throws StripeRefusal for what cannot be. */
export function createConnected(call: Call<AccountGiven & AccountIdentity>): Row<'account'> {
  const { world, account: platform, key, params } = call
  const controller = checkController(params)
  const country = (params.country ?? platform.object.country ?? 'US').toUpperCase()
  const home = homeCurrency[country]
  if (home === undefined)
    throw refuse(`${params.country} is not currently supported by Stripe. Use a two-letter country code such as US.`, {
      code: 'country_unsupported',
      param: 'country',
    })
  const id = world.ids.id('acct', 16)
  const blank = buildConnected({ id, country, currency: home, created: world.nowSeconds() })
  world.root.insert('account', id, {
    object: { ...blank, controller: describeController(controller, params.type), type: typeOf(controller) },
    hidden: {
      name: id,
      isPlatform: false,
      platform: platform.id,
      connection: {
        platform: platform.id,
        mode: key.mode,
        hasStarted: false,
        isSubmitted: false,
        demands: [],
        pendingVerification: [],
        disabledReason: null,
      },
      settings: { refundWithoutFunds: 'pend' },
    },
  })
  const space = world.space(id, key.mode)
  const isAskedForNothing = params.capabilities === undefined && controller.dashboard === 'full'
  introduceAccount(space, () => {
    if (isAskedForNothing) for (const name of fullDashboardCapabilities) requestCapability(space, name, true)
    applyGiven(space, params)
  })
  return world.root.get('account', id)
}

function buildConnected(wish: { id: string; country: string; currency: string; created: number }): Stripe.Account {
  const { id, country, currency, created } = wish
  return {
    id,
    object: 'account',
    business_profile: blankProfile,
    business_type: null,
    capabilities: {},
    charges_enabled: false,
    company: {
      address: { ...buildAddress(undefined), country },
      directors_provided: false,
      executives_provided: false,
      name: null,
      owners_provided: false,
      phone: null,
      tax_id_provided: false,
      verification: { document: { back: null, details: null, details_code: null, front: null } },
    },
    controller: { type: 'application' },
    country,
    created,
    default_currency: currency,
    details_submitted: false,
    email: null,
    external_accounts: { object: 'list', data: [], has_more: false, url: `/v1/accounts/${id}/external_accounts` },
    future_requirements: nothingDue,
    metadata: {},
    payouts_enabled: false,
    requirements: nothingDue,
    settings: blankSettings,
    tos_acceptance: { date: null, ip: null, user_agent: null },
    type: 'none',
  }
}

/** Writes what was given; to be called inside `changeAccount` or `introduceAccount`. */
export function applyGiven(space: Space, given: AccountGiven): void {
  const { capabilities, external_account: bank, individual } = given
  applyToAccount(space, given)
  for (const [name, wish] of Object.entries(capabilities ?? {})) {
    if (wish?.requested !== undefined) requestCapability(space, name, wish.requested)
  }
  if (bank !== undefined) addBankAccount(space, { ...readBankAccount(bank, 'external_account'), isDefault: true })
  if (individual !== undefined) {
    const person = findRepresentative(space) ?? addPerson(space, { representative: true })
    changePerson(space, person.id, individual)
  }
}

function applyToAccount(space: Space, given: AccountGiven): void {
  const { object: before, hidden } = accountOf(space)
  const { business_type: type, default_currency: currency, email, metadata, tos_acceptance: terms } = given
  checkSchedule(given.settings?.payouts?.schedule)
  if (currency !== undefined) checkCurrency(before, currency.toLowerCase())
  if (terms !== undefined && before.controller?.requirement_collection === 'stripe')
    throw refuse('You cannot accept the Terms of Service on behalf of an account whose requirements Stripe collects.', {
      param: 'tos_acceptance',
    })
  const profile = mergeGiven(before.business_profile ?? blankProfile, given.business_profile ?? {})
  const name = given.business_profile?.name ?? given.company?.name
  const settings = mergeSettings(before.settings ?? blankSettings, given.settings)
  space.world.root.update('account', space.accountId, {
    object: {
      business_profile: profile as unknown as Stripe.Account.BusinessProfile,
      ...(type !== undefined && { business_type: type }),
      ...(given.company !== undefined && { company: mergeCompany(before.company ?? {}, given.company) }),
      ...(currency !== undefined && { default_currency: currency.toLowerCase() }),
      ...(email !== undefined && { email }),
      metadata: changeMetadata(before.metadata ?? {}, metadata),
      settings:
        name === undefined ? settings : { ...settings, dashboard: { ...settings.dashboard, display_name: name } },
      ...(terms !== undefined && { tos_acceptance: mergeGiven(before.tos_acceptance ?? {}, terms) }),
    },
    hidden: { name: name ?? hidden.name },
  })
}

/** Throws StripeRefusal for what accounts of this country cannot be paid out in; the words are ours [U]. */
function checkCurrency({ country = 'US' }: Stripe.Account, currency: string): void {
  const param = 'default_currency'
  if (!currencies.has(currency)) throw refuse(`Invalid currency: ${currency}.`, { param })
  const offered = payoutCurrenciesOf(country)
  if (offered.includes(currency)) return
  const choice = `You can use these currencies for an account in ${country}: ${offered.join(', ')}.`
  throw refuse(`Invalid currency: ${currency}. ${choice}`, { param })
}

/** Numbers are taken and never shown: only that there is one. */
function mergeCompany(
  before: Stripe.Account.Company,
  given: NonNullable<AccountGiven['company']>,
): Stripe.Account.Company {
  const { registration_number: registration, tax_id: tax, vat_id: vat, verification, ...plain } = given
  const front = verification?.document?.front
  if (front !== undefined && !front.startsWith('file_'))
    throw refuse(`No such file upload: '${front}'`, {
      code: 'resource_missing',
      param: 'company[verification][document][front]',
    })
  return {
    ...mergeGiven(before, { ...plain, ...(verification !== undefined && { verification }) }),
    ...((tax ?? registration) !== undefined && { tax_id_provided: true }),
    ...(vat !== undefined && { vat_id_provided: true }),
  }
}

type Settings = NonNullable<Stripe.Account['settings']>

/** A new interval drops the days of the one before. */
function mergeSettings(before: Settings, given: AccountGiven['settings']): Settings {
  if (given === undefined) return before
  const merged = mergeGiven(before, given) as unknown as Settings
  const schedule = given.payouts?.schedule
  if (merged.payouts === undefined || schedule === undefined) return merged
  const { delay_days: delay, interval = merged.payouts.schedule.interval, ...days } = schedule
  const kept = schedule.interval === undefined ? before.payouts?.schedule : {}
  const delayDays = delay === undefined || delay === 'minimum' ? 2 : delay
  return {
    ...merged,
    payouts: {
      ...merged.payouts,
      schedule: {
        ...kept,
        ...(mergeGiven({}, days) as object),
        delay_days: delay === undefined ? (before.payouts?.schedule.delay_days ?? delayDays) : delayDays,
        interval,
      },
    },
  }
}
