/**
 * A check-out in the making. It lives in this tab's session storage under its id, which is also the key that makes confirming twice
 * the same as confirming once; the step stands in the address, so Back and reload keep everything.
 */
import { useCallback, useState } from 'react'

export const steps = ['space', 'renter', 'terms', 'deposit', 'payment', 'review'] as const
export type Step = (typeof steps)[number]

export const stepTitles: Record<Step, string> = {
  space: 'Space',
  renter: 'Renter',
  terms: 'Terms',
  deposit: 'Deposit',
  payment: 'Payment and agreement',
  review: 'Review',
}

export type Draft = {
  readonly spaceId?: string
  readonly renterId?: string
  readonly interval?: string
  readonly startOn: string
  readonly hasOwnPrice: boolean
  readonly ownPrice: string
  readonly ownPriceReason: string
  readonly deposit: 'standard' | 'none' | 'custom'
  readonly ownDeposit: string
  readonly acceptedName: string
}

export function emptyDraft(today: string): Draft {
  return {
    startOn: today,
    hasOwnPrice: false,
    ownPrice: '',
    ownPriceReason: '',
    deposit: 'standard',
    ownDeposit: '',
    acceptedName: '',
  }
}

/** What the server is asked about; undefined until a space and an interval are chosen. */
export function wishOf(draft: Draft): object | undefined {
  const { spaceId, renterId, interval, startOn } = draft
  if (spaceId === undefined || interval === undefined || startOn === '') return undefined
  return {
    spaceId,
    interval,
    startOn,
    ...(renterId === undefined ? {} : { renterId }),
    deposit: draft.deposit === 'custom' ? { custom: draft.ownDeposit } : draft.deposit,
    ...(draft.hasOwnPrice ? { rateOverride: { price: draft.ownPrice, reason: draft.ownPriceReason } } : {}),
  }
}

/** The first step that still lacks something; later ones cannot be opened. */
export function furthestStep(draft: Draft): Step {
  if (draft.spaceId === undefined) return 'space'
  if (draft.renterId === undefined) return 'renter'
  return draft.interval === undefined ? 'terms' : 'review'
}

export function isReachable(step: Step, draft: Draft): boolean {
  return steps.indexOf(step) <= steps.indexOf(furthestStep(draft))
}

function storageKey(id: string): string {
  return `check-out ${id}`
}

function readDraft(id: string): Draft | undefined {
  const text = sessionStorage.getItem(storageKey(id))
  return text === null ? undefined : (JSON.parse(text) as Draft)
}

export function keepDraft(id: string, draft: Draft): void {
  sessionStorage.setItem(storageKey(id), JSON.stringify(draft))
}

export function dropDraft(id: string): void {
  sessionStorage.removeItem(storageKey(id))
}

export function useDraft(id: string, today: string): readonly [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(() => readDraft(id) ?? emptyDraft(today))
  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((before) => {
        const next = { ...before, ...part }
        keepDraft(id, next)
        return next
      }),
    [id],
  )
  return [draft, change]
}
