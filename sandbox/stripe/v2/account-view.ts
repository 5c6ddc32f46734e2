/**
 * An account as v2 shows it, computed from the same row as v1. A part that was not asked for by `include` is absent, so
 * whoever reads a part without asking for it finds nothing (SBX-45).
 */
import type Stripe from 'stripe'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { Part } from './account-parameters.ts'
import { v2NameOf } from './capabilities.ts'

type V2Account = Stripe.V2.Core.Account
type Merchant = NonNullable<NonNullable<V2Account['configuration']>['merchant']>
type CardPayments = NonNullable<NonNullable<Merchant['capabilities']>['card_payments']>

export function presentV2(space: Space, row: Row<'account'>, include: readonly Part[]): V2Account {
  const { object, hidden } = row
  const isClosed = hidden.connection !== null && hidden.platform === null
  const account: V2Account = {
    id: row.id,
    object: 'v2.core.account',
    applied_configurations: listConfigurations(space),
    closed: isClosed,
    created: new Date((object.created ?? 0) * 1000).toISOString(),
    livemode: space.isLive,
    metadata: object.metadata ?? {},
  }
  const { stripe_dashboard: dashboard } = object.controller ?? {}
  if (dashboard !== undefined) account.dashboard = dashboard.type as NonNullable<V2Account['dashboard']>
  if (object.email !== null) account.contact_email = object.email
  const displayName = object.settings?.dashboard.display_name
  if (displayName != null) account.display_name = displayName
  if (isClosed) return account
  for (const part of include) addPart(account, part, { space, row })
  return account
}

interface Source {
  readonly space: Space
  readonly row: Row<'account'>
}

function addPart(account: V2Account, part: Part, source: Source): void {
  const { requirements, future_requirements: future } = source.row.object
  if (part === 'defaults') account.defaults = describeDefaults(source.row.object)
  if (part === 'identity') account.identity = describeIdentity(source.row.object)
  if (part === 'requirements') account.requirements = describeRequirements(source, requirements)
  if (part === 'future_requirements') account.future_requirements = describeRequirements(source, future)
  if (!part.startsWith('configuration.')) return
  account.configuration ??= {}
  const applied = account.applied_configurations
  if (part === 'configuration.merchant' && applied.includes('merchant'))
    account.configuration.merchant = describeMerchant(source)
  if (part === 'configuration.recipient' && applied.includes('recipient'))
    account.configuration.recipient = describeRecipient(source)
}

function requested(space: Space): Stripe.Capability[] {
  return [...space.oldestFirst('capability')].map(({ object }) => object).filter((one) => one.requested)
}

function listConfigurations(space: Space): V2Account['applied_configurations'] {
  const ids = requested(space).map(({ id }) => id)
  const isMerchant = ids.some((id) => v2NameOf(id) !== undefined)
  return [
    ...(isMerchant ? (['merchant'] as const) : []),
    ...(ids.includes('transfers') ? (['recipient'] as const) : []),
  ]
}

/** In v2 a capability is "restricted" where v1 says "inactive", with one of the codes of the declarations [U: which]. */
function describeStatus({ status }: Stripe.Capability, account: Stripe.Account): CardPayments {
  if (status === 'active') return { status: 'active', status_details: [] }
  const reason = account.requirements?.disabled_reason ?? null
  if (status === 'pending')
    return { status: 'pending', status_details: [{ code: 'determining_status', resolution: 'no_resolution' }] }
  if (reason !== null && reason.startsWith('rejected.')) {
    const code = reason.replace('.', '_') as CardPayments['status_details'][number]['code']
    return { status: 'rejected', status_details: [{ code, resolution: 'contact_stripe' }] }
  }
  const isMissing = reason === 'requirements.past_due'
  const code = isMissing ? 'requirements_past_due' : 'restricted_other'
  return { status: 'restricted', status_details: [{ code, resolution: isMissing ? 'provide_info' : 'contact_stripe' }] }
}

function describeMerchant({ space, row }: Source): Merchant {
  const { business_profile: profile, settings } = row.object
  const capabilities = Object.fromEntries(
    requested(space).flatMap((capability) => {
      const name = v2NameOf(capability.id)
      return name === undefined ? [] : [[name, describeStatus(capability, row.object)] as const]
    }),
  )
  const merchant: Merchant = { applied: true, capabilities }
  if (profile?.mcc != null) merchant.mcc = profile.mcc
  const descriptor = settings?.payments.statement_descriptor
  if (descriptor != null) merchant.statement_descriptor = { descriptor }
  const support = {
    ...(profile?.support_email != null && { email: profile.support_email }),
    ...(profile?.support_phone != null && { phone: profile.support_phone }),
    ...(profile?.support_url != null && { url: profile.support_url }),
  }
  if (Object.keys(support).length > 0) merchant.support = support
  return merchant
}

function describeRecipient({ space, row }: Source): NonNullable<NonNullable<V2Account['configuration']>['recipient']> {
  const transfers = describeStatus(space.get('capability', 'transfers').object, row.object)
  const payouts: CardPayments = row.object.payouts_enabled
    ? { status: 'active', status_details: [] }
    : { status: 'restricted', status_details: [{ code: 'requirements_past_due', resolution: 'provide_info' }] }
  return { applied: true, capabilities: { stripe_balance: { payouts, stripe_transfers: transfers } } }
}

function describeDefaults(account: Stripe.Account): NonNullable<V2Account['defaults']> {
  const { business_profile: profile, controller } = account
  const payer = controller?.fees?.payer
  return {
    ...(account.default_currency !== undefined && { currency: account.default_currency }),
    profile: {
      ...(profile?.url != null && { business_url: profile.url }),
      ...(profile?.name != null && { doing_business_as: profile.name }),
      ...(profile?.product_description != null && { product_description: profile.product_description }),
    },
    responsibilities: {
      fees_collector: (payer === 'account' ? 'stripe' : payer) as 'application' | 'stripe',
      losses_collector: controller?.losses?.payments === 'application' ? 'application' : 'stripe',
      requirements_collector: controller?.requirement_collection === 'application' ? 'application' : 'stripe',
    },
  }
}

function describeIdentity(account: Stripe.Account): NonNullable<V2Account['identity']> {
  const { business_type: type, company, country } = account
  return {
    ...(country !== undefined && { country }),
    ...(type != null && { entity_type: type }),
    ...(company?.name != null && { business_details: { registered_name: company.name } }),
  }
}

type V2Requirements = NonNullable<V2Account['requirements']>
type Entry = NonNullable<V2Requirements['entries']>[number]

/** One entry per name in v1's lists, with what it holds up. */
function describeRequirements(source: Source, lists: Stripe.Account.Requirements | undefined): V2Requirements {
  const due = lists?.currently_due ?? []
  const pending = (lists?.pending_verification ?? []).filter((name) => !due.includes(name))
  const entries = [
    ...due.map((name) => describeEntry(source, lists, { name, from: 'user' })),
    ...pending.map((name) => describeEntry(source, lists, { name, from: 'stripe' })),
  ]
  if (entries.length === 0) return { entries }
  const isPast = (lists?.past_due?.length ?? 0) > 0
  const deadline = lists?.current_deadline
  const time = deadline == null ? {} : { time: new Date(deadline * 1000).toISOString() }
  return { entries, summary: { minimum_deadline: { status: isPast ? 'past_due' : 'currently_due', ...time } } }
}

function describeEntry(
  { space, row }: Source,
  lists: Stripe.Account.Requirements | undefined,
  wish: { name: string; from: 'stripe' | 'user' },
): Entry {
  const status = lists?.past_due?.includes(wish.name) === true ? 'past_due' : 'currently_due'
  const person = /^person_\w+/.exec(wish.name)?.[0]
  const restricted = requested(space).flatMap(({ id }) => {
    const name = v2NameOf(id)
    return name === undefined ? [] : [name]
  })
  const errors = lists?.errors?.filter(({ requirement }) => requirement === wish.name) ?? []
  return {
    awaiting_action_from: wish.from,
    description: wish.name,
    errors: errors.map(({ code, reason }) => ({ code: code as Entry['errors'][number]['code'], description: reason })),
    impact: {
      restricts_capabilities: restricted.map((capability) => ({
        capability,
        configuration: 'merchant',
        deadline: { status },
      })),
    },
    minimum_deadline: { status },
    ...(person !== undefined && { reference: { type: 'person', resource: person } }),
    requested_reasons: [{ code: row.object.details_submitted ? 'routine_verification' : 'routine_onboarding' }],
  }
}
