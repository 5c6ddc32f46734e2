/** Payouts: the operations. What becomes of a payout is told in life.ts, how the automatic ones are made in automatic.ts. */
import { findDefaultBank } from '../connect/bank-accounts.ts'
import { missing, notSupported, refuse } from '../errors.ts'
import { currency } from '../money/amounts.ts'
import { availableIn } from '../money/books.ts'
import { payoutTimer } from '../money/payout-clock.ts'
import { getByPath } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import {
  changeMetadata,
  integer,
  isWithin,
  metadata,
  objectId,
  oneOf,
  range,
  required,
  text,
} from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { runPayouts } from './automatic.ts'
import { cancelPayout, changePayout, createPayout, isOnItsWay, payoutTimers } from './life.ts'

/** The bank account to pay to. Throws StripeRefusal when there is none that takes this currency. */
function findDestination(space: Space, wish: { id: string | undefined; currency: string }): Row<'external_account'> {
  const { id, currency: wanted } = wish
  const bank = id === undefined ? findDefaultBank(space, wanted) : space.find('external_account', id)
  if (bank === undefined && id !== undefined)
    throw missing('external account', id, { param: 'destination', status: 400 })
  if (bank === undefined || bank.object.currency !== wanted)
    throw refuse(`Sorry, you don't have any external accounts in that currency (${wanted}).`, {
      param: id === undefined ? 'currency' : 'destination',
    })
  if (bank.object.status === 'errored') {
    const message = 'The bank account provided can not be used for payouts. A different bank account must be used.'
    throw refuse(message, { code: 'bank_account_unusable', param: 'destination' })
  }
  return bank
}

function checkFunds(space: Space, amount: number, wanted: string): void {
  if (availableIn(space, wanted) >= amount) return
  const message =
    'You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You can use the the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance).'
  throw refuse(message, { code: 'balance_insufficient' })
}

function checkEnabled(call: Call<unknown>): void {
  if (call.account.object.payouts_enabled) return
  throw refuse('Payouts are disabled on this account.', { code: 'payouts_not_allowed' })
}

/** A payout back from the bank (connected accounts with a US or Canadian bank account only). */
function reverse(call: Call<{ readonly metadata?: Parameters<typeof changeMetadata>[1] }>): Row<'payout'> {
  const { space } = call
  const { id, object } = getByPath(call, 'payout')
  const bank = space.find('external_account', String(object.destination))
  if (call.account.hidden.platform === null || bank === undefined || !['US', 'CA'].includes(bank.object.country))
    throw refuse('You can only reverse payouts for connected accounts to US and Canadian bank accounts.')
  if (object.reversed_by !== null) throw refuse(`Payout ${id} has already been reversed.`)
  if (object.amount < 0 || object.original_payout !== null) throw refuse(`Payout ${id} cannot be reversed.`)
  if (object.status === 'pending' && !object.automatic)
    throw refuse(`Payout ${id} is pending; use /v1/payouts/${id}/cancel instead.`)
  if (object.status !== 'paid' && !isOnItsWay(object))
    throw refuse(`Payout ${id} cannot be reversed because it has a status of ${object.status}.`)
  const back = createPayout(space, {
    amount: -object.amount,
    currency: object.currency,
    isAutomatic: false,
    destination: bank,
    metadata: changeMetadata({}, call.params.metadata),
    originalPayout: id,
  })
  changePayout(space, id, { fields: { reversed_by: back.id } })
  return back
}

const path = '/v1/payouts'

export const payouts: ObjectModule = {
  prefixes: { po: 'payout' },
  expansions: {
    payout: {
      application_fee: 'application_fee',
      balance_transaction: 'balance_transaction',
      destination: 'external_account',
      failure_balance_transaction: 'balance_transaction',
      original_payout: 'payout',
      reversed_by: 'payout',
    },
  },
  timers: { ...payoutTimers, [payoutTimer]: (space) => runPayouts(space) },
  operations: [
    operation({
      method: 'POST',
      path,
      permission: 'payout_write',
      parameters: {
        amount: required(integer({ min: 1, max: 99_999_999_999 })),
        currency: required(currency()),
        description: text(),
        destination: objectId(),
        metadata: metadata(),
        method: oneOf('instant', 'standard'),
        source_type: oneOf('bank_account', 'card', 'fpx'),
        statement_descriptor: text(22),
      },
      unsupported: ['payout_method'],
      run(call) {
        const { space, params } = call
        if (params.method === 'instant')
          throw refuse('Instant payouts are not supported for this destination.', {
            code: 'instant_payouts_unsupported',
            param: 'method',
          })
        checkEnabled(call)
        const destination = findDestination(space, { id: params.destination, currency: params.currency })
        // All money of this sandbox comes from cards and bank debits, which Stripe keeps in the card balance.
        const isCardBalance = (params.source_type ?? 'card') === 'card'
        checkFunds(space, isCardBalance ? params.amount : Infinity, params.currency)
        return shown(
          createPayout(space, {
            amount: params.amount,
            currency: params.currency,
            isAutomatic: false,
            destination,
            description: params.description,
            metadata: changeMetadata({}, params.metadata),
            statementDescriptor: params.statement_descriptor,
          }),
        )
      },
    }),
    operation({
      method: 'GET',
      path,
      permission: 'payout_read',
      parameters: {
        ...pagination,
        arrival_date: range(),
        created: range(),
        destination: objectId(),
        status: oneOf('pending', 'in_transit', 'paid', 'failed', 'canceled'),
      },
      run(call) {
        const { arrival_date: arrival, created, destination, status } = call.params
        return listPage(call, {
          kind: 'payout',
          url: path,
          by: destination === undefined ? undefined : ['destination', destination],
          where: ({ object }) =>
            isWithin(object.created, created) &&
            isWithin(object.arrival_date, arrival) &&
            (status === undefined || object.status === status),
        })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'payout_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'payout')),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id`,
      permission: 'payout_write',
      parameters: { metadata: metadata() },
      run(call) {
        const before = getByPath(call, 'payout')
        const tags = changeMetadata(before.object.metadata ?? {}, call.params.metadata)
        return shown(changePayout(call.space, before.id, { fields: { metadata: tags } }))
      },
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/cancel`,
      permission: 'payout_write',
      parameters: {},
      run(call) {
        const { id, object } = getByPath(call, 'payout')
        if (object.automatic) throw refuse("You can't cancel automatic Stripe payouts.")
        if (object.status !== 'pending') {
          const message = `Payouts can only be canceled while they are pending; ${id} has a status of ${object.status}.`
          throw refuse(message)
        }
        if (object.original_payout !== null) throw notSupported('canceling the reversal of a payout')
        return shown(cancelPayout(call.space, id))
      },
    }),
    operation({
      method: 'POST',
      path: `${path}/:id/reverse`,
      permission: 'payout_write',
      parameters: { metadata: metadata() },
      run: (call) => shown(reverse(call)),
    }),
  ],
}
