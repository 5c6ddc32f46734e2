/**
 * Bank accounts that money is paid out to: one is the default of its currency. Own accounts have them as well as connected
 * ones, because payouts ask nobody whose account it is. A number decides how payouts to it end; it is kept hidden.
 */
import type Stripe from 'stripe'
import { emit } from '../objects/event.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

export interface NewBankAccount {
  /** Two letters. */
  readonly country: string
  /** Three small letters. */
  readonly currency: string
  readonly accountNumber: string
  readonly routingNumber: string | null
  readonly holderName: string | null
  readonly holderType: 'individual' | 'company' | null
  readonly metadata?: Readonly<Record<string, string>>
  /** The first of a currency is its default whatever is asked. */
  readonly isDefault?: boolean
}

/** Writes the bank account without telling of it: a seed is no event, an operation emits its own. */
export function addBankAccount(space: Space, wish: NewBankAccount): Row<'external_account'> {
  const id = space.world.ids.id('ba')
  const before = findDefaultBank(space, wish.currency)
  const isDefault = before === undefined || wish.isDefault === true
  if (isDefault && before !== undefined) {
    space.update('external_account', before.id, { object: { default_for_currency: false } })
  }
  const object: Stripe.BankAccount = {
    id,
    object: 'bank_account',
    account: space.accountId,
    account_holder_name: wish.holderName,
    account_holder_type: wish.holderType,
    account_type: null,
    available_payout_methods: ['standard'],
    bank_name: 'STRIPE TEST BANK',
    country: wish.country,
    currency: wish.currency,
    default_for_currency: isDefault,
    fingerprint: space.world.ids.letters(16),
    future_requirements: noRequirements,
    last4: wish.accountNumber.slice(-4),
    metadata: { ...wish.metadata },
    requirements: noRequirements,
    routing_number: wish.routingNumber,
    status: 'new',
  }
  return space.insert('external_account', id, { object, hidden: { number: wish.accountNumber } })
}

const noRequirements = { currently_due: [], errors: [], past_due: [], pending_verification: [] }

/** Where payouts of a currency go; undefined when the account has no bank account in it. */
export function findDefaultBank(space: Space, currency: string): Row<'external_account'> | undefined {
  for (const row of space.oldestFirst('external_account')) {
    if (row.object.currency === currency && row.object.default_for_currency === true) return row
  }
  return undefined
}

/** What a bank's answer makes of the account: 'errored' stops payouts in its currency until it is replaced (SBX-25). */
export function changeBankStatus(space: Space, id: string, status: string): Row<'external_account'> {
  const before = space.get('external_account', id)
  const row = space.update('external_account', id, { object: { status } })
  emit(space, { type: 'account.external_account.updated', object: row.object, before: before.object })
  return row
}
