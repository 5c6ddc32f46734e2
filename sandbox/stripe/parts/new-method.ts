/** How a payment method is made: from a card of the test table, from a bank account, or from a ready-made name. */
import type Stripe from 'stripe'
import { findCardByMethod } from '../cards.ts'
import type { CardRow } from '../cards.ts'
import { buildPart } from '../debits/debit-parameters.ts'
import type { ReadDebit } from '../debits/debit-parameters.ts'
import { findBankByMethod, keyOf } from '../debits/test-accounts.ts'
import { changeMetadata } from '../protocol/parameters.ts'
import type { MetadataChange } from '../protocol/parameters.ts'
import { lettersFrom } from '../world/ids.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { noBilling } from './fields.ts'
import { getByParameter } from './reference.ts'

type Redisplay = 'always' | 'limited' | 'unspecified'

interface Described {
  readonly billing?: Stripe.PaymentMethod.BillingDetails
  readonly metadata?: MetadataChange | undefined
  readonly redisplay?: Redisplay | undefined
}

interface NewMethod extends Described {
  readonly card: CardRow
  readonly expMonth?: number
  readonly expYear?: number
}

/** Makes a method that belongs to nobody yet. */
export function createMethod(space: Space, wish: NewMethod): Row<'payment_method'> {
  const { card } = wish
  const { world } = space
  const methodId = world.ids.id('pm')
  const object: Stripe.PaymentMethod = {
    id: methodId,
    object: 'payment_method',
    allow_redisplay: wish.redisplay ?? 'unspecified',
    billing_details: wish.billing ?? noBilling,
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: wish.expMonth ?? 12,
      exp_year: wish.expYear ?? new Date(world.nowMs()).getUTCFullYear() + 3,
      fingerprint: lettersFrom(`${world.ids.seed}/${space.name}/${card.number}`, 16),
      funding: 'credit',
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.nowSeconds(),
    customer: null,
    customer_account: null,
    livemode: space.isLive,
    metadata: changeMetadata({}, wish.metadata),
    type: 'card',
  }
  return space.insert('payment_method', methodId, {
    object,
    hidden: { card: card.name, bank: null, isSetUp: false, isSpent: false },
  })
}

/** Makes a bank account that belongs to nobody yet. `isVerified` spares an American one the small deposits. */
export function createDebitMethod(
  space: Space,
  wish: Described & ReadDebit & { readonly isVerified: boolean },
): Row<'payment_method'> {
  const { world } = space
  const methodId = world.ids.id('pm')
  const { type, number } = wish.bank
  const object: Stripe.PaymentMethod = {
    id: methodId,
    object: 'payment_method',
    allow_redisplay: wish.redisplay ?? 'unspecified',
    billing_details: wish.billing ?? noBilling,
    created: world.nowSeconds(),
    customer: null,
    customer_account: null,
    livemode: space.isLive,
    metadata: changeMetadata({}, wish.metadata),
    type,
    ...wish.part,
  }
  const hidden = { card: null, bank: keyOf(type, number), isSetUp: wish.isVerified, isSpent: false }
  return space.insert('payment_method', methodId, { object, hidden })
}

/** The account holder of the ready-made bank accounts. */
const sampleHolder = { ...noBilling, name: 'Jenny Rosen', email: 'jenny@example.com' }

/** A fresh method for a name such as 'pm_card_visa' or 'pm_usBankAccount_success'; undefined for every other id. */
export function createReadyMade(space: Space, name: string): Row<'payment_method'> | undefined {
  const card = findCardByMethod(name)
  if (card !== undefined) return createMethod(space, { card })
  const bank = findBankByMethod(name)
  if (bank === undefined) return undefined
  const part = buildPart(space, bank, { accountType: 'checking', holderType: 'individual', holderName: null })
  return createDebitMethod(space, { bank, part, billing: sampleHolder, isVerified: true })
}

/** The method a parameter names, or a fresh one for a name of the test table. */
export function resolveMethod(space: Space, name: string, param = 'payment_method'): Row<'payment_method'> {
  return createReadyMade(space, name) ?? getByParameter(space, 'payment_method', { id: name, param })
}
