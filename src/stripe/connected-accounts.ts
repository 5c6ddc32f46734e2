/**
 * Accounts made under the installation's own, the platform (STR-30, STR-31): made, read again, and sent to Stripe's hosted form. An
 * account is spoken of in the API it was made with: this file is the one of v1 and the door to that of v2 beside it.
 */
import type { AccountId } from '#kernel'
import { Secret } from '#platform'
import type Stripe from 'stripe'
import { nameOf } from './accounts.ts'
import { accountV2Calls } from './accounts-v2.ts'
import type { Call, FullMetadata, StripeScope, Write } from './call.ts'
import {
  allPages,
  expandedOf,
  fieldsOf,
  instantOf,
  listOf,
  metadataOf,
  objectOf,
  optionalText,
  present,
  textOf,
  WrongShape,
  type Fields,
} from './shape.ts'

/** Stripe's two ways to make and read accounts; both have the same ids. */
export type AccountsApi = 'v1' | 'v2'

/** Of a connected account, what its standing is judged by. What Stripe left out is absent, and the judgement fails closed (STR-34). */
export type ConnectedAccountSeen = {
  readonly id: AccountId
  readonly name: string
  readonly country: string
  readonly currency: string
  readonly chargesEnabled?: boolean
  readonly payoutsEnabled?: boolean
  readonly detailsSubmitted?: boolean
  readonly disabledReason?: string
  readonly requirements?: RequirementsSeen
  readonly futureRequirements?: RequirementsSeen
  /** A payout to one of its banks failed, and Stripe pays nothing there until it is replaced. */
  readonly hasErroredBank: boolean
  readonly isIndividual: boolean
}
export type RequirementsSeen = {
  readonly currentlyDue: readonly string[]
  readonly pastDue: readonly string[]
  readonly eventuallyDue: readonly string[]
  readonly pendingVerification: readonly string[]
  /** As an ISO 8601 instant. */
  readonly currentDeadline?: string
  readonly errors: readonly { readonly requirement: string; readonly reason: string }[]
}

export type AccountWish = Write & {
  readonly api: AccountsApi
  readonly country: string
  /** ISO code; undefined leaves the choice to Stripe, which takes the country's own. */
  readonly currency: string | undefined
  readonly email: string
  readonly businessType: 'company' | 'individual' | 'non_profit' | undefined
  readonly website: string
  readonly capabilities: readonly string[]
}
export type OnboardingWish = {
  readonly account: AccountId
  readonly api: AccountsApi
  readonly refreshUrl: string
  readonly returnUrl: string
  readonly idempotencyKey: string
}

/** Made with the platform's key and its own account; no header goes with them. */
export function connectedAccountCalls(call: Call, metadata: FullMetadata) {
  const v2 = accountV2Calls(call, metadata)
  return {
    /** @throws StripeFault */
    createConnectedAccount(scope: StripeScope, wanted: AccountWish): Promise<ConnectedAccountSeen> {
      if (wanted.api === 'v2') return v2.create(scope, wanted)
      return call(scope, {
        operation: 'accounts.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.accounts.create({ ...parametersOf(wanted), metadata: metadata(scope, wanted.metadata) }, options),
        read: (body) => readConnected(body, scope),
      })
    },

    /** @throws StripeFault, `auth` with the code `account_invalid` when the account has left the platform */
    readConnectedAccount(
      scope: StripeScope,
      { id, api }: { readonly id: AccountId; readonly api: AccountsApi },
    ): Promise<ConnectedAccountSeen> {
      if (api === 'v2') return v2.read(scope, id)
      return call(scope, {
        operation: 'accounts.retrieve',
        send: (client, options) => client.accounts.retrieve(id, {}, options),
        read: (body) => readConnected(body, scope, id),
      })
    },

    /** The one whose metadata names this connection, among those made since. @throws StripeFault */
    async findConnectedAccount(
      scope: StripeScope,
      { createdSince, api }: { readonly createdSince: Date; readonly api: AccountsApi },
    ): Promise<ConnectedAccountSeen | undefined> {
      const all = await listConnected(call, scope, Math.floor(createdSince.getTime() / 1000) - 3600)
      const found = all.find(({ connection }) => connection === scope.connectionId)
      return found && this.readConnectedAccount(scope, { id: found.id, api })
    },

    /** The address of the hosted form. It lives minutes and works once: for the next 303, and nowhere else. @throws StripeFault */
    createOnboardingLink(scope: StripeScope, wanted: OnboardingWish): Promise<Secret> {
      if (wanted.api === 'v2') return v2.createLink(scope, wanted)
      return call(scope, {
        operation: 'account_links.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.accountLinks.create(
            {
              account: wanted.account,
              type: 'account_onboarding',
              refresh_url: wanted.refreshUrl,
              return_url: wanted.returnUrl,
              collection_options: { fields: 'eventually_due' },
            },
            options,
          ),
        read: readLink,
      })
    },
  }
}

function readLink(body: unknown): Secret {
  const fields = fieldsOf(body, 'account_link')
  if (fields['object'] !== 'account_link') throw new WrongShape('expected an account_link')
  return new Secret(textOf(fields, 'url'))
}

function parametersOf({ country, currency, email, businessType, website, capabilities }: AccountWish) {
  return {
    controller: {
      fees: { payer: 'account' },
      losses: { payments: 'stripe' },
      requirement_collection: 'stripe',
      stripe_dashboard: { type: 'full' },
    },
    country,
    ...(currency && { default_currency: currency.toLowerCase() }),
    ...(email && { email }),
    ...(businessType && { business_type: businessType }),
    ...(website && { business_profile: { url: website } }),
    capabilities: Object.fromEntries(capabilities.map((name) => [name, { requested: true }])),
  } satisfies Stripe.AccountCreateParams
}

function listConnected(call: Call, scope: StripeScope, gte: number) {
  return allPages((startingAfter) =>
    call(scope, {
      operation: 'accounts.list',
      send: (client, options) =>
        client.accounts.list(
          { limit: 100, created: { gte }, ...(startingAfter && { starting_after: startingAfter }) },
          options,
        ),
      read: (body) =>
        listOf(body, (row) => {
          const fields = objectOf(row, { object: 'account', prefix: 'acct_', mode: scope.mode })
          return { id: textOf(fields, 'id') as AccountId, connection: metadataOf(fields)['rentroll_connection'] }
        }),
    }),
  )
}

function readConnected(body: unknown, scope: StripeScope, id?: AccountId): ConnectedAccountSeen {
  const fields = objectOf(body, { object: 'account', prefix: id ?? 'acct_', mode: scope.mode })
  const requirements = expandedOf(fields, 'requirements')
  const future = expandedOf(fields, 'future_requirements')
  const banks = expandedOf(fields, 'external_accounts')?.['data']
  const maybe = (name: string) => (typeof fields[name] === 'boolean' ? fields[name] : undefined)
  return present({
    id: textOf(fields, 'id') as AccountId,
    name: nameOf(fields),
    country: optionalText(fields, 'country') ?? '',
    currency: (optionalText(fields, 'default_currency') ?? '').toUpperCase(),
    chargesEnabled: maybe('charges_enabled'),
    payoutsEnabled: maybe('payouts_enabled'),
    detailsSubmitted: maybe('details_submitted'),
    disabledReason: requirements && optionalText(requirements, 'disabled_reason'),
    requirements: requirements && readRequirements(requirements),
    futureRequirements: future && readRequirements(future),
    hasErroredBank: Array.isArray(banks) && banks.some((bank) => fieldsOf(bank, 'bank')['status'] === 'errored'),
    isIndividual: fields['business_type'] === 'individual',
  })
}

function readRequirements(fields: Fields): RequirementsSeen {
  const texts = (name: string) => {
    const list = fields[name] ?? []
    if (!Array.isArray(list)) throw new WrongShape(`${name} is not a list`)
    return list.map(String)
  }
  const errors = fields['errors'] ?? []
  if (!Array.isArray(errors)) throw new WrongShape('errors is not a list')
  return present({
    currentlyDue: texts('currently_due'),
    pastDue: texts('past_due'),
    eventuallyDue: texts('eventually_due'),
    pendingVerification: texts('pending_verification'),
    currentDeadline:
      typeof fields['current_deadline'] === 'number' ? instantOf(fields, 'current_deadline').toISOString() : undefined,
    errors: errors.map((one) => {
      const error = fieldsOf(one, 'error')
      return { requirement: optionalText(error, 'requirement') ?? '', reason: optionalText(error, 'reason') ?? '' }
    }),
  })
}
