import { describe, expect, test } from 'vitest'
import { bankZone, nextBusinessMorning } from '#kernel'
import { explainFailure, failureCodes, isManual, mayBeSentAgain, whatHappensNext } from './payout-failure.ts'

const failed = (failureCode: string, change: object = {}) => ({
  failureCode,
  failureMessage: '',
  amountMinor: 10_000n,
  currency: 'AUD',
  isAutomatic: true,
  retries: 0,
  ...change,
})

describe('STR-107, STR-131: why a payout failed', () => {
  test.each([
    ['account_closed', 'bank', 'Your bank details do not work: the account is closed.'],
    ['account_frozen', 'bank', 'Your bank blocks credits from Stripe: the account is frozen.'],
    [
      'bank_account_restricted',
      'bank',
      'Your bank blocks credits from Stripe: the account does not take payouts of this kind, or not so many.',
    ],
    [
      'bank_ownership_changed',
      'bank',
      'Your bank details do not work: the account is no longer valid because its branch has another owner.',
    ],
    ['could_not_process', 'funds', 'Your bank turned the payout away: it could not process it.'],
    ['debit_not_authorized', 'bank', 'Your bank blocks debits from Stripe: the account does not allow them.'],
    ['declined', 'bank', 'Your bank turned the payout away and gave no reason.'],
    [
      'incorrect_account_holder_name',
      'bank',
      'Your bank details do not work: the name of the account holder is not the one your bank has.',
    ],
    [
      'insufficient_funds',
      'funds',
      'Stripe could not fund the payout; often a recent refund made the balance too thin.',
    ],
    ['invalid_account_number', 'bank', 'Your bank details do not work: the account number is not valid.'],
    ['invalid_currency', 'bank', 'Your bank details do not work: the account does not take this currency.'],
    ['no_account', 'bank', 'Your bank details do not work: there is no account with this number.'],
    ['unsupported_card', 'bank', 'Your bank details do not work: the card no longer takes payouts.'],
  ])('%s is told on the side of %s', (code, side, cause) => {
    expect(failureCodes).toContain(code)
    expect(explainFailure(failed(code))).toMatchObject({ side, cause, nextStep: expect.stringMatching(/\.$/) })
    expect(mayBeSentAgain(failed(code))).toBe(side === 'funds')
    const byHand = whatHappensNext(failed(code), 'manual')
    const bySchedule = whatHappensNext(failed(code), 'daily')
    expect(byHand.includes('sends it again on the next business day')).toBe(side === 'funds')
    expect(bySchedule).not.toContain('sends it again')
    expect(bySchedule).toContain(side === 'funds' ? 'with your next scheduled payout' : 'until its details change')
  })

  test('the thirteen are all there are', () => expect(failureCodes).toHaveLength(13))

  test.each([
    ['new_code_of_tomorrow', 'It was Tuesday.', '(unknown: new_code_of_tomorrow: It was Tuesday)'],
    ['', '', '(unknown: no code)'],
    ['constructor', '', '(unknown: constructor)'],
  ])('a code nobody knows (%j) is shown as it is, and never sent again', (code, failureMessage, shown) => {
    const payout = failed(code, { failureMessage, isAutomatic: false })
    expect(explainFailure(payout)).toMatchObject({ side: 'unknown', cause: expect.stringContaining(shown) })
    expect(mayBeSentAgain(payout)).toBe(false)
    expect(whatHappensNext(payout, 'manual')).toContain('nothing goes out by itself')
  })

  test('a debit of the bank is never sent again, and its money is not back', () => {
    const debit = failed('insufficient_funds', { amountMinor: -500n })
    expect(mayBeSentAgain(debit)).toBe(false)
    expect(whatHappensNext(debit, 'manual')).toContain('What is owed stays')
  })

  test('after three times it is not sent any more; a schedule not asked for yet is told by how the payout was made', () => {
    expect(whatHappensNext(failed('could_not_process', { retries: 3 }), 'manual')).toContain('not sent any more')
    expect(isManual({ isAutomatic: false }, '')).toBe(true)
    expect(isManual({ isAutomatic: true }, '')).toBe(false)
    expect(isManual({ isAutomatic: true }, 'manual')).toBe(true)
    expect(isManual({ isAutomatic: false }, 'weekly')).toBe(false)
  })
})

describe('STR-107: the next business day at nine, in the country of the bank', () => {
  const home = { country: 'AU', timeZone: 'Australia/Perth' }
  test.each([
    // 20 November 2026 is a Friday; in Perth it is Friday until 16:00 UTC.
    ['2026-11-20T15:59:00Z', 'AU', '2026-11-23T01:00:00.000Z'],
    ['2026-11-22T16:00:00Z', 'AU', '2026-11-24T01:00:00.000Z'],
    ['2026-11-18T23:00:00Z', 'US', '2026-11-19T14:00:00.000Z'],
    ['2026-11-20T00:30:00Z', 'NZ', '2026-11-22T20:00:00.000Z'],
    ['2026-11-18T12:00:00Z', '', '2026-11-19T01:00:00.000Z'],
    ['2026-11-18T12:00:00Z', 'XX', '2026-11-19T01:00:00.000Z'],
  ])('after %s at a bank in %j comes %s', (after, country, next) => {
    expect(nextBusinessMorning(new Date(after), bankZone(country, home)).toISOString()).toBe(next)
  })
})
