/** What Stripe says of an account: itself, what a key may not read of it, and the movements on its balance with their fees. */
import type { AccountId } from '#kernel'
import type { Stripe } from 'stripe'
import type { Call, StripeScope } from './call.ts'
import { StripeFault } from './fault.ts'
import {
  amountOf,
  currencyOf,
  expandedOf,
  fieldsOf,
  flagOf,
  instantOf,
  listOf,
  objectOf,
  optionalText,
  present,
  textOf,
  WrongShape,
  type Fields,
} from './shape.ts'

export type AccountSeen = {
  readonly id: AccountId
  readonly name: string
  /** ISO 3166, two letters; empty when Stripe does not say. */
  readonly country: string
  /** ISO 4217 in upper case; empty when Stripe does not say. */
  readonly currency: string
  readonly chargesEnabled: boolean
  readonly payoutsEnabled: boolean
  /** Stripe's code of why it switched something off. */
  readonly disabledReason?: string
}

/** What Stripe booked for a movement; the ledger is posted from this and never from our own reckoning. */
export type BalanceTransactionSeen = {
  readonly id: `txn_${string}`
  readonly amountMinor: bigint
  readonly feeMinor: bigint
  readonly netMinor: bigint
  /** The settlement currency, which may differ from the charge's. */
  readonly currency: string
  readonly type: string
  readonly availableOn: Date
  readonly feeDetails: readonly FeeSeen[]
}
export type FeeSeen = { readonly type: string; readonly amountMinor: bigint; readonly currency: string }

export function accountCalls(call: Call) {
  return {
    /** The account the key belongs to, or the one the scope's header names. @throws StripeFault, `permission` for a narrow key */
    readAccount: (scope: StripeScope): Promise<AccountSeen> =>
      call(scope, {
        operation: 'accounts.retrieve_current',
        send: (client, options) => client.accounts.retrieveCurrent({}, options),
        read: (body) => readAccount(body, scope),
      }),

    /** One account by id, with the key's own rights. @throws StripeFault, `permission` or `missing` when it may not be seen */
    readAccountById: (scope: StripeScope, id: AccountId): Promise<AccountSeen> =>
      call(scope, {
        operation: 'accounts.retrieve',
        send: (client, options) => client.accounts.retrieve(id, {}, options),
        read: (body) => readAccount(body, scope, id),
      }),

    /**
     * Which kinds of object the key may not even read, by asking for one of each; GET only. What a key may write cannot be asked
     * without writing. Kinds that could not be asked for another reason are not named.
     */
    listUnreadable: async (scope: StripeScope): Promise<readonly string[]> => {
      const asked = await Promise.all(
        Object.entries(readers).map(async ([kind, send]) =>
          (await isRefused(call, scope, { kind, send })) ? [kind] : [],
        ),
      )
      return asked.flat()
    },
  }
}

const one = { limit: 1 }

const readers: Readonly<Record<string, (client: Stripe, options: Stripe.RequestOptions) => Promise<unknown>>> = {
  refunds: (client, options) => client.refunds.list(one, options),
  customers: (client, options) => client.customers.list(one, options),
  payment_intents: (client, options) => client.paymentIntents.list(one, options),
  setup_intents: (client, options) => client.setupIntents.list(one, options),
  payment_methods: (client, options) => client.paymentMethods.list(one, options),
  checkout: (client, options) => client.checkout.sessions.list(one, options),
  disputes: (client, options) => client.disputes.list(one, options),
  webhook_endpoints: (client, options) => client.webhookEndpoints.list(one, options),
  balance_transactions: (client, options) => client.balanceTransactions.list(one, options),
  payouts: (client, options) => client.payouts.list(one, options),
  events: (client, options) => client.events.list(one, options),
}

type Reader = { readonly kind: string; readonly send: (typeof readers)[string] }

async function isRefused(call: Call, scope: StripeScope, { kind, send }: Reader): Promise<boolean> {
  try {
    await call(scope, { operation: `${kind}.list`, send, read: (body) => listOf(body, (row) => row) })
    return false
  } catch (error) {
    if (error instanceof StripeFault) return error.kind === 'permission'
    throw error
  }
}

function readAccount(body: unknown, scope: StripeScope, id?: AccountId): AccountSeen {
  const fields = objectOf(body, { object: 'account', prefix: id ?? 'acct_', mode: scope.mode })
  const requirements = expandedOf(fields, 'requirements')
  return present({
    id: textOf(fields, 'id') as AccountId,
    name: nameOf(fields),
    country: optionalText(fields, 'country') ?? '',
    currency: (optionalText(fields, 'default_currency') ?? '').toUpperCase(),
    chargesEnabled: flagOf(fields, 'charges_enabled'),
    payoutsEnabled: flagOf(fields, 'payouts_enabled'),
    disabledReason: requirements && optionalText(requirements, 'disabled_reason'),
  })
}

/** What the account calls itself; empty where it says nothing. */
export function nameOf(fields: Fields): string {
  const profile = expandedOf(fields, 'business_profile')
  const settings = expandedOf(fields, 'settings')
  const dashboard = settings && expandedOf(settings, 'dashboard')
  return (dashboard && optionalText(dashboard, 'display_name')) ?? (profile && optionalText(profile, 'name')) ?? ''
}

/** The expanded balance transaction in this member, or undefined where none exists yet (bank debits book later). */
export function balanceTransactionIn(holder: Fields, name: string): BalanceTransactionSeen | undefined {
  const fields = expandedOf(holder, name)
  if (!fields) return undefined
  const id = textOf(fields, 'id')
  if (!id.startsWith('txn_')) throw new WrongShape('the id does not start with txn_')
  const details = fields['fee_details'] ?? []
  if (!Array.isArray(details)) throw new WrongShape('fee_details is not a list')
  return {
    id: id as `txn_${string}`,
    amountMinor: amountOf(fields, 'amount'),
    feeMinor: amountOf(fields, 'fee'),
    netMinor: amountOf(fields, 'net'),
    currency: currencyOf(fields),
    type: textOf(fields, 'type'),
    availableOn: instantOf(fields, 'available_on'),
    feeDetails: details.map((detail) => {
      const fee = fieldsOf(detail, 'fee detail')
      return {
        type: optionalText(fee, 'type') ?? 'unknown',
        amountMinor: amountOf(fee, 'amount'),
        currency: currencyOf(fee),
      }
    }),
  }
}
