/** `/v1/balance_settings`: what may be changed about an account's payouts, and what is refused (SBX-45). */
import { refuse } from '../errors.ts'
import { currencies, defaultDelayDays } from '../facts.ts'
import { isGroup } from '../protocol/form.ts'
import { operation, plain } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { clearable, flag, group, integer, list, oneOf, text } from '../protocol/parameters.ts'
import type { Parameter } from '../protocol/parameters.ts'
import { payoutWeekdays } from './schedule.ts'
import type { Schedule } from './schedule.ts'
import { changePayoutSettings } from './change-settings.ts'
import { describeBalanceSettings, readAccountPayouts, readPayoutSettings } from './settings.ts'

/** Amount by currency; an empty one removes that currency, an empty whole removes all. */
type MinimumChange = Readonly<Record<string, number | null>> | null

const minimum = clearable(integer({ min: 0, max: 99_999_999_999 }))

function minimumBalances(): Parameter<MinimumChange> {
  return {
    isRequired: false,
    read(value, path) {
      if (value === '') return null
      if (!isGroup(value)) throw refuse('Invalid object', { param: path })
      return Object.fromEntries(
        Object.entries(value).map(([currency, amount]) => {
          const param = `${path}[${currency}]`
          if (!currencies.has(currency)) throw refuse(`Invalid currency: ${currency}`, { param })
          return [currency, minimum.read(amount, param)]
        }),
      )
    },
  }
}

const scheduleParameters = {
  interval: oneOf('daily', 'manual', 'monthly', 'weekly'),
  monthly_payout_days: list(integer({ min: 1, max: 31 }), { min: 1, max: 31 }),
  weekly_payout_days: list(oneOf(...payoutWeekdays), { min: 1, max: 5 }),
}

const payments = group({
  debit_negative_balances: flag(),
  payouts: group(
    {
      minimum_balance_by_currency: minimumBalances(),
      schedule: group(scheduleParameters),
      statement_descriptor: text(22),
    },
    ['automatic_transfer_rules_by_currency'],
  ),
  settlement_timing: group({ delay_days_override: clearable(integer({ min: 0, max: 31 })) }, ['start_of_day']),
})

interface ScheduleChange {
  readonly interval?: 'daily' | 'manual' | 'monthly' | 'weekly' | undefined
  readonly monthly_payout_days?: readonly number[] | undefined
  readonly weekly_payout_days?: readonly (typeof payoutWeekdays)[number][] | undefined
}

const schedulePath = 'payments[payouts][schedule]'

/** Days belong to their interval: the one asked for, or the one already set. Throws StripeRefusal otherwise. */
function changeSchedule(before: Schedule, change: ScheduleChange | undefined): Schedule {
  if (change === undefined) return before
  const interval = change.interval ?? before.interval
  const base = { delay_days: before.delay_days, interval }
  const weekly = change.weekly_payout_days ?? before.weekly_payout_days
  const monthly = change.monthly_payout_days ?? before.monthly_payout_days
  checkDays(change, interval, { weekly, monthly })
  if (interval === 'weekly' && weekly !== undefined)
    return { ...base, weekly_anchor: String(weekly[0]), weekly_payout_days: [...weekly] }
  if (interval === 'monthly' && monthly !== undefined)
    return { ...base, monthly_anchor: Number(monthly[0]), monthly_payout_days: [...monthly] }
  return base
}

function checkDays(
  change: ScheduleChange,
  interval: string,
  days: { weekly: readonly string[] | undefined; monthly: readonly number[] | undefined },
): void {
  for (const [name, of] of [
    ['weekly_payout_days', 'weekly'],
    ['monthly_payout_days', 'monthly'],
  ] as const) {
    const param = `${schedulePath}[${name}]`
    const asked = change[name]
    if (asked !== undefined && interval !== of)
      throw refuse(`You can only set \`${name}\` when the payout schedule interval is \`${of}\`.`, { param })
    if (interval === of && days[of] === undefined) {
      throw refuse(`You must provide \`${name}\` when the payout schedule interval is \`${of}\`.`, {
        code: 'parameter_missing',
        param,
      })
    }
    if (asked !== undefined && new Set<unknown>(asked).size < asked.length)
      throw refuse(`\`${name}\` must not name a day twice.`, { param })
  }
}

function changeMinimum(
  before: Readonly<Record<string, number>>,
  change: MinimumChange | undefined,
): Readonly<Record<string, number>> {
  if (change === undefined) return before
  if (change === null) return {}
  return Object.fromEntries(
    Object.entries({ ...before, ...change }).flatMap(([currency, amount]) =>
      amount === null ? [] : [[currency, amount]],
    ),
  )
}

const path = '/v1/balance_settings'

export const balanceSettings: ObjectModule = {
  operations: [
    operation({
      method: 'GET',
      path,
      permission: 'balance_settings_read',
      parameters: {},
      run: (call) => plain(describeBalanceSettings(call.space)),
    }),
    operation({
      method: 'POST',
      path,
      permission: 'balance_settings_write',
      parameters: { payments },
      run({ space, params }) {
        const wish = params.payments
        const account = readAccountPayouts(space)
        const beside = readPayoutSettings(space)
        const override = wish?.settlement_timing?.delay_days_override
        const schedule = changeSchedule(account.schedule, wish?.payouts?.schedule)
        const settings = changePayoutSettings(space, {
          account: {
            debit_negative_balances: wish?.debit_negative_balances ?? account.debit_negative_balances,
            schedule: override === undefined ? schedule : { ...schedule, delay_days: override ?? defaultDelayDays },
            statement_descriptor: wish?.payouts?.statement_descriptor ?? account.statement_descriptor,
          },
          beside: {
            hasDelayOverride: override === undefined ? beside.hasDelayOverride : override !== null,
            minimumBalances: changeMinimum(beside.minimumBalances, wish?.payouts?.minimum_balance_by_currency),
          },
        })
        return plain(settings)
      },
    }),
  ],
}
