/**
 * The kernel: money, ids, local dates, scope, outcomes and assertions. Pure, and knows nothing of rent, of Stripe or of a
 * database. Screens may use it too, so nothing here reaches for Node.
 */
export { assert } from './assert.ts'
export { bankZone, isBusinessDay, nextBusinessMorning } from './bank-days.ts'
export { currencies, currencyOf, incrementMinorOf, isKnownCurrency, type Currency } from './currency.ts'
export { addDays, compareDates, daysBetween, isLocalDate, localDateAt, type LocalDate } from './local-date.ts'
export {
  idPrefixes,
  isUuid,
  parseId,
  publicId,
  type AccountId,
  type ChargeId,
  type CheckoutSessionId,
  type CustomerId,
  type IdKind,
  type OperatorId,
  type PaymentIntentId,
  type PaymentMethodId,
  type PayoutId,
  type PublicId,
  type SetupIntentId,
  type StripeRefundId,
  type Uuid,
} from './ids.ts'
export { toColumns, toFields } from './columns.ts'
export { formatMoney, moneyText, parseMoney, plainDecimal, type Money } from './money.ts'
export { nearestWord } from './nearest-word.ts'
export { done, refused, type Outcome, type Refusal, type Problem } from './outcome.ts'
export { pollPauseMs } from './poll-schedule.ts'
export { cumulativeShares, decimalToFraction, divideRounded, multiplyDecimal } from './rounding.ts'
export { isMode, type Mode, type Scope } from './scope.ts'
