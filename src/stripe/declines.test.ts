import { expect, test } from 'vitest'
import { declineTexts, judgeDecline } from './declines.ts'

const drawing = `
lost_card - hard
stolen_card - hard
expired_card - hard
revocation_of_authorization - hard
insufficient_funds - soft
insufficient_funds do_not_try_again hard
expired_card try_again_later soft
generic_decline - soft
a_code_of_next_year - soft
a_code_of_next_year do_not_try_again hard
`

test('STR-82 which declines end a method: the advice of the bank outranks the table', () => {
  const drawn = drawing
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  const judged = drawn.map(([declineCode, adviceCode]) => {
    const decline = judgeDecline({
      code: 'card_declined',
      declineCode,
      adviceCode: adviceCode === '-' ? undefined : adviceCode,
    })
    return [declineCode, adviceCode, decline.isHard ? 'hard' : 'soft']
  })
  expect(judged).toEqual(drawn)
})

test('STR-82 the renter never reads that a card was reported lost or stolen; staff do', () => {
  for (const declineCode of ['lost_card', 'stolen_card', 'pickup_card', 'restricted_card', 'fraudulent']) {
    const decline = judgeDecline({ code: 'card_declined', declineCode })
    expect(decline.renterSentence).not.toMatch(/lost|stolen|fraud|restricted/i)
    expect(decline.staffSentence).toMatch(/lost|stolen|fraud/i)
  }
})

test('STR-82 confirm_card_data asks the renter to check what they typed', () => {
  expect(
    judgeDecline({ code: 'card_declined', declineCode: 'do_not_honor', adviceCode: 'confirm_card_data' }),
  ).toMatchObject({
    isHard: false,
    asksToCheck: true,
  })
})

test('STR-82 TRU-135 what no bank has declined is not called a decline', () => {
  for (const code of ['not_received', 'no_longer_owed', 'permission', 'invalid', 'resource_missing']) {
    const { isHard, staffSentence, renterSentence } = judgeDecline({ code })
    expect(isHard).toBe(false)
    expect(staffSentence).not.toMatch(/bank/)
    expect(renterSentence).not.toMatch(/declined the payment|another card/)
  }
  expect(judgeDecline({ code: 'permission' }).staffSentence).toContain('permissions of the key')
  expect(judgeDecline({ code: 'card_declined', declineCode: 'a_code_of_next_year' }).staffSentence).toBe(
    'The bank declined without a reason.',
  )
})

test('UI-59 every sentence ends with a full stop and shows no code', () => {
  const sentences = Object.values(declineTexts).flatMap(({ renterSentence, staffSentence }) => [
    renterSentence,
    staffSentence,
  ])
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^_]*\.$/)
})
