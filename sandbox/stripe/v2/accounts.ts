/** `/v2/core/accounts`: the accounts of v1 in the words of v2. Thin v2 events are not written; `account.updated` is. */
import { refuse } from '../errors.ts'
import { applyGiven, createConnected } from '../connect/accounts/account-changes.ts'
import { checkWritable, disconnect, getTarget, spaceOf } from '../connect/connection.ts'
import { changeAccount } from '../connect/requirements/change.ts'
import { accountOf } from '../connect/requirements/provided.ts'
import { operation, plain } from '../protocol/operation.ts'
import type { Call, ObjectModule, Result } from '../protocol/operation.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { accountGiven, creatable, identityGiven, includeParameter, unbuilt, writable } from './account-parameters.ts'
import type { Part, V2Given } from './account-parameters.ts'
import { presentV2 } from './account-view.ts'

const path = '/v2/core/accounts'

function show(space: Space, include: readonly Part[] | undefined): Result {
  return plain(presentV2(space, accountOf(space), include ?? []))
}

/** A closed account can still be looked at by the platform that had it. */
function findClosed(call: Call<unknown>, id: string): Row<'account'> | undefined {
  const row = call.world.root.find('account', id)
  const { platform, connection } = row?.hidden ?? { platform: null, connection: null }
  const isClosed = platform === null && connection?.platform === call.account.id && connection.mode === call.key.mode
  return isClosed ? row : undefined
}

function nameAccount(space: Space, name: string | undefined): void {
  if (name === undefined) return
  const { settings } = accountOf(space).object
  if (settings == null) return
  space.world.root.update('account', space.accountId, {
    object: { settings: { ...settings, dashboard: { ...settings.dashboard, display_name: name } } },
    hidden: { name },
  })
}

/** The names v1 has for what was given, which decide who may change it. */
function v1Names(given: ReturnType<typeof accountGiven>): string[] {
  const isGiven = (value: unknown): boolean =>
    typeof value === 'object' && value !== null ? Object.values(value).some(isGiven) : value !== undefined
  return Object.entries(given).flatMap(([name, value]) => (isGiven(value) ? [name] : []))
}

export const v2Accounts: ObjectModule = {
  operations: [
    operation({
      method: 'POST',
      path,
      permission: 'accounts_kyc_basic_write',
      parameters: creatable,
      unsupported: unbuilt,
      run(call) {
        const { params } = call
        if (!call.account.hidden.isPlatform || call.account.id !== call.key.account)
          throw refuse('Only a Connect platform can create accounts.', { code: 'platform_account_required' })
        const given = { ...accountGiven(params), ...identityGiven(params) }
        const row = createConnected({ ...call, params: given })
        const space = spaceOf(call, row)
        nameAccount(space, params.display_name)
        return show(space, params.include)
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_read',
      parameters: includeParameter,
      run(call) {
        const id = String(call.path['id'])
        const account = findClosed(call, id) ?? getTarget(call, id)
        return show(spaceOf(call, account), call.params.include)
      },
    }),
    operation({
      method: 'POST',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_write',
      parameters: writable,
      unsupported: [...unbuilt, 'dashboard'],
      run(call) {
        const target = getTarget(call, String(call.path['id']))
        const params: V2Given = { ...call.params, dashboard: undefined }
        checkFixed(params)
        const given = accountGiven(params)
        checkWritable(target, v1Names(given))
        const space = spaceOf(call, target)
        changeAccount(space, () => {
          applyGiven(space, given)
          nameAccount(space, params.display_name)
        })
        return show(space, params.include)
      },
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/close`,
      permission: 'accounts_kyc_basic_write',
      parameters: {},
      unsupported: ['applied_configurations'],
      run(call) {
        const target = getTarget(call, String(call.path['id']))
        if (target.hidden.connection === null) throw refuse('You cannot close your own account over the API.')
        const space = spaceOf(call, target)
        disconnect(space)
        return show(space, [])
      },
    }),
  ],
}

/** Throws StripeRefusal for what is decided once, when the account is made. */
function checkFixed(params: V2Given): void {
  if (params.identity?.country !== undefined)
    throw refuse('The country of an account cannot be changed.', { param: 'identity[country]' })
  if (params.defaults?.responsibilities !== undefined)
    throw refuse('The responsibilities of an account cannot be changed.', { param: 'defaults[responsibilities]' })
}
