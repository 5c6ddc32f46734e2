/**
 * How an account is paid out, asked of Stripe now (MON-23, MON-25 to MON-27). Nothing of it is kept here: the screen shows what Stripe reports
 * with the time of asking. A part Stripe does not show to this key is absent and said to be, never guessed.
 */
import { done, localDateAt, type LocalDate, type Outcome, type Scope } from '#kernel'
import { findChargingConnection, stripeScopeOf, type Connection, type ConnectionGround } from '#connections'
import { getCompany } from '#operators'
import { inScope } from '#platform'
import { StripeFault, type BankSeen, type PayoutSettingsSeen } from '#stripe'
import { nextPayoutOn, readSchedule, scheduleWords, type PayoutSchedule } from './payout-schedule.ts'
import { refuse, refuseFault, type PayoutProblem } from './problems.ts'
import { measuredHoldDays, suggestSchedule, type Suggestion } from './suggest-schedule.ts'

export type PayoutGround = Pick<ConnectionGround, 'database' | 'box' | 'stripe'>

export type PayoutsView = {
  readonly connection: Connection
  readonly askedAt: Date
  readonly settings: PayoutSettingsSeen
  /** Undefined when Stripe reports a schedule nobody here knows; its word is then shown as it is. */
  readonly schedule: PayoutSchedule | undefined
  readonly words: string
  readonly nextOn: LocalDate | undefined
  readonly hold: { readonly days: number; readonly count: number } | undefined
  /** Absent when it is what Stripe has already. */
  readonly suggestion: Suggestion | undefined
  readonly banks: readonly BankSeen[] | undefined
  /** Currencies that are charged and have no bank. */
  readonly withoutBank: readonly string[]
}

const fourWeeksMs = 28 * 24 * 60 * 60 * 1000

/** @returns the view, or a refusal when there is no connection or Stripe does not answer. */
export async function readPayouts(ground: PayoutGround, scope: Scope): Promise<Outcome<PayoutsView, PayoutProblem>> {
  const { connection, company } = await inScope(ground.database, scope, async (rows) => ({
    connection: await findChargingConnection(rows),
    company: await getCompany(rows),
  }))
  if (!connection || connection.state !== 'connected') return refuse('no_connection')
  const seen = await ask(ground, connection)
  if (seen instanceof StripeFault) return refuseFault(seen)
  const { settings, sales, payouts, banks } = seen
  const askedAt = ground.database.clock.now()
  const schedule = readSchedule(settings.schedule)
  const own = sales.filter(({ currency }) => currency === company.currency)
  const today = localDateAt(askedAt, company.timeZone)
  const suggestion = suggestSchedule({ sales: own, payouts, today, timeZone: company.timeZone })
  const isTaken = schedule && scheduleWords(schedule) === suggestion.words
  const charged = [...new Set([company.currency, ...sales.map(({ currency }) => currency)])]
  return done({
    connection,
    askedAt,
    settings,
    schedule,
    words: schedule ? scheduleWords(schedule) : settings.schedule.interval,
    nextOn: schedule && nextPayoutOn(schedule, localDateAt(askedAt, 'UTC')),
    hold: measuredHoldDays(sales),
    suggestion: isTaken ? undefined : suggestion,
    banks,
    withoutBank: banks ? charged.filter((currency) => !banks.some((bank) => bank.currency === currency)) : [],
  })
}

async function ask({ database, box, stripe }: PayoutGround, connection: Connection) {
  const scope = stripeScopeOf(box, connection)
  const since = new Date(database.clock.now().getTime() - fourWeeksMs)
  const { accountId } = connection
  try {
    const [settings, sales, payouts, banks] = await Promise.all([
      stripe.readPayoutSettings(scope),
      shownOrNone(stripe.listSales(scope, since)),
      shownOrNone(stripe.listPayouts(scope, since)),
      accountId === null ? undefined : stripe.listBanks(scope, accountId),
    ])
    return { settings, sales, payouts, banks }
  } catch (error) {
    if (error instanceof StripeFault) return error
    throw error
  }
}

/** A narrow key may not see them; then nothing is measured and nothing suggested from them. */
async function shownOrNone<Row>(asking: Promise<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof StripeFault && error.kind === 'permission') return []
    throw error
  }
}
