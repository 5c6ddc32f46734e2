/**
 * Accounts of a platform in the words of /v2/core/accounts, read into the same shape as those of v1, so that one function judges both
 * (STR-30, STR-34). What surprises: every part has to be asked for by name, and a part that was asked for and did not come is an answer we
 * do not understand, never an account with nothing due (STR-135). How v2 names what it asks for is not proven (STR-155) and stands here.
 */
import type { AccountId } from '#kernel'
import { Secret } from '#platform'
import type Stripe from 'stripe'
import type { Call, FullMetadata, StripeScope } from './call.ts'
import type { AccountWish, ConnectedAccountSeen, OnboardingWish, RequirementsSeen } from './connected-accounts.ts'
import { StripeFault } from './fault.ts'
import {
  expandedOf,
  fieldsOf,
  flagOf,
  objectOf,
  optionalText,
  present,
  textOf,
  WrongShape,
  type Fields,
} from './shape.ts'

const include = [
  'configuration.merchant',
  'configuration.recipient',
  'defaults',
  'future_requirements',
  'identity',
  'requirements',
] as const satisfies Stripe.V2.Core.AccountRetrieveParams['include']

const parts = ['configuration', 'defaults', 'future_requirements', 'identity', 'requirements'] as const

/** As the calls of v1 beside them: made with the platform's key, for its own account. */
export function accountV2Calls(call: Call, metadata: FullMetadata) {
  return {
    /** @throws StripeFault */
    async create(scope: StripeScope, wanted: AccountWish): Promise<ConnectedAccountSeen> {
      const seen = await call(scope, {
        operation: 'v2.accounts.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.v2.core.accounts.create(
            { ...parametersOf(wanted), metadata: metadata(scope, wanted.metadata), include: [...include] },
            options,
          ),
        read: (body) => readAccount(body, scope, 'acct_'),
      })
      return openOnly(seen, 'v2.accounts.create')
    },

    /** @throws StripeFault, `auth` with the code `account_invalid` when the account has left the platform */
    async read(scope: StripeScope, id: AccountId): Promise<ConnectedAccountSeen> {
      const seen = await call(scope, {
        operation: 'v2.accounts.retrieve',
        send: (client, options) => client.v2.core.accounts.retrieve(id, { include: [...include] }, options),
        read: (body) => readAccount(body, scope, id),
      })
      return openOnly(seen, 'v2.accounts.retrieve')
    },

    /** The address of the hosted form, for the next 303 and nowhere else. @throws StripeFault */
    createLink: (scope: StripeScope, wanted: OnboardingWish): Promise<Secret> =>
      call(scope, {
        operation: 'v2.account_links.create',
        idempotencyKey: wanted.idempotencyKey,
        send: (client, options) =>
          client.v2.core.accountLinks.create(
            {
              account: wanted.account,
              use_case: {
                type: 'account_onboarding',
                account_onboarding: {
                  refresh_url: wanted.refreshUrl,
                  return_url: wanted.returnUrl,
                  collection_options: { fields: 'eventually_due', future_requirements: 'include' },
                },
              },
            },
            options,
          ),
        read(body) {
          const fields = fieldsOf(body, 'account_link')
          if (fields['object'] !== 'v2.core.account_link') throw new WrongShape('expected a v2.core.account_link')
          return new Secret(textOf(fields, 'url'))
        },
      }),
  }
}

/** Names that differ between the two; all others are the same [U]. */
const merchantNames: Readonly<Record<string, string>> = { us_bank_account_ach_payments: 'ach_debit_payments' }
/** Debits of one country that v2 does not know yet, and what only a recipient has. */
const notOfMerchants: ReadonlySet<string> = new Set(['transfers', 'nz_bank_account_becs_debit_payments'])

function parametersOf({ country, currency, email, businessType, website, capabilities }: AccountWish) {
  const asked = capabilities.filter((name) => !notOfMerchants.has(name)).map((name) => merchantNames[name] ?? name)
  return {
    dashboard: 'full',
    ...(email && { contact_email: email }),
    identity: { country, ...(businessType && { entity_type: businessType }) },
    configuration: {
      merchant: { capabilities: Object.fromEntries(asked.map((name) => [name, { requested: true }])) },
      ...(capabilities.includes('transfers') && {
        recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
      }),
    },
    defaults: {
      ...(currency && { currency: currency.toLowerCase() }),
      responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' },
      ...(website && { profile: { business_url: website } }),
    },
  } satisfies Stripe.V2.Core.AccountCreateParams
}

/** A closed account has left, whatever else it says. */
function openOnly(seen: ConnectedAccountSeen | 'closed', operation: string): ConnectedAccountSeen {
  if (seen !== 'closed') return seen
  const message = 'the account is closed'
  throw new StripeFault({ operation, isWrite: false, kind: 'auth', code: 'account_invalid', message })
}

function readAccount(body: unknown, scope: StripeScope, prefix: string): ConnectedAccountSeen | 'closed' {
  const fields = objectOf(body, { object: 'v2.core.account', prefix, mode: scope.mode })
  if (flagOf(fields, 'closed')) return 'closed'
  const missing = parts.find((part) => expandedOf(fields, part) === undefined)
  if (missing) throw new WrongShape(`${missing} was asked for and is not there`)
  const of = (part: (typeof parts)[number]) => expandedOf(fields, part)!
  const merchant = expandedOf(of('configuration'), 'merchant')
  if (!merchant) throw new WrongShape('configuration.merchant was asked for and is not there')
  const capabilities = expandedOf(merchant, 'capabilities') ?? {}
  const cards = standingOf(capabilities, 'card_payments')
  const payouts = findPayouts(of('configuration'))
  const requirements = readRequirements(of('requirements'))
  const isWaited = requirements.currentlyDue.length > 0 || requirements.pastDue.length > 0
  return present({
    id: textOf(fields, 'id') as AccountId,
    name: optionalText(fields, 'display_name') ?? '',
    country: optionalText(of('identity'), 'country') ?? '',
    currency: (optionalText(of('defaults'), 'currency') ?? '').toUpperCase(),
    chargesEnabled: cards.status === 'active',
    payoutsEnabled: payouts && payouts.status === 'active',
    detailsSubmitted: !(cards.status === 'restricted' && isWaited),
    disabledReason: reasonOf(cards),
    requirements,
    futureRequirements: readRequirements(of('future_requirements')),
    hasErroredBank: false,
    isIndividual: optionalText(of('identity'), 'entity_type') === 'individual',
  })
}

/** Of a merchant or of a recipient, whichever says it; undefined, which fails closed, where neither does. */
function findPayouts(configuration: Fields): Standing | undefined {
  for (const name of ['merchant', 'recipient']) {
    const part = expandedOf(configuration, name)
    const capabilities = part && expandedOf(part, 'capabilities')
    const balance = capabilities && expandedOf(capabilities, 'stripe_balance')
    if (balance && expandedOf(balance, 'payouts')) return standingOf(balance, 'payouts')
  }
  return undefined
}

type Standing = { readonly status: string; readonly code: string | undefined }

/** Absent is not active. */
function standingOf(capabilities: Fields, name: string): Standing {
  const capability = expandedOf(capabilities, name)
  const details = capability?.['status_details']
  const first: unknown = Array.isArray(details) ? details[0] : undefined
  return {
    status: (capability && optionalText(capability, 'status')) ?? 'unrequested',
    code: first === undefined ? undefined : optionalText(fieldsOf(first, 'status_details'), 'code'),
  }
}

/** In the words of v1's disabled_reason. Whatever is not known stays as it is, and restricts. */
function reasonOf({ status, code }: Standing): string | undefined {
  if (status === 'active') return undefined
  if (status === 'pending') return 'under_review'
  if (status === 'rejected') return `rejected.${(code ?? 'other').replace(/^rejected_/, '')}`
  return code === 'requirements_past_due' ? 'requirements.past_due' : (code ?? status)
}

function readRequirements(fields: Fields): RequirementsSeen {
  const { entries = [] } = fields
  if (!Array.isArray(entries)) throw new WrongShape('entries is not a list')
  const all = entries.map((entry) => readEntry(fieldsOf(entry, 'entry')))
  const due = (status: string) =>
    all.filter((entry) => entry.isOfUser && entry.status === status).map(({ description }) => description)
  const summary = expandedOf(fields, 'summary')
  const deadline = summary && expandedOf(summary, 'minimum_deadline')
  const pastDue = due('past_due')
  return present({
    // As v1 has it: what is past due is due as well.
    currentlyDue: [...pastDue, ...due('currently_due')],
    pastDue,
    eventuallyDue: [...pastDue, ...due('currently_due'), ...due('eventually_due')],
    pendingVerification: all.filter(({ isOfUser }) => !isOfUser).map(({ description }) => description),
    currentDeadline: deadline && optionalText(deadline, 'time'),
    errors: all.flatMap(({ description, reasons }) => reasons.map((reason) => ({ requirement: description, reason }))),
  })
}

function readEntry(entry: Fields) {
  const deadline = expandedOf(entry, 'minimum_deadline')
  const { errors = [] } = entry
  if (!Array.isArray(errors)) throw new WrongShape('errors is not a list')
  return {
    description: textOf(entry, 'description'),
    // Whoever it is that Stripe waits for: unless it is Stripe, it is for us to do something.
    isOfUser: optionalText(entry, 'awaiting_action_from') !== 'stripe',
    status: (deadline && optionalText(deadline, 'status')) ?? 'currently_due',
    reasons: errors.map((error) => optionalText(fieldsOf(error, 'error'), 'description') ?? ''),
  }
}
