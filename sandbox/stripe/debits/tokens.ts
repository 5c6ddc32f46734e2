/** Tokens: a card or a bank account that was typed once and is named from then on (SBX-45). It is good for one use. */
import type Stripe from 'stripe'
import { missing, notSupported, refuse } from '../errors.ts'
import { checkCard } from '../money/card-check.ts'
import { currency } from '../money/amounts.ts'
import { getByPath } from '../parts/reference.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import { group, integer, oneOf, required, text } from '../protocol/parameters.ts'
import type { Parameter, Values } from '../protocol/parameters.ts'
import { lettersFrom } from '../world/ids.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

const cardShape = {
  number: required(text(30)),
  exp_month: required(integer()),
  exp_year: required(integer()),
  cvc: text(10),
  name: text(500),
  currency: currency(),
  address_city: text(500),
  address_country: text(500),
  address_line1: text(500),
  address_line2: text(500),
  address_state: text(500),
  address_zip: text(500),
}

const bankShape = {
  account_number: required(text(40)),
  country: required(text(2)),
  account_holder_name: text(500),
  account_holder_type: oneOf('individual', 'company'),
  account_type: oneOf('checking', 'futsu', 'savings', 'toza'),
  currency: currency(),
  routing_number: text(40),
}

/** A group, or the id of something saved before, which only platforms may name. */
function groupOnly<T>(parameter: Parameter<T>): Parameter<T> {
  return {
    isRequired: false,
    read(value, path) {
      if (typeof value === 'string' && value !== '') throw notSupported('tokens of saved cards and bank accounts', path)
      return parameter.read(value, path)
    },
  }
}

const creating = {
  card: groupOnly(group(cardShape, ['networks'])),
  bank_account: groupOnly(group(bankShape, ['payment_method'])),
}

const brandNames: Readonly<Record<string, string>> = { visa: 'Visa', mastercard: 'MasterCard' }

function createCardToken(space: Space, given: Values<typeof cardShape>): Row<'token'> {
  const { world } = space
  const row = checkCard({
    number: given.number,
    expMonth: given.exp_month,
    expYear: given.exp_year,
    cvc: given.cvc,
    nowMs: world.nowMs(),
  })
  const check = (value: string | undefined): string | null => (value === undefined ? null : 'unchecked')
  const card: Stripe.Card = {
    id: world.ids.id('card'),
    object: 'card',
    address_city: given.address_city ?? null,
    address_country: given.address_country ?? null,
    address_line1: given.address_line1 ?? null,
    address_line1_check: check(given.address_line1),
    address_line2: given.address_line2 ?? null,
    address_state: given.address_state ?? null,
    address_zip: given.address_zip ?? null,
    address_zip_check: check(given.address_zip),
    brand: brandNames[row.brand] ?? row.brand,
    country: 'US',
    ...(given.currency !== undefined && { currency: given.currency }),
    cvc_check: check(given.cvc),
    dynamic_last4: null,
    exp_month: given.exp_month,
    exp_year: given.exp_year < 100 ? 2000 + given.exp_year : given.exp_year,
    fingerprint: lettersFrom(`${world.ids.seed}/${space.name}/${row.number}`, 16),
    funding: 'credit',
    last4: row.number.slice(-4),
    metadata: {},
    name: given.name ?? null,
    networks: { preferred: null },
    regulated_status: 'unregulated',
    tokenization_method: null,
  }
  return insert(space, { card, type: 'card' }, { card: row.name, accountNumber: null })
}

function createBankToken(space: Space, given: Values<typeof bankShape>): Row<'token'> {
  const { world } = space
  const country = given.country.toUpperCase()
  if (!/^[A-Z]{2}$/.test(country)) {
    throw refuse(`Country '${given.country}' is unknown. Try using a 2-character alphanumeric country code instead.`, {
      param: 'bank_account[country]',
    })
  }
  const number = given.account_number.replaceAll(/[\s-]/g, '')
  if (!/^[A-Z0-9]{4,34}$/i.test(number))
    throw refuse('Invalid account number.', { code: 'account_number_invalid', param: 'bank_account[account_number]' })
  const bank: Stripe.BankAccount = {
    id: world.ids.id('ba'),
    object: 'bank_account',
    account_holder_name: given.account_holder_name ?? null,
    account_holder_type: given.account_holder_type ?? null,
    account_type: given.account_type ?? null,
    bank_name: 'STRIPE TEST BANK',
    country,
    currency: given.currency ?? homeCurrency(space),
    fingerprint: lettersFrom(`${world.ids.seed}/${space.name}/${given.routing_number ?? ''}/${number}`, 16),
    last4: number.slice(-4),
    routing_number: given.routing_number ?? null,
    status: 'new',
  }
  return insert(space, { bank_account: bank, type: 'bank_account' }, { card: null, accountNumber: number })
}

function homeCurrency(space: Space): string {
  return space.world.root.get('account', space.accountId).object.default_currency ?? 'usd'
}

function insert(
  space: Space,
  about: Pick<Stripe.Token, 'type' | 'card' | 'bank_account'>,
  hidden: Row<'token'>['hidden'],
): Row<'token'> {
  const id = space.world.ids.id('tok')
  const created = space.world.nowSeconds()
  const object: Stripe.Token = {
    id,
    object: 'token',
    ...about,
    client_ip: null,
    created,
    livemode: space.isLive,
    used: false,
  }
  return space.insert('token', id, { object, hidden })
}

function create(call: Call<Values<typeof creating>>): Row<'token'> {
  const { card, bank_account: bank } = call.params
  if (card !== undefined && bank !== undefined)
    throw refuse('You may only specify one of these parameters: card, bank_account.', { param: 'bank_account' })
  if (card !== undefined) return createCardToken(call.space, card)
  if (bank !== undefined) return createBankToken(call.space, bank)
  throw refuse('You must supply either a card, customer, bank account, or PII data to create a token.', {
    code: 'parameter_missing',
    param: 'card',
  })
}

/** Marks the token as used. Throws StripeRefusal for one that is not there, or that was used before. */
export function useToken(space: Space, id: string, param: string): Row<'token'> {
  const token = space.find('token', id)
  if (token === undefined) throw missing('token', id, { param, status: 400 })
  if (token.object.used) {
    throw refuse(`You cannot use a Stripe token more than once: ${id}.`, { code: 'token_already_used', param })
  }
  return space.update('token', id, { object: { used: true } })
}

export const tokens: ObjectModule = {
  prefixes: { tok: 'token' },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/tokens',
      permission: 'token_write',
      parameters: creating,
      unsupported: ['account', 'customer', 'cvc_update', 'person', 'pii'],
      run: (call) => shown(create(call)),
    }),
    operation({
      method: 'GET',
      path: '/v1/tokens/:id',
      permission: 'token_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'token')),
    }),
  ],
}
