/** How connected accounts hang on their platform: who may reach and change one, how it is shown, and how it leaves. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { applicationOf } from '../parts/application.ts'
import { getAccount } from '../protocol/authentication.ts'
import type { Call } from '../protocol/operation.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { nothingDue } from './accounts/blank-account.ts'
import { openAfterStart } from './facts.ts'
import { accountOf, findRepresentative, isIndividual } from './requirements/provided.ts'
import type { Connection } from './kinds.ts'

/**
 * The account the path names: the caller's own, or one connected to it. Throws StripeRefusal 403 `account_invalid` for any
 * other, and for a sister account when `Stripe-Account` narrowed the call already (SBX-9, SBX-10).
 */
export function getTarget(call: Call<unknown>, id: string): Row<'account'> {
  if (id === call.account.id) return call.account
  const isNarrowed = call.account.id !== call.key.account
  return getAccount(call.world, isNarrowed ? { ...call.key, account: call.account.id } : call.key, id)
}

/** Where the things of an account are kept, in the mode of the call. */
export function spaceOf(call: Call<unknown>, account: Row<'account'>): Space {
  return call.world.space(account.id, call.key.mode)
}

/** The connected account behind the path's `:account`. Throws StripeRefusal as `getTarget` does. */
export function getTargetSpace(call: Call<unknown>): Space {
  return spaceOf(call, getTarget(call, String(call.path['account'])))
}

/** The same, for a change by the platform. Throws StripeRefusal 400 where Stripe or the account's owner alone decides. */
export function getWritableSpace(call: Call<unknown>, names: readonly string[]): Space {
  const target = getTarget(call, String(call.path['account']))
  checkWritable(target, names)
  return spaceOf(call, target)
}

export function connectionOf(account: Row<'account'>): Connection {
  const { connection } = account.hidden
  if (connection !== null) return connection
  throw refuse(
    'You cannot change your own account over the API. Use the Dashboard: https://dashboard.stripe.com/settings/account',
    { status: 403 },
  )
}

/** Throws StripeRefusal for a parameter that only the hosted form may change once it was opened. */
export function checkWritable(account: Row<'account'>, names: readonly string[]): void {
  const { hasStarted } = connectionOf(account)
  const isCollectedByStripe = account.object.controller?.requirement_collection === 'stripe'
  const closed = names.find((name) => !openAfterStart.has(name))
  if (!hasStarted || !isCollectedByStripe || closed === undefined) return
  const message = `You cannot update \`${closed}\` of the account ${account.id}: Stripe collects its requirements, and onboarding has begun. The account's owner changes it in the hosted form or the Dashboard.`
  const isStandard = account.object.controller?.stripe_dashboard?.type === 'full'
  throw refuse(message, { param: closed, ...(isStandard && { code: 'not_allowed_on_standard_account' }) })
}

/** `company` and `individual` are out of sight once the form of an account whose requirements Stripe collects was opened [U: Stripe hides more]. */
export function presentAccount(space: Space, row: Row<'account'>): Stripe.Account {
  const own = space.world.space(row.id, row.hidden.connection?.mode ?? space.mode)
  const banks = [...own.newestFirst('external_account')].map(({ object }) => object)
  const url = `/v1/accounts/${row.id}/external_accounts`
  const account: Stripe.Account = {
    ...row.object,
    external_accounts: { object: 'list', data: banks.slice(0, 10), has_more: banks.length > 10, url },
  }
  if (row.hidden.connection === null && isStuck(banks)) account.requirements = describeStuck(row.object)
  const individual = isIndividual(row.object) ? findRepresentative(own)?.object : undefined
  if (individual !== undefined) account.individual = individual
  const isHidden =
    row.hidden.connection?.hasStarted === true && row.object.controller?.requirement_collection === 'stripe'
  if (isHidden) {
    delete account.company
    delete account.individual
  }
  return account
}

/** No bank account is left that takes payouts. */
function isStuck(banks: readonly Stripe.BankAccount[]): boolean {
  return banks.length > 0 && banks.every(({ status }) => status === 'errored')
}

/** Of an account with keys of its own only the bank account becomes due: after a payout to it failed (SBX-25). */
function describeStuck({ requirements }: Stripe.Account): Stripe.Account.Requirements {
  const list = ['external_account']
  return { ...nothingDue, ...requirements, currently_due: list, eventually_due: list, past_due: list }
}

/** The platform as the accounts connected to it know it. */
function describeApplication(platform: Row<'account'>): Stripe.Application {
  return { id: applicationOf(platform.id), object: 'application', name: platform.hidden.name }
}

/**
 * The account leaves its platform, by the platform's wish or its owner's: the last event it sends there names the
 * application, and afterwards nobody reaches it any more (SBX-10).
 */
export function disconnect(space: Space): void {
  const { platform } = accountOf(space).hidden
  if (platform === null) return
  const { root } = space.world
  emit(space, { type: 'account.application.deauthorized', object: describeApplication(root.get('account', platform)) })
  root.update('account', space.accountId, { hidden: { platform: null } })
}

/** Drops every connected account, for a reset: with its people and bank accounts gone, the row alone means nothing. */
export function forgetConnected(world: World): void {
  for (const { id, hidden } of world.root.oldestFirst('account')) {
    if (hidden.connection !== null) world.root.remove('account', id)
  }
}
