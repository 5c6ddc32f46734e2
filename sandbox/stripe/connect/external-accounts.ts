/** The bank accounts of an account over the API. Debit cards as external accounts are not built. */
import { refuse } from '../errors.ts'
import { getByPath } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, plain, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { changeMetadata, clearable, flag, metadata, oneOf, required, text } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { bankChoice } from './accounts/account-parameters.ts'
import { addBankAccount, makeDefaultBank, readBankAccount } from './bank-accounts.ts'
import { getTargetSpace, getWritableSpace } from './connection.ts'
import { changeAccount } from './requirements/change.ts'
import { accountOf } from './requirements/provided.ts'

const path = '/v1/accounts/:account/external_accounts'

function getBank(call: Call<unknown>, space: Space): Row<'external_account'> {
  return getByPath({ ...call, space }, 'external_account')
}

/** Throws StripeRefusal for the bank account payouts go to; the last one of another currency may go. */
function checkRemovable(space: Space, { id, object }: Row<'external_account'>): void {
  if (object.default_for_currency !== true) return
  const others = [...space.oldestFirst('external_account')].some(
    (row) => row.id !== id && row.object.currency === object.currency,
  )
  if (!others && object.currency !== accountOf(space).object.default_currency) return
  throw refuse(
    'You cannot delete the default external account for your default currency. Please make another external account the default using the `default_for_currency` param, and then delete this one.',
    { param: 'default_for_currency' },
  )
}

const writable = {
  account_holder_name: text(200),
  account_holder_type: clearable(oneOf('company', 'individual')),
  account_type: oneOf('checking', 'futsu', 'savings', 'toza'),
  default_for_currency: flag(),
  metadata: metadata(),
}
const cardParts = ['city', 'country', 'line1', 'line2', 'state', 'zip'].map((part) => `address_${part}`)

export const externalAccounts: ObjectModule = {
  prefixes: { ba: 'external_account' },
  expansions: { external_account: { account: 'account' } },
  operations: [
    operation({
      method: 'POST',
      path,
      permission: 'accounts_kyc_basic_write',
      parameters: { default_for_currency: flag(), external_account: required(bankChoice), metadata: metadata() },
      run(call) {
        const { default_for_currency: isDefault = false, external_account: given, metadata: tags } = call.params
        const space = getWritableSpace(call, ['external_account'])
        const bank = readBankAccount(given, 'external_account')
        const added = changeAccount(space, () =>
          addBankAccount(space, { ...bank, isDefault, metadata: changeMetadata({}, tags) }),
        )
        return shown(added)
      },
    }),
    operation({
      method: 'GET',
      path,
      permission: 'accounts_kyc_basic_read',
      parameters: { ...pagination, object: oneOf('bank_account', 'card') },
      run(call) {
        const space = getTargetSpace(call)
        const { object } = call.params
        const url = `/v1/accounts/${space.accountId}/external_accounts`
        return listPage({ ...call, space }, { kind: 'external_account', url, where: () => object !== 'card' })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_read',
      parameters: {},
      run: (call) => shown(getBank(call, getTargetSpace(call))),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_write',
      parameters: writable,
      unsupported: [...cardParts, 'documents', 'exp_month', 'exp_year', 'name'],
      run(call) {
        const space = getWritableSpace(call, ['external_account'])
        const before = getBank(call, space)
        const { default_for_currency: isDefault, metadata: tags, ...given } = call.params
        // An update that names nothing gives a disabled bank account another chance.
        const isRevival = Object.keys(call.params).length === 0 && before.object.status === 'errored'
        changeAccount(space, () => {
          const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
          space.update('external_account', before.id, {
            object: {
              ...named,
              ...(isRevival && { status: 'new' }),
              metadata: changeMetadata(before.object.metadata ?? {}, tags),
            },
          })
          if (isDefault === true) makeDefaultBank(space, before.id)
        })
        return shown(space.get('external_account', before.id))
      },
    }),
    operation({
      method: 'DELETE',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_write',
      parameters: {},
      run(call) {
        const space = getWritableSpace(call, ['external_account'])
        const bank = getBank(call, space)
        checkRemovable(space, bank)
        changeAccount(space, () => space.remove('external_account', bank.id))
        return plain({ id: bank.id, object: 'bank_account', currency: bank.object.currency, deleted: true })
      },
    }),
  ],
}
