/**
 * Bank accounts that money is paid out to: one is the default of its currency. Own accounts have them as well as connected
 * ones, because payouts ask nobody whose account it is. A number decides how payouts to it end; it is kept hidden.
 */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { currencies } from '../facts.ts'
import type { BankGiven } from './accounts/account-parameters.ts'
import { bankGrammarOf, homeCurrency, testBankTokens } from './facts.ts'
import { changeAccount } from './requirements/change.ts'

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
  return changeAccount(space, () => space.update('external_account', id, { object: { status } }))
}

/** Payouts of its currency go here from now on. Written without telling of it, as `addBankAccount`. */
export function makeDefaultBank(space: Space, id: string): void {
  const { currency } = space.get('external_account', id).object
  const before = findDefaultBank(space, currency)
  if (before !== undefined && before.id !== id)
    space.update('external_account', before.id, { object: { default_for_currency: false } })
  space.update('external_account', id, { object: { default_for_currency: true } })
}

/**
 * Reads what a call gave as a bank account. Throws StripeRefusal for an unknown token, country or currency, and for numbers
 * that cannot be numbers of that country. `param` is the parameter's name, such as 'external_account'.
 */
export function readBankAccount(given: BankGiven, param: string): NewBankAccount {
  if (typeof given === 'string') return readToken(given, param)
  const country = given.country.toUpperCase()
  const home = homeCurrency[country]
  if (home === undefined)
    throw refuse(`${given.country} is not currently supported by Stripe for bank accounts.`, {
      code: 'country_unsupported',
      param: `${param}[country]`,
    })
  const currency = (given.currency ?? home).toLowerCase()
  if (!currencies.has(currency)) throw refuse(`Invalid currency: ${currency}.`, { param: `${param}[currency]` })
  const { account_number: accountNumber, routing_number: routingNumber = null } = given
  checkNumbers({ country, accountNumber, routingNumber }, param)
  return {
    country,
    currency,
    accountNumber,
    routingNumber,
    holderName: given.account_holder_name ?? null,
    holderType: given.account_holder_type ?? null,
  }
}

function readToken(token: string, param: string): NewBankAccount {
  const known = Object.hasOwn(testBankTokens, token) ? testBankTokens[token] : undefined
  if (known === undefined) throw refuse(`No such token: '${token}'`, { code: 'resource_missing', param })
  const { country, number } = known
  const routingNumber = bankGrammarOf(country).testRouting
  const currency = homeCurrency[country] ?? 'usd'
  return { country, currency, accountNumber: number, routingNumber, holderName: null, holderType: null }
}

function checkNumbers(
  bank: { country: string; accountNumber: string; routingNumber: string | null },
  param: string,
): void {
  const { routing, number } = bankGrammarOf(bank.country)
  if (routing !== null && bank.routingNumber === null)
    throw refuse(`You must provide a routing number for bank accounts in ${bank.country}.`, {
      code: 'parameter_missing',
      param: `${param}[routing_number]`,
    })
  if (routing !== null && !routing.test(bank.routingNumber ?? ''))
    throw refuse(`Invalid routing number for ${bank.country}: '${bank.routingNumber}'.`, {
      code: 'routing_number_invalid',
      param: `${param}[routing_number]`,
    })
  if (!number.test(bank.accountNumber.replaceAll(' ', '')))
    throw refuse('Invalid account number: it has a wrong length or wrong characters for its country.', {
      code: 'account_number_invalid',
      param: `${param}[account_number]`,
    })
}
