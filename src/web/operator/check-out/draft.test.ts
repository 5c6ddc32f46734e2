import { describe, expect, it } from 'vitest'
import { emptyDraft, furthestStep, isReachable, wishOf, type Draft } from './draft.ts'

const blank = emptyDraft('2026-11-21')
const chosen: Draft = { ...blank, spaceId: 'spc_1', renterId: 'rnt_1', interval: 'month' }

describe('a check-out in the making', () => {
  it('UI-190 opens no step before the ones it needs', () => {
    expect(furthestStep(blank)).toBe('space')
    expect(furthestStep({ ...blank, spaceId: 'spc_1' })).toBe('renter')
    expect(furthestStep({ ...blank, spaceId: 'spc_1', renterId: 'rnt_1' })).toBe('terms')
    expect(isReachable('review', chosen)).toBe(true)
    expect(isReachable('review', blank)).toBe(false)
  })

  it('UI-192 asks for a price as soon as a space and an interval are chosen', () => {
    expect(wishOf(blank)).toBeUndefined()
    expect(wishOf({ ...blank, spaceId: 'spc_1', interval: 'month' })).toEqual({
      spaceId: 'spc_1',
      interval: 'month',
      startOn: '2026-11-21',
      deposit: 'standard',
    })
  })

  it('UI-191 sends another deposit and price only when they are wanted', () => {
    const typed: Draft = { ...chosen, ownDeposit: '50.00', ownPrice: '90.00', ownPriceReason: 'Long stay' }
    expect(wishOf(typed)).toMatchObject({ deposit: 'standard' })
    expect(wishOf(typed)).not.toHaveProperty('rateOverride')
    expect(wishOf({ ...typed, deposit: 'custom', hasOwnPrice: true })).toMatchObject({
      deposit: { custom: '50.00' },
      rateOverride: { price: '90.00', reason: 'Long stay' },
    })
  })
})
