/**
 * Two ways of renting out, as a first answer to every question (BIL-28). Only what has an effect stands here: which intervals are offered,
 * which day rent falls due, whether a deposit is usual. What surprises: the prices are examples to be written over; nothing is created by
 * choosing a preset.
 */
import type { BillingRules, PresetId } from './billing-rules.ts'
import type { NewCategory } from './create-category.ts'

export type Preset = {
  readonly id: PresetId
  readonly label: string
  readonly about: string
  readonly rules: BillingRules
  readonly categories: readonly NewCategory[]
}

export const presets: readonly Preset[] = [
  {
    id: 'coworking',
    label: 'Coworking: desks and offices',
    about:
      'By the month, quarter or year. Rent falls due on the first day of the month; a first part of a month is charged by its days.',
    rules: { preset: 'coworking', anchorDay: 1 },
    categories: [
      coworking('OFF', 'Private office', ['400', '1140', '4320']),
      coworking('DESK', 'Dedicated desk', ['150', '430', '1620']),
      coworking('HOT', 'Hot desk', ['90', '255', '970']),
    ],
  },
  {
    id: 'storage',
    label: 'Storage: units and lockers',
    about: 'By the day, billed every 30, 90 or 365 days counted from the first day, with a deposit.',
    rules: { preset: 'storage', anchorDay: null },
    categories: [
      storage('S', 'Small unit', ['2', '60']),
      storage('M', 'Medium unit', ['4', '120']),
      storage('L', 'Large unit', ['7', '210']),
    ],
  },
]

function coworking(code: string, name: string, [month, quarter, year]: [string, string, string]): NewCategory {
  return { code, name, priceBasis: 'period_price', periodPrices: { month, quarter, year }, deposit: '0' }
}

function storage(code: string, name: string, [dailyRate, deposit]: [string, string]): NewCategory {
  return { code, name, priceBasis: 'daily_rate', dailyRate, deposit }
}
