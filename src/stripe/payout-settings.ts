/**
 * How and where Stripe pays an account out: its schedule, its hold, its banks (MON-23, MON-27). Stripe's word is shown and never a wish of
 * ours. What surprises: the same settings have two addresses. Balance settings are asked first; an account or a key that has none is
 * asked for the older `settings.payouts`.
 */
import type { AccountId } from '#kernel'
import { balanceTransactionIn, type BalanceTransactionSeen } from './accounts.ts'
import type { Call, StripeScope } from './call.ts'
import { StripeFault } from './fault.ts'
import {
  amountOf,
  currencyOf,
  expandedOf,
  fieldsOf,
  flagOf,
  instantOf,
  listOf,
  objectOf,
  optionalText,
  present,
  textOf,
  WrongShape,
  type Fields,
} from './shape.ts'

/** Days of the week in Stripe's words, days of the month from 1 to 31; both as far as Stripe says them. */
export type ScheduleSeen = {
  /** daily, weekly, monthly or manual; an unknown word is possible. */
  readonly interval: string
  readonly weeklyDays: readonly string[]
  readonly monthlyDays: readonly number[]
}

export type PayoutSettingsSeen = {
  /** `enabled` or `disabled`; empty where the older address does not say. */
  readonly status: string
  readonly schedule: ScheduleSeen
  /** Days from a payment to the day its money can be paid out. */
  readonly delayDays: number
  readonly isDelayChosen: boolean
  readonly debitsNegativeBalances: boolean
  readonly statementDescriptor?: string
  /** Kept back in Stripe, by currency. */
  readonly minimumBalances: readonly { readonly currency: string; readonly amountMinor: bigint }[]
  /** Where it stands, and so where it is written. */
  readonly source: 'balance_settings' | 'account'
}

export type BankSeen = {
  readonly id: string
  readonly bankName: string
  readonly country: string
  readonly currency: string
  readonly last4: string
  readonly isDefault: boolean
  /** new, validated, verified, verification_failed, tokenized_account_number_deactivated or errored. */
  readonly status: string
}

/** Money that came in, as the balance has it: when, how much is left after fees, and from when it can be paid out. */
export type SaleSeen = Pick<BalanceTransactionSeen, 'netMinor' | 'currency' | 'availableOn'> & {
  readonly createdAt: Date
}

export type ScheduleWish = {
  readonly schedule: ScheduleSeen
  /** Undefined leaves the hold as it is; null gives Stripe's own minimum back. */
  readonly delayDays?: number | null | undefined
  readonly idempotencyKey: string
}

export function payoutSettingsCalls(call: Call) {
  const readNew = (scope: StripeScope): Promise<PayoutSettingsSeen> =>
    call(scope, {
      operation: 'balance_settings.retrieve',
      send: (client, options) => client.balanceSettings.retrieve({}, options),
      read: readBalanceSettings,
    })
  const readOld = (scope: StripeScope): Promise<PayoutSettingsSeen> =>
    call(scope, {
      operation: 'accounts.retrieve_current',
      send: (client, options) => client.accounts.retrieveCurrent({}, options),
      read: (body) => readAccountSettings(body, scope),
    })
  return {
    /** @throws StripeFault, `permission` when the key may see neither address */
    readPayoutSettings: (scope: StripeScope): Promise<PayoutSettingsSeen> =>
      readNew(scope).catch((error: unknown) => {
        if (isUnavailable(error)) return readOld(scope)
        throw error
      }),

    /**
     * Writes schedule and hold where they were read. What Stripe says afterwards has to be read again.
     * @throws StripeFault, `permission` or `invalid` where only the account's owner may change it
     */
    changePayoutSettings: async (
      scope: StripeScope,
      wish: ScheduleWish & { readonly source: PayoutSettingsSeen['source']; readonly account: AccountId | undefined },
    ): Promise<void> => {
      if (wish.source === 'balance_settings') await changeNew(call, scope, wish)
      else await changeOld(call, scope, wish)
    },

    /** The accounts at banks that payouts go to; undefined where Stripe does not show them to this key. @throws StripeFault */
    listBanks: (scope: StripeScope, account: AccountId): Promise<readonly BankSeen[] | undefined> =>
      call(scope, {
        operation: 'accounts.external_accounts.list',
        send: (client, options) =>
          client.accounts.listExternalAccounts(account, { object: 'bank_account', limit: 100 }, options),
        read: (body) => listOf(body, readBank).rows,
      }).catch((error: unknown) => {
        if (isUnavailable(error)) return undefined
        throw error
      }),
  }
}

/** What has come in lately. */
export function turnoverCalls(call: Call) {
  return {
    /** The newest payments on the balance, at most a hundred. @throws StripeFault */
    listSales: (scope: StripeScope, since: Date): Promise<readonly SaleSeen[]> =>
      call(scope, {
        operation: 'balance_transactions.list',
        send: (client, options) =>
          client.balanceTransactions.list(
            { type: 'charge', limit: 100, created: { gte: Math.floor(since.getTime() / 1000) } },
            options,
          ),
        read: (body) => listOf(body, readSale).rows,
      }),
  }
}

/** No such address for this account, or none for this key. */
function isUnavailable(error: unknown): boolean {
  return error instanceof StripeFault && ['permission', 'missing', 'invalid'].includes(error.kind)
}

type Change = ScheduleWish & { readonly account: AccountId | undefined }

function changeNew(call: Call, scope: StripeScope, { schedule, delayDays, idempotencyKey }: Change): Promise<unknown> {
  return call(scope, {
    operation: 'balance_settings.update',
    idempotencyKey,
    send: (client, options) =>
      client.balanceSettings.update(
        {
          payments: {
            payouts: { schedule: daysOf(schedule) as never },
            ...(delayDays !== undefined && {
              settlement_timing: { delay_days_override: delayDays === null ? '' : delayDays },
            }),
          },
        },
        options,
      ),
    read: readBalanceSettings,
  })
}

function changeOld(
  call: Call,
  scope: StripeScope,
  { schedule, delayDays, idempotencyKey, account }: Change,
): Promise<unknown> {
  const delay = delayDays === undefined ? {} : { delay_days: delayDays === null ? ('minimum' as const) : delayDays }
  return call(scope, {
    operation: 'accounts.update',
    idempotencyKey,
    send: (client, { stripeAccount: _inAddress, ...options }) =>
      // The platform's call about an account carries its id in the address and not in the header.
      client.accounts.update(
        account ?? 'unknown',
        { settings: { payouts: { schedule: { ...(daysOf(schedule) as object), ...delay } } } },
        options,
      ),
    read: (body) => readAccountSettings(body, scope),
  })
}

function daysOf({ interval, weeklyDays, monthlyDays }: ScheduleSeen) {
  return {
    interval,
    ...(interval === 'weekly' && { weekly_payout_days: [...weeklyDays] }),
    ...(interval === 'monthly' && { monthly_payout_days: [...monthlyDays] }),
  }
}

function readBalanceSettings(body: unknown): PayoutSettingsSeen {
  const fields = fieldsOf(body, 'balance settings')
  if (fields['object'] !== 'balance_settings') throw new WrongShape('expected balance settings')
  const payments = fieldsOf(fields['payments'], 'payments')
  const payouts = fieldsOf(payments['payouts'], 'payouts')
  const timing = fieldsOf(payments['settlement_timing'], 'settlement_timing')
  const override = timing['delay_days_override']
  return present({
    status: optionalText(payouts, 'status') ?? '',
    schedule: readSchedule(expandedOf(payouts, 'schedule') ?? {}),
    delayDays: daysIn(timing, 'delay_days'),
    isDelayChosen: override !== undefined && override !== null,
    debitsNegativeBalances: payments['debit_negative_balances'] === true,
    statementDescriptor: optionalText(payouts, 'statement_descriptor'),
    minimumBalances: readMinimums(payouts['minimum_balance_by_currency']),
    source: 'balance_settings' as const,
  })
}

function readAccountSettings(body: unknown, scope: StripeScope): PayoutSettingsSeen {
  const fields = objectOf(body, { object: 'account', prefix: 'acct_', mode: scope.mode })
  const payouts = fieldsOf(fieldsOf(fields['settings'], 'settings')['payouts'], 'payouts')
  const schedule = fieldsOf(payouts['schedule'], 'schedule')
  return present({
    status: flagOf(fields, 'payouts_enabled') ? 'enabled' : 'disabled',
    schedule: readSchedule(schedule),
    delayDays: daysIn(schedule, 'delay_days'),
    isDelayChosen: false,
    debitsNegativeBalances: payouts['debit_negative_balances'] === true,
    statementDescriptor: optionalText(payouts, 'statement_descriptor'),
    minimumBalances: [],
    source: 'account' as const,
  })
}

/** With the older single anchors where the lists are not there. */
function readSchedule(fields: Fields): ScheduleSeen {
  const { weekly_payout_days: weekly, monthly_payout_days: monthly } = fields
  const { weekly_anchor: weekDay, monthly_anchor: monthDay } = fields
  const days = Array.isArray(weekly) ? weekly : [weekDay]
  const dates = Array.isArray(monthly) ? monthly : [monthDay]
  return {
    interval: optionalText(fields, 'interval') ?? '',
    weeklyDays: days.filter((day): day is string => typeof day === 'string'),
    monthlyDays: dates.filter((day): day is number => typeof day === 'number'),
  }
}

function daysIn(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new WrongShape(`${name} is not a number of days`)
  return value
}

function readMinimums(value: unknown): PayoutSettingsSeen['minimumBalances'] {
  if (value === undefined || value === null) return []
  const fields = fieldsOf(value, 'minimum_balance_by_currency')
  return Object.keys(fields).map((currency) => ({
    currency: currency.toUpperCase(),
    amountMinor: amountOf(fields, currency),
  }))
}

function readBank(row: unknown): BankSeen {
  const fields = fieldsOf(row, 'bank account')
  if (fields['object'] !== 'bank_account') throw new WrongShape('expected a bank account')
  return {
    id: textOf(fields, 'id'),
    bankName: optionalText(fields, 'bank_name') ?? '',
    country: optionalText(fields, 'country') ?? '',
    currency: currencyOf(fields),
    last4: optionalText(fields, 'last4') ?? '',
    isDefault: fields['default_for_currency'] === true,
    status: optionalText(fields, 'status') ?? '',
  }
}

function readSale(row: unknown): SaleSeen {
  const seen = balanceTransactionIn({ row }, 'row')
  if (!seen) throw new WrongShape('expected a balance transaction')
  return { ...seen, createdAt: instantOf(fieldsOf(row, 'balance transaction'), 'created') }
}
