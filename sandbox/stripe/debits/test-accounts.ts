/**
 * The table of test bank accounts (SBX-43): what a number does. Numbers are kept as `writeNumber` of each kind writes them.
 */
import type { DebitType } from './debit-types.ts'

export interface BankRow {
  readonly type: DebitType
  /** Parts joined by '/'. */
  readonly number: string
  /** Ready-made method of this behaviour; such an account needs no small deposits any more. */
  readonly method: string | null
  readonly behaviour: string
  /** Null when the debit succeeds. */
  readonly failure: Failure | null
  readonly timing: 'usual' | 'late' | 'three_minutes'
  /** Succeeds, and is taken back by the bank some days later. */
  readonly isReturned: boolean
}

export interface Failure {
  readonly code: string
  readonly message: string
  /** The account itself is no good: its mandates end and it cannot be used again. */
  readonly isFinal: boolean
}

/** Every way in which a bank refuses a debit, by Stripe's code. */
export const failures = {
  no_account: failure('no_account', "The customer's bank account could not be located.", true),
  account_closed: failure('account_closed', "The customer's bank account has been closed.", true),
  debit_not_authorized: failure(
    'debit_not_authorized',
    'The customer has notified their bank that this payment was unauthorized.',
    true,
  ),
  insufficient_funds: failure(
    'insufficient_funds',
    "The customer's account has insufficient funds to cover this payment.",
    false,
  ),
  refer_to_customer: failure('refer_to_customer', 'The bank refused the debit and refers to the customer.', false),
}

function failure(code: string, message: string, isFinal: boolean): Failure {
  return { code, message, isFinal }
}

function bank(type: DebitType, number: string, more: Partial<BankRow> = {}): BankRow {
  return {
    type,
    number,
    method: null,
    behaviour: 'Succeeds',
    failure: null,
    timing: 'usual',
    isReturned: false,
    ...more,
  }
}

/** The part of a row that says how its debits fail. */
function failing(code: keyof typeof failures, more: Partial<BankRow> = {}): Partial<BankRow> {
  return { behaviour: `Fails: ${code.replaceAll('_', ' ')}`, failure: failures[code], ...more }
}

const returned = { behaviour: 'Succeeds, then is returned', isReturned: true }
const late = { behaviour: 'Succeeds late', timing: 'late' } as const

// The codes with which European, British, Canadian and New Zealand test accounts and PayTo fail are ours [U].
const rows: readonly BankRow[] = [
  bank('us_bank_account', '110000000/000123456789', { method: 'pm_usBankAccount_success' }),
  bank('us_bank_account', '110000000/000111111116', failing('no_account', { method: 'pm_usBankAccount_noAccount' })),
  bank(
    'us_bank_account',
    '110000000/000111111113',
    failing('account_closed', { method: 'pm_usBankAccount_accountClosed' }),
  ),
  bank(
    'us_bank_account',
    '110000000/000222222227',
    failing('insufficient_funds', {
      method: 'pm_usBankAccount_insufficientFunds',
    }),
  ),
  bank(
    'us_bank_account',
    '110000000/000333333335',
    failing('debit_not_authorized', {
      method: 'pm_usBankAccount_debitNotAuthorized',
    }),
  ),
  bank('us_bank_account', '110000000/000555555559', { ...returned, method: 'pm_usBankAccount_dispute' }),
  bank('au_becs_debit', '000000/000123456'),
  bank('au_becs_debit', '000000/900123456', late),
  bank('au_becs_debit', '000000/111111113', failing('account_closed')),
  bank('au_becs_debit', '000000/111111116', failing('no_account')),
  bank('au_becs_debit', '000000/222222227', failing('refer_to_customer')),
  bank('au_becs_debit', '000000/333333335', failing('debit_not_authorized')),
  bank('au_becs_debit', '000000/666666660', returned),
  bank('sepa_debit', 'AT611904300234573201'),
  bank('sepa_debit', 'AT321904300235473204', { behaviour: 'Succeeds after 3 minutes', timing: 'three_minutes' }),
  bank('sepa_debit', 'AT861904300235473202', failing('insufficient_funds')),
  bank(
    'sepa_debit',
    'AT591904300235473203',
    failing('insufficient_funds', { behaviour: 'Fails late', timing: 'late' }),
  ),
  bank('sepa_debit', 'IT60X0542811101000000123456', failing('debit_not_authorized')),
  bank('bacs_debit', '108800/00012345'),
  bank('bacs_debit', '108800/00012343', failing('account_closed')),
  bank('bacs_debit', '108800/00012346', failing('no_account')),
  bank('nz_bank_account', '11/0000/0000000/010'),
  bank('nz_bank_account', '11/0000/0000000/013', failing('account_closed')),
  bank('nz_bank_account', '11/0000/0000000/016', failing('no_account')),
  bank('payto', '000000/000000010'),
  bank('payto', '000000/000000013', failing('account_closed')),
  bank('payto', '000000/000000016', failing('no_account')),
  bank('acss_debit', '000/11000/000123456789'),
  bank('acss_debit', '000/11000/900123456789', late),
  bank('acss_debit', '000/11000/000222222227', failing('insufficient_funds')),
  bank('acss_debit', '000/11000/000333333335', failing('debit_not_authorized')),
]

const byNumber = new Map(rows.map((row) => [keyOf(row.type, row.number), row]))
const byMethod = new Map(rows.flatMap((row) => (row.method === null ? [] : [[row.method, row] as const])))

/** Name of a row, as a method keeps it. */
export function keyOf(type: DebitType, number: string): string {
  return `${type}:${number}`
}

export function findBank(type: DebitType, number: string): BankRow | undefined {
  return byNumber.get(keyOf(type, number))
}

/** For names such as 'pm_usBankAccount_success'. */
export function findBankByMethod(name: string): BankRow | undefined {
  return byMethod.get(name)
}

/** The row a method keeps the name of. */
export function getBank(key: string): BankRow {
  const row = byNumber.get(key)
  if (row === undefined) throw new Error(`There is no test bank account ${key}.`)
  return row
}

export function listBanks(type: DebitType): readonly BankRow[] {
  return rows.filter((row) => row.type === type)
}
