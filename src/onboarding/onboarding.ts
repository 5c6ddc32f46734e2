/**
 * The noun: an account made under the installation's own for one operator and mode (STR-29), as we last saw it. The connection it belongs
 * to is owned by connections; here stands how far its owner has come at Stripe.
 */
import type { Scope, Uuid } from '#kernel'
import type { Database, SecretBox } from '#platform'
import type { AccountsApi, ConnectedAccountSeen, StripeGateway, StripeScope } from '#stripe'
import type { StatusDetail } from './account-status.ts'

export type OnboardingGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  /** Base of every address, without a slash at its end. */
  readonly publicUrl: string
}

export const businessTypes = ['company', 'individual', 'non_profit'] as const
export type BusinessType = (typeof businessTypes)[number]

export type ConnectAccount = {
  readonly connectionId: Uuid
  /** Which of Stripe's APIs it is made and read with. */
  readonly api: AccountsApi
  readonly country: string
  /** What it is paid out in, and other money is converted to; null where Stripe was left to choose. */
  readonly currency: string | null
  readonly businessType: BusinessType | null
  readonly email: string
  readonly website: string
  readonly seen: ConnectedAccountSeen | null
  readonly statusDetail: StatusDetail
  /** Whether it ever took payments. */
  readonly wasActive: boolean
  /** When the asking began that brought `seen`. */
  readonly fetchedAt: Date | null
  readonly dirtyAt: Date | null
  readonly askedAt: Date | null
  /** When somebody last came back from Stripe's form. */
  readonly returnedAt: Date | null
  /** Which classes of details are asked for, and since when this set stands; empty when nothing is. */
  readonly demandSet: string
  readonly demandedSince: Date | null
  readonly createdAt: Date
}

/** What the platform does for itself, such as making an account; no account is named. */
export function platformScope({ operatorId, mode }: Scope, connectionId: Uuid): StripeScope {
  return { credential: 'platform', mode, operatorId, connectionId }
}

/** The bank debit of each country Stripe offers one in; the account asks for it beside cards (STR-30). */
const debits: Readonly<Record<string, string>> = {
  AU: 'au_becs_debit_payments',
  NZ: 'nz_bank_account_becs_debit_payments',
  US: 'us_bank_account_ach_payments',
  CA: 'acss_debit_payments',
  GB: 'bacs_debit_payments',
}
const euro = 'AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' ')

export function capabilitiesOf(country: string): readonly string[] {
  const debit = debits[country] ?? (euro.includes(country) ? 'sepa_debit_payments' : undefined)
  return ['card_payments', 'transfers', ...(debit === undefined ? [] : [debit])]
}

/** Where Stripe sends people: back after the form, and when a link had ended (STR-33). Neither proves anything. */
export function wayBack(publicUrl: string, connection: string): { returnUrl: string; refreshUrl: string } {
  return {
    returnUrl: `${publicUrl}/v2/preview/onboarding?step=7&c=${connection}`,
    refreshUrl: `${publicUrl}/connect/refresh?c=${connection}`,
  }
}
