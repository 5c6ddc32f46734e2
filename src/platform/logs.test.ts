import { expect, test } from 'vitest'
import { createLogs, isLuhnValid, scrub } from './logs.ts'

const token = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ'

test.each([
  ['sk_test_4eC39HqLyjWDarjtT1zdp7dc', '4eC39'],
  ['rk_live_4eC39HqLyjWDarjtT1zdp7dc', '4eC39'],
  ['whsec_c2VjcmV0c2VjcmV0c2VjcmV0', 'c2Vjcm'],
  ['pi_3MtwBw_secret_YrKJUKribcBjcG8HVhfZluoGH', 'YrKJ'],
  ['Authorization: Bearer abcdef0123456789', 'abcdef'],
  ['https://rentroll.test/pay/' + token, token],
  ['/api/stripe/webhook/' + token, token],
  ['/verify-email?token=' + token, token],
  ['paid with 4242 4242 4242 4242 today', '4242 4242'],
  ['someone@rent.example wrote', 'someone@'],
  ['postgres://rentroll_app:hunter2@db', 'hunter2'],
])('TRU-261: %s leaves the process without its secret', (text, hidden) => {
  expect(scrub(`before ${text} after`)).not.toContain(hidden)
  expect(scrub(`before ${text} after`)).toMatch(/^before .* after$/)
})

test('TRU-261: what is no secret stays readable', () => {
  const line = 'payment pay_01 of 31000 AUD at 2026-11-22T07:16:00Z, order 1234567890123456'
  expect(scrub(line)).toBe(line)
})

test('TRU-261: an id that looks like a card in its second half stays whole', () => {
  const id = '0198c1d2-7a3b-7c01-8000-424242424245'
  const line = [id, id.slice(19), `id ${id} 5`].join('; ')
  expect(isLuhnValid(id.slice(19))).toBe(true)
  expect(scrub(line)).toBe(`${id}; ••••; id ${id} 5`)
})

test('TRU-260: a logged error is one JSON line, scrubbed down to its stack', () => {
  const lines: string[] = []
  const logs = createLogs('info', (line) => void lines.push(line))
  logs.error({ error: new Error('key sk_test_4eC39HqLyjWDarjtT1zdp7dc was refused').stack }, 'failed')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toMatchObject({ msg: 'failed' })
  expect(lines[0]).not.toContain('4eC39')
})

test('TRU-115: a card number is told from other digits', () => {
  expect([
    isLuhnValid('4242424242424242'),
    isLuhnValid('4242 4242 4242 4242'),
    isLuhnValid('4242424242424241'),
    isLuhnValid('424242'),
  ]).toEqual([true, true, false, false])
})
