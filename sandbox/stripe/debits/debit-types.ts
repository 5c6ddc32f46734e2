/** The kinds of bank debit: their currencies, the capability an account needs, what has to be known of the payer. */
import type Stripe from 'stripe'
import { bacsNewMandateDays, debitBusinessDays, paytoMs } from '../facts.ts'

export const debitTypes = [
  'us_bank_account',
  'au_becs_debit',
  'nz_bank_account',
  'payto',
  'sepa_debit',
  'bacs_debit',
  'acss_debit',
] as const

export type DebitType = (typeof debitTypes)[number]

export interface DebitRules {
  /** As a page calls it. */
  readonly name: string
  readonly currencies: readonly string[]
  readonly capability: keyof Stripe.Account.Capabilities
  /** Billing details without which Stripe makes no such method. */
  readonly billing: readonly ('name' | 'email' | 'address')[]
  /** Business days until the result; null means minutes. */
  readonly businessDays: number | null
  readonly newMandateDays: number | null
  /** May be canceled while it is processing. */
  readonly isCancelable: boolean
}

const usual = { billing: ['name', 'email'], newMandateDays: null, isCancelable: false } as const

const rules: Readonly<Record<DebitType, DebitRules>> = {
  us_bank_account: {
    ...usual,
    name: 'US bank account',
    currencies: ['usd'],
    capability: 'us_bank_account_ach_payments',
    billing: ['name'],
    businessDays: debitBusinessDays.us_bank_account,
    isCancelable: true,
  },
  au_becs_debit: {
    ...usual,
    name: 'Australian bank account (BECS)',
    currencies: ['aud'],
    capability: 'au_becs_debit_payments',
    businessDays: debitBusinessDays.au_becs_debit,
  },
  nz_bank_account: {
    ...usual,
    name: 'New Zealand bank account',
    currencies: ['nzd'],
    capability: 'nz_bank_account_becs_debit_payments',
    businessDays: debitBusinessDays.nz_bank_account,
  },
  payto: { ...usual, name: 'PayTo', currencies: ['aud'], capability: 'payto_payments', businessDays: null },
  sepa_debit: {
    ...usual,
    name: 'SEPA direct debit',
    currencies: ['eur'],
    capability: 'sepa_debit_payments',
    businessDays: debitBusinessDays.sepa_debit,
  },
  bacs_debit: {
    ...usual,
    name: 'Bacs direct debit',
    currencies: ['gbp'],
    capability: 'bacs_debit_payments',
    billing: ['name', 'email', 'address'],
    businessDays: debitBusinessDays.bacs_debit,
    newMandateDays: bacsNewMandateDays,
  },
  acss_debit: {
    ...usual,
    name: 'Canadian pre-authorised debit',
    currencies: ['cad', 'usd'],
    capability: 'acss_debit_payments',
    businessDays: debitBusinessDays.acss_debit,
  },
}

/** How long the kinds without business days take, in milliseconds. */
export const quickDebitMs = paytoMs

export function isDebitType(type: string): type is DebitType {
  return (debitTypes as readonly string[]).includes(type)
}

export function rulesOf(type: DebitType): DebitRules {
  return rules[type]
}

export function hasCapability(account: Stripe.Account, type: DebitType): boolean {
  return account.capabilities?.[rules[type].capability] === 'active'
}

/** What a payer agrees to on a hosted page; a plain summary, not the words a bank prescribes. */
export function mandateText(type: DebitType, merchant: string): string {
  return `By continuing you allow ${merchant} to debit this account (${rules[type].name}) for this payment and, if the account is saved, for later ones you agreed to. You can withdraw this at any time.`
}
