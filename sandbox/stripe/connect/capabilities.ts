/** What an account is allowed to do, one row per capability that was ever asked for. */
import type Stripe from 'stripe'
import { missing } from '../errors.ts'
import { nothingDue } from './accounts/blank-account.ts'
import { getByPath } from '../parts/reference.ts'
import { listPage } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { flag } from '../protocol/parameters.ts'
import type { Space } from '../world/space.ts'
import { getTargetSpace, getWritableSpace } from './connection.ts'
import { capabilityNames } from './facts.ts'
import { changeAccount } from './requirements/change.ts'

const onePage = { limit: 100, starting_after: undefined, ending_before: undefined }

/** Asks for a capability or gives it up; the status is found afterwards. To be called inside `changeAccount`. */
export function requestCapability(space: Space, name: string, isRequested: boolean): void {
  const before = space.find('capability', name)
  if (before?.object.requested === isRequested || (before === undefined && !isRequested)) return
  const requested = { requested: isRequested, requested_at: isRequested ? space.world.nowSeconds() : null }
  if (before !== undefined) {
    space.update('capability', name, { object: requested })
    return
  }
  const object: Stripe.Capability = {
    id: name,
    object: 'capability',
    account: space.accountId,
    future_requirements: nothingDue,
    ...requested,
    requirements: nothingDue,
    status: 'inactive',
  }
  space.insert('capability', name, { object, hidden: {} })
}

export const capabilities: ObjectModule = {
  expansions: { capability: { account: 'account' } },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/accounts/:account/capabilities',
      permission: 'accounts_kyc_basic_read',
      parameters: {},
      run(call) {
        const space = getTargetSpace(call)
        const url = `/v1/accounts/${space.accountId}/capabilities`
        // Stripe shows all of them on one page.
        return listPage({ ...call, space, params: onePage }, { kind: 'capability', url })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/accounts/:account/capabilities/:id',
      permission: 'accounts_kyc_basic_read',
      parameters: {},
      run: (call) => shown(getByPath({ ...call, space: getTargetSpace(call) }, 'capability')),
    }),
    operation({
      method: 'POST',
      path: '/v1/accounts/:account/capabilities/:id',
      permission: 'accounts_kyc_basic_write',
      parameters: { requested: flag() },
      run(call) {
        const space = getWritableSpace(call, ['capabilities'])
        const id = String(call.path['id'])
        if (!capabilityNames.has(id)) throw missing('capability', id, { param: 'capability', status: 404 })
        const { requested } = call.params
        if (requested !== undefined) changeAccount(space, () => requestCapability(space, id, requested))
        return shown(getByPath({ ...call, space }, 'capability'))
      },
    }),
  ],
}
