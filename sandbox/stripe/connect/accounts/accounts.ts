/**
 * Accounts over the API (SBX-9, SBX-10): one's own, and those a platform made. A connected account's row lies in the
 * world's root, everything else of it in its own space of the mode it was made in.
 */
import { missing, refuse } from '../../errors.ts'
import { describeBalance } from '../../money/books.ts'
import { listPage, pagination } from '../../protocol/lists.ts'
import { operation, plain, shown } from '../../protocol/operation.ts'
import type { Call, ObjectModule } from '../../protocol/operation.ts'
import { isWithin, oneOf, range, required } from '../../protocol/parameters.ts'
import type { Row } from '../../world/kinds.ts'
import { applyGiven, createConnected } from './account-changes.ts'
import { identityOfAccounts, unbuiltOfAccounts, writableOfAccounts } from './account-parameters.ts'
import { checkWritable, connectionOf, disconnect, getTarget, presentAccount, spaceOf } from '../connection.ts'
import { dueTimer } from '../requirements/assessment.ts'
import { changeAccount } from '../requirements/change.ts'

function isMine(call: Call<unknown>, account: Row<'account'>): boolean {
  const { platform, connection } = account.hidden
  return platform === call.account.id && connection?.mode === call.key.mode
}

/** A cursor that is another platform's account is no cursor. */
function checkCursor(call: Call<unknown>, param: 'starting_after' | 'ending_before', id: string | undefined): void {
  const row = id === undefined ? undefined : call.world.root.find('account', id)
  if (id !== undefined && (row === undefined || !isMine(call, row)))
    throw missing('account', id, { param, status: 400 })
}

/** Throws StripeRefusal where Stripe keeps an account: in live mode, while money is there or Stripe bears its losses. */
function checkDeletable(call: Call<unknown>, account: Row<'account'>): void {
  connectionOf(account)
  if (call.key.mode === 'test') return
  if (account.object.controller?.losses?.payments === 'stripe')
    throw refuse('Accounts in live mode for whose negative balances Stripe is responsible cannot be deleted.', {
      param: 'account',
    })
  const { available, pending } = describeBalance(spaceOf(call, account))
  if ([...available, ...pending].some(({ amount }) => amount !== 0))
    throw refuse('This account cannot be deleted because its balance is not zero.', { param: 'account' })
}

/** What `disabled_reason` becomes, by the platform's reason to reject an account [U]. */
const reasons = {
  credit: 'rejected.platform_other',
  fraud_no_intent_to_fulfill: 'rejected.platform_fraud',
  fraud_other: 'rejected.platform_fraud',
  fraud_payment_method_casher: 'rejected.platform_fraud',
  fraud_payment_method_tester: 'rejected.platform_fraud',
  other: 'rejected.platform_other',
  terms_of_service: 'rejected.platform_terms_of_service',
} as const

export const accounts: ObjectModule = {
  prefixes: { acct: 'account' },
  presentations: { account: (space, row) => presentAccount(space, row as Row<'account'>) },
  timers: { [dueTimer]: (space) => changeAccount(space, () => undefined) },
  operations: [
    operation({
      method: 'GET',
      path: '/v1/account',
      permission: 'accounts_kyc_basic_read',
      parameters: {},
      run: (call) => shown(call.account),
    }),
    operation({
      method: 'POST',
      path: '/v1/accounts',
      permission: 'accounts_kyc_basic_write',
      parameters: { ...writableOfAccounts, ...identityOfAccounts },
      unsupported: unbuiltOfAccounts,
      run(call) {
        if (!call.account.hidden.isPlatform || call.account.id !== call.key.account)
          throw refuse(
            "You can only create new accounts if you've signed up for Connect, which you can do at https://dashboard.stripe.com/connect.",
            { code: 'platform_account_required' },
          )
        return shown(createConnected(call))
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/accounts',
      permission: 'accounts_kyc_basic_read',
      parameters: { ...pagination, created: range() },
      run(call) {
        const { created, starting_after: after, ending_before: before } = call.params
        checkCursor(call, 'starting_after', after)
        checkCursor(call, 'ending_before', before)
        return listPage(
          { ...call, space: call.world.root },
          {
            kind: 'account',
            url: '/v1/accounts',
            where: (row) => isMine(call, row) && isWithin(row.object.created ?? 0, created),
          },
        )
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/accounts/:id',
      permission: 'accounts_kyc_basic_read',
      parameters: {},
      run: (call) => shown(getTarget(call, String(call.path['id']))),
    }),
    operation({
      method: 'POST',
      path: '/v1/accounts/:id',
      permission: 'accounts_kyc_basic_write',
      parameters: writableOfAccounts,
      unsupported: unbuiltOfAccounts,
      run(call) {
        const target = getTarget(call, String(call.path['id']))
        checkWritable(target, Object.keys(call.params))
        const space = spaceOf(call, target)
        changeAccount(space, () => applyGiven(space, call.params))
        return shown(call.world.root.get('account', target.id))
      },
    }),
    operation({
      method: 'DELETE',
      path: '/v1/accounts/:id',
      permission: 'accounts_kyc_basic_write',
      parameters: {},
      run(call) {
        const target = getTarget(call, String(call.path['id']))
        checkDeletable(call, target)
        disconnect(spaceOf(call, target))
        return plain({ id: target.id, object: 'account', deleted: true })
      },
    }),
    operation({
      method: 'POST',
      path: '/v1/accounts/:id/reject',
      permission: 'accounts_kyc_basic_write',
      parameters: {
        reason: required(
          oneOf(
            'credit',
            'fraud_no_intent_to_fulfill',
            'fraud_other',
            'fraud_payment_method_casher',
            'fraud_payment_method_tester',
            'other',
            'terms_of_service',
          ),
        ),
      },
      unsupported: ['payouts_action'],
      run(call) {
        const target = getTarget(call, String(call.path['id']))
        const connection = connectionOf(target)
        if (target.object.controller?.losses?.payments !== 'application')
          throw refuse('You can only reject accounts for whose negative balances your platform is responsible.', {
            param: 'account',
          })
        changeAccount(spaceOf(call, target), () =>
          call.world.root.update('account', target.id, {
            hidden: { connection: { ...connection, disabledReason: reasons[call.params.reason], demands: [] } },
          }),
        )
        return shown(call.world.root.get('account', target.id))
      },
    }),
  ],
}
