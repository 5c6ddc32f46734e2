/**
 * How far an operator has come (UI-140). What surprises: which step is next is never stored. It is the first one without a mark, so a
 * reload, another device and another person of the same operator all continue at the same place.
 */
import type { ScopedHandle } from '#platform'
import { readOnboarding, readSteps } from './store.ts'

export const stepNumbers = [1, 2, 3, 4, 5, 6, 7, 8] as const
export type StepNumber = (typeof stepNumbers)[number]
export type StepMark = 'done' | 'skipped'

const titles: Readonly<Record<StepNumber, string>> = {
  1: 'Business',
  2: 'Location and time zone',
  3: 'Categories and prices',
  4: 'Spaces',
  5: 'Billing and tax',
  6: 'Agreement',
  7: 'Payments',
  8: 'Booking page and staff',
}

/** Business, place and the rules of billing have to be looked at; everything else can wait. */
const required: readonly StepNumber[] = [1, 2, 5]

export type Onboarding = {
  /** False for an operator from before there were steps. */
  readonly isBegun: boolean
  readonly steps: readonly {
    readonly number: StepNumber
    readonly title: string
    readonly state: 'open' | StepMark
    readonly canSkip: boolean
  }[]
  /** The first step without a mark; absent when every step has one. */
  readonly next?: StepNumber
  readonly isDismissed: boolean
}

export function canSkip(step: StepNumber): boolean {
  return !required.includes(step)
}

export async function findOnboarding(rows: ScopedHandle): Promise<Onboarding> {
  const row = await readOnboarding(rows)
  const marks = await readSteps(rows)
  const next = stepNumbers.find((number) => !marks.has(number))
  const steps = stepNumbers.map((number) => ({
    number,
    title: titles[number],
    state: marks.get(number) ?? ('open' as const),
    canSkip: canSkip(number),
  }))
  const isDismissed = row !== undefined && row.dismissedAt !== null
  return { isBegun: row !== undefined, steps, ...(next !== undefined && { next }), isDismissed }
}
