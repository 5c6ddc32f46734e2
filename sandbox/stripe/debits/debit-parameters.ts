/** Bank accounts as parameters of a payment method, each kind in its own shape, and the method made of them. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { clearable, group, oneOf, required, text } from '../protocol/parameters.ts'
import type { Values } from '../protocol/parameters.ts'
import { lettersFrom } from '../world/ids.ts'
import type { Space } from '../world/space.ts'
import { rulesOf } from './debit-types.ts'
import type { DebitType } from './debit-types.ts'
import { findBank } from './test-accounts.ts'
import type { BankRow } from './test-accounts.ts'

const number = required(text(40))
const holder = oneOf('company', 'individual')
const usType = oneOf('checking', 'savings')

/** What may be changed of an American account afterwards. */
export const usAccountChange = group({ account_holder_type: holder, account_type: usType })

const unbuiltOptions = ['mandate_options', 'setup_future_usage', 'target_date']
const verification = { verification_method: oneOf('automatic', 'instant', 'microdeposits') }

/** The debits' part of `payment_method_options`. An account typed by hand is verified by deposits whatever is asked. */
export const debitOptions = {
  us_bank_account: clearable(
    group(verification, [...unbuiltOptions, 'financial_connections', 'networks', 'transaction_purpose']),
  ),
  acss_debit: clearable(group(verification, [...unbuiltOptions, 'currency'])),
  au_becs_debit: clearable(group({}, unbuiltOptions)),
  nz_bank_account: clearable(group({}, unbuiltOptions)),
  payto: clearable(group({}, unbuiltOptions)),
  sepa_debit: clearable(group({}, unbuiltOptions)),
  bacs_debit: clearable(group({}, unbuiltOptions)),
}

export const debitGroups = {
  us_bank_account: group(
    { account_number: number, routing_number: number, account_holder_type: holder, account_type: usType },
    ['financial_connections_account'],
  ),
  au_becs_debit: group({ account_number: number, bsb_number: number }),
  nz_bank_account: group({
    account_holder_name: text(200),
    account_number: number,
    bank_code: number,
    branch_code: number,
    reference: text(100),
    suffix: number,
  }),
  payto: group({ account_number: number, bsb_number: number }, ['pay_id']),
  sepa_debit: group({ iban: number }),
  bacs_debit: group({ account_number: number, sort_code: number }),
  acss_debit: group({ account_number: number, institution_number: number, transit_number: number }),
}

export type DebitParameters = Values<typeof debitGroups>

type Part = Pick<Stripe.PaymentMethod, DebitType>

export interface ReadDebit {
  readonly bank: BankRow
  readonly part: Part
}

function digits(written: string): string {
  return written.replaceAll(/[\s-]/g, '').toUpperCase()
}

/** The account number as the table of test accounts writes it. */
function writeNumber(type: DebitType, given: DebitParameters): string | undefined {
  const { us_bank_account: us, au_becs_debit: becs, nz_bank_account: nz, payto, sepa_debit: sepa } = given
  const { bacs_debit: bacs, acss_debit: acss } = given
  const parts: Readonly<Record<DebitType, readonly string[] | undefined>> = {
    us_bank_account: us && [us.routing_number, us.account_number],
    au_becs_debit: becs && [becs.bsb_number, becs.account_number],
    nz_bank_account: nz && [nz.bank_code, nz.branch_code, nz.account_number, nz.suffix],
    payto: payto && [payto.bsb_number, payto.account_number],
    sepa_debit: sepa && [sepa.iban],
    bacs_debit: bacs && [bacs.sort_code, bacs.account_number],
    acss_debit: acss && [acss.institution_number, acss.transit_number, acss.account_number],
  }
  return parts[type]?.map(digits).join('/')
}

/** Throws StripeRefusal for what is missing, for parts of another kind, and for a number outside the table (SBX-3). */
export function readDebit(space: Space, type: DebitType, given: DebitParameters): ReadDebit {
  const written = writeNumber(type, given)
  if (written === undefined)
    throw refuse(`Missing required param: ${type}.`, { code: 'parameter_missing', param: type })
  const bank = findBank(type, written)
  if (bank === undefined) {
    const message =
      'Use a test account. The sandbox takes no real bank account; the table of test accounts is on its pages.'
    throw refuse(message, { code: 'payment_method_invalid_parameter_testmode', param: type })
  }
  const us = given.us_bank_account
  const more = {
    accountType: us?.account_type ?? 'checking',
    holderType: us?.account_holder_type ?? 'individual',
    holderName: given.nz_bank_account?.account_holder_name ?? null,
  }
  return { bank, part: buildPart(space, bank, more) }
}

/** Throws StripeRefusal for billing details this kind cannot do without. */
export function checkBilling(type: DebitType, billing: Stripe.PaymentMethod.BillingDetails): void {
  const lacking = rulesOf(type).billing.find((name) =>
    name === 'address' ? billing.address?.line1 == null : billing[name] == null,
  )
  if (lacking === undefined) return
  const param = `billing_details[${lacking}]`
  throw refuse(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
}

/** The account as a method shows it: never the whole number. */
export function buildPart(
  space: Space,
  bank: BankRow,
  more: { accountType: string; holderType: string; holderName: string | null },
): Part {
  const parts = bank.number.split('/')
  const [first = '', second = ''] = parts
  const last4 = bank.number.replaceAll('/', '').slice(-4)
  const fingerprint = lettersFrom(`${space.world.ids.seed}/${space.name}/${bank.number}`, 16)
  const build: Readonly<Record<DebitType, () => Part>> = {
    us_bank_account: () => ({
      us_bank_account: {
        account_holder_type: more.holderType,
        account_type: more.accountType,
        bank_name: 'STRIPE TEST BANK',
        financial_connections_account: null,
        fingerprint,
        last4,
        networks: { preferred: 'ach', supported: ['ach'] },
        routing_number: first,
        status_details: {},
      },
    }),
    au_becs_debit: () => ({ au_becs_debit: { bsb_number: first, fingerprint, last4 } }),
    nz_bank_account: () => ({
      nz_bank_account: {
        account_holder_name: more.holderName,
        bank_code: first,
        bank_name: 'STRIPE TEST BANK',
        branch_code: second,
        last4: (parts[2] ?? '').slice(-4),
        suffix: parts[3] ?? null,
      },
    }),
    payto: () => ({ payto: { bsb_number: first, last4, pay_id: null } }),
    sepa_debit: () => ({
      sepa_debit: {
        bank_code: first.slice(4, 9),
        branch_code: null,
        country: first.slice(0, 2),
        fingerprint,
        generated_from: { charge: null, setup_attempt: null },
        last4,
      },
    }),
    bacs_debit: () => ({ bacs_debit: { fingerprint, last4, sort_code: first } }),
    acss_debit: () => ({
      acss_debit: {
        bank_name: 'STRIPE TEST BANK',
        fingerprint,
        institution_number: first,
        last4,
        transit_number: second,
      },
    }),
  }
  return build[bank.type]()
}
