/** `/v2/core/account_links`: the same hosted form as in v1, for ten minutes. */
import { addAccountLink, checkAddress, checkType } from '../connect/links.ts'
import { connectionOf, getTarget, spaceOf } from '../connect/connection.ts'
import { v2AccountLinkLifeMs } from '../connect/facts.ts'
import { refuse } from '../errors.ts'
import { operation, plain } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { group, list, objectId, oneOf, required, url } from '../protocol/parameters.ts'

const details = {
  collection_options: group({
    fields: oneOf('currently_due', 'eventually_due'),
    future_requirements: oneOf('include', 'omit'),
  }),
  configurations: list(oneOf('customer', 'merchant', 'recipient'), { min: 1 }),
  refresh_url: required(url()),
  return_url: url(),
}

const useCase = group({
  account_onboarding: group(details),
  account_update: group(details),
  type: required(oneOf('account_onboarding', 'account_update')),
})

export const v2AccountLinks: ObjectModule = {
  operations: [
    operation({
      method: 'POST',
      path: '/v2/core/account_links',
      permission: 'account_link_write',
      parameters: { account: required(objectId()), use_case: required(useCase) },
      run(call) {
        const { account, use_case: use } = call.params
        const target = getTarget(call, account)
        connectionOf(target)
        checkType(target, use.type)
        const wish = use[use.type]
        if (wish === undefined)
          throw refuse(`Missing required param: use_case[${use.type}].`, {
            code: 'parameter_missing',
            param: `use_case[${use.type}]`,
          })
        checkAddress(call, 'refresh_url', wish.refresh_url)
        if (wish.return_url !== undefined) checkAddress(call, 'return_url', wish.return_url)
        const { address, expiresAt } = addAccountLink(spaceOf(call, target), {
          type: use.type,
          refreshUrl: wish.refresh_url,
          returnUrl: wish.return_url ?? wish.refresh_url,
          asksEventually: wish.collection_options?.fields === 'eventually_due',
          asksFuture: wish.collection_options?.future_requirements === 'include',
          lifeMs: v2AccountLinkLifeMs,
        })
        return plain({
          object: 'v2.core.account_link',
          account: target.id,
          created: new Date(call.world.nowMs()).toISOString(),
          expires_at: new Date(expiresAt).toISOString(),
          livemode: call.key.mode === 'live',
          url: address,
          use_case: { type: use.type, [use.type]: wish },
        })
      },
    }),
  ],
}
