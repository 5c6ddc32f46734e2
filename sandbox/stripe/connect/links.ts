/**
 * Links into Stripe's own pages: an AccountLink to the onboarding form, a login link to the Express Dashboard. Each works
 * once and for minutes only; in live mode an AccountLink goes back to https addresses only.
 */
import { refuse } from '../errors.ts'
import { operation, plain } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { group, objectId, oneOf, required, url } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { connectionOf, getTarget, spaceOf } from './connection.ts'
import { accountLinkLifeMs, loginLinkLifeMs } from './facts.ts'
import type { AccountLinkRecord } from './kinds.ts'

/** Throws StripeRefusal for an address that live mode does not go back to. */
export function checkAddress(call: Call<unknown>, param: 'refresh_url' | 'return_url', address: string): void {
  if (call.key.mode === 'test' || address.startsWith('https://')) return
  throw refuse('Livemode requests must always be redirected via HTTPS.', { code: 'url_invalid', param })
}

/** Throws StripeRefusal when the type of link is not for this account. */
export function checkType(account: Row<'account'>, type: AccountLinkRecord['type']): void {
  const { controller } = account.object
  const isOpen = controller?.requirement_collection === 'application' && controller.stripe_dashboard?.type === 'none'
  if (type === 'account_onboarding' || isOpen) return
  const message =
    'You cannot create `account_update` type Account Links for this account. Your platform does not collect its requirements, or it has access to a Stripe-hosted Dashboard.'
  throw refuse(message, { param: 'type' })
}

interface NewLink extends Omit<AccountLinkRecord, 'token' | 'expiresAt' | 'visit'> {
  readonly lifeMs: number
}

/** Writes a link and returns its address. From now on the platform may change less of the account. */
export function addAccountLink(space: Space, { lifeMs, ...wish }: NewLink): { address: string; expiresAt: number } {
  const { world } = space
  const token = world.ids.letters(32)
  const expiresAt = world.nowMs() + lifeMs
  space.insert('account_link', token, { object: { ...wish, token, expiresAt, visit: null }, hidden: {} })
  const connection = connectionOf(world.root.get('account', space.accountId))
  world.root.update('account', space.accountId, { hidden: { connection: { ...connection, hasStarted: true } } })
  return { address: `${world.publicUrl}/connect/setup/${token}`, expiresAt }
}

export const links: ObjectModule = {
  operations: [
    operation({
      method: 'POST',
      path: '/v1/account_links',
      permission: 'account_link_write',
      parameters: {
        account: required(objectId()),
        type: required(oneOf('account_onboarding', 'account_update')),
        collect: oneOf('currently_due', 'eventually_due'),
        collection_options: group({
          fields: oneOf('currently_due', 'eventually_due'),
          future_requirements: oneOf('include', 'omit'),
        }),
        refresh_url: required(url()),
        return_url: required(url()),
      },
      run(call) {
        const { account, type, collect, collection_options: options, refresh_url, return_url } = call.params
        const target = getTarget(call, account)
        connectionOf(target)
        checkType(target, type)
        checkAddress(call, 'refresh_url', refresh_url)
        checkAddress(call, 'return_url', return_url)
        const { address, expiresAt } = addAccountLink(spaceOf(call, target), {
          type,
          refreshUrl: refresh_url,
          returnUrl: return_url,
          asksEventually: (options?.fields ?? collect) === 'eventually_due',
          asksFuture: options?.future_requirements === 'include',
          lifeMs: accountLinkLifeMs,
        })
        const created = call.world.nowSeconds()
        return plain({ object: 'account_link', created, expires_at: Math.floor(expiresAt / 1000), url: address })
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/accounts/:account/login_links',
      permission: 'login_link_write',
      parameters: {},
      run(call) {
        const { world } = call
        const target = getTarget(call, String(call.path['account']))
        connectionOf(target)
        if (target.object.controller?.stripe_dashboard?.type !== 'express')
          throw refuse(
            `Cannot create a login link for an account that does not use the Express Dashboard: ${target.id}.`,
          )
        if (!target.object.details_submitted)
          throw refuse(`Cannot create a login link for an account that has not completed onboarding: ${target.id}.`)
        const token = world.ids.letters(32)
        const object = { token, expiresAt: world.nowMs() + loginLinkLifeMs, isUsed: false }
        spaceOf(call, target).insert('login_link', token, { object, hidden: {} })
        const address = `${world.publicUrl}/connect/login/${token}`
        return plain({ object: 'login_link', created: world.nowSeconds(), url: address })
      },
    }),
  ],
}
