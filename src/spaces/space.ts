/** The nouns of this module as others see them: a location, a category with its prices, a space. */
import type { Uuid } from '#kernel'
import type { IntervalCode } from './interval.ts'

/** Where spaces stand. Its time zone decides what "today" is (BIL-33). */
export type Location = {
  readonly id: Uuid
  readonly name: string
  /** IANA, such as `Pacific/Auckland`. */
  readonly timeZone: string
  readonly currency: string
}

/** What spaces of one kind cost (BIL-1). */
export type Category = {
  readonly id: Uuid
  readonly code: string
  readonly name: string
  readonly priceBasis: 'daily_rate' | 'period_price'
  /** Exact decimal of minor units per day, such as `333.33`. */
  readonly dailyRate?: string
  /** Minor units per interval code. */
  readonly periodPrices: Readonly<Record<IntervalCode, bigint>>
  readonly depositMinor: bigint
  readonly taxRateId?: Uuid
}

export type Prices = Pick<Category, 'dailyRate' | 'periodPrices' | 'depositMinor'>

export type Space = {
  readonly id: Uuid
  readonly number: string
  readonly title: string
  readonly locationId: Uuid
  readonly category: Category
  readonly suspendedReason?: string
}
