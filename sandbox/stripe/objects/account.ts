/**
 * Accounts with keys of their own (SBX-7). Such an account's object is the same in test and live; the key says the mode.
 * It is whole and able to take payments: onboarding, and every operation on accounts, is in connect/.
 */
import type Stripe from 'stripe'
import { blankProfile, blankSettings, nothingDue } from '../connect/accounts/blank-account.ts'
import { addBankAccount } from '../connect/bank-accounts.ts'
import { bankGrammarOf } from '../connect/facts.ts'
import { debitCapabilities, debitCapabilitiesElsewhere, recommendedPermissions } from '../facts.ts'
import type { KeySet, Mode } from '../views.ts'
import type { KeyRecord, Row } from '../world/kinds.ts'
import type { World } from '../world/world.ts'

export interface NewAccount {
  readonly name: string
  /** Two letters. */
  readonly country: string
  /** Three small letters. */
  readonly currency: string
  readonly isPlatform?: boolean
}

const modes: readonly Mode[] = ['test', 'live']

/** Makes an account with a publishable, a secret and a restricted key for each mode. */
export function createAccount(world: World, account: NewAccount): Row<'account'> {
  const id = world.ids.id('acct', 16)
  const row = world.root.insert('account', id, {
    object: buildAccount(world, id, account),
    hidden: {
      name: account.name,
      isPlatform: account.isPlatform ?? false,
      platform: null,
      connection: null,
      settings: { refundWithoutFunds: 'pend' },
    },
  })
  for (const mode of modes) {
    createKey(world, { account: id, mode, kind: 'publishable' })
    createKey(world, { account: id, mode, kind: 'secret' })
    createKey(world, { account: id, mode, kind: 'restricted', permissions: recommendedPermissions })
  }
  addOwnBanks(world, row)
  return row
}

/** Bank accounts of an own account, in each mode: one of its own currency and one of US dollars. */
export function addOwnBanks(world: World, { id, object, hidden }: Row<'account'>): void {
  const home = { country: object.country ?? 'US', currency: object.default_currency ?? 'usd' }
  const banks = home.currency === 'usd' ? [home] : [home, { country: 'US', currency: 'usd' }]
  for (const mode of modes) {
    for (const bank of banks) {
      const { testNumber: accountNumber, testRouting: routingNumber } = bankGrammarOf(bank.country)
      const holder = { holderName: hidden.name, holderType: 'company' } as const
      addBankAccount(world.space(id, mode), { ...bank, ...holder, accountNumber, routingNumber })
    }
  }
}

export function createKey(
  world: World,
  wish: Pick<KeyRecord, 'account' | 'mode' | 'kind'> & { permissions?: readonly string[] },
): KeyRecord {
  const prefix = { publishable: 'pk', secret: 'sk', restricted: 'rk' }[wish.kind]
  const key = `${prefix}_${wish.mode}_sandbox${world.ids.letters(24)}`
  const record: KeyRecord = { permissions: [], ...wish, key, state: 'active' }
  return world.root.insert('key', key, { object: record, hidden: {} }).object
}

/** The oldest active key of each kind. */
export function readKeySet(world: World, accountId: string, mode: Mode): KeySet {
  const keys = [...world.root.oldestFirst('key', { by: ['account', accountId] })].map((row) => row.object)
  const first = (kind: KeyRecord['kind']): string =>
    keys.find((key) => key.mode === mode && key.kind === kind && key.state === 'active')?.key ?? ''
  return { publishable: first('publishable'), secret: first('secret'), restricted: first('restricted') }
}

function buildAccount(world: World, id: string, wish: NewAccount): Stripe.Account {
  return {
    id,
    object: 'account',
    business_profile: { ...blankProfile, mcc: '6513', name: wish.name },
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active', ...debitsOf(wish.country) },
    charges_enabled: true,
    controller: { type: 'account' },
    country: wish.country,
    created: world.nowSeconds(),
    default_currency: wish.currency,
    details_submitted: true,
    email: `owner@${wish.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.example`,
    external_accounts: { object: 'list', data: [], has_more: false, url: `/v1/accounts/${id}/external_accounts` },
    future_requirements: nothingDue,
    metadata: {},
    payouts_enabled: true,
    requirements: nothingDue,
    settings: {
      ...blankSettings,
      dashboard: { ...blankSettings.dashboard, display_name: wish.name },
      payments: { ...blankSettings.payments, statement_descriptor: wish.name.toUpperCase().slice(0, 22) },
    },
    tos_acceptance: { date: null, ip: null, user_agent: null },
    type: 'standard',
  }
}

/** Bank debits the account may take from its first day, which depends on its country. */
function debitsOf(country: string): Stripe.Account.Capabilities {
  const names = debitCapabilities[country] ?? debitCapabilitiesElsewhere
  return Object.fromEntries(names.map((name) => [name, 'active']))
}
