import { expect, test } from 'vitest'
import { HashingBusy, createHashing, judgePassword } from './passwords.ts'

const owner = { name: 'Ada Quill Stone', email: 'ada.quill@desks.example', slug: 'harbour-desks' }

/** The refusal's code, or `fine`. */
function codeFor(password: string): string {
  const judged = judgePassword(password, owner)
  return judged && !judged.ok ? judged.refusal.code : 'fine'
}

// TRU-72: what a person may choose.
test.each([
  ['eleven char', 'password_too_short'],
  ['twelve chars', 'fine'],
  ['correct horse battery staple', 'fine'],
  ['ключ от старого шкафа', 'fine'],
  ['🗝️🗝️🗝️🗝️🗝️🗝️', 'fine'],
  ['x'.repeat(64) + 'y'.repeat(64), 'fine'],
  ['x'.repeat(64) + 'y'.repeat(65), 'password_too_long'],
  ['ada quill stone', 'password_is_personal'],
  ['AdaQuillStone', 'password_is_personal'],
  ['Ada.Quill@desks.example', 'password_is_personal'],
  ['Harbour-Desks', 'password_is_personal'],
  ['password1234', 'password_is_common'],
  ['P@ssw0rd2026!', 'password_is_common'],
  ['passwordpassword', 'password_is_common'],
  ['qwertyuiop123', 'password_is_common'],
  ['iloveyou123456', 'password_is_common'],
  ['!!!dragon!!!!!', 'password_is_common'],
  ['monkeymonkey1', 'password_is_common'],
  ['123456789012', 'password_is_common'],
  ['0000000000000', 'password_is_common'],
  ['abcdefghijklmn', 'password_is_common'],
])('TRU-72: %s is judged %s', (password, code) => {
  expect(codeFor(password)).toBe(code)
})

test('TRU-72: a kept password names its parameters, holds nothing of the password, and differs each time', async () => {
  const hashing = createHashing()

  const [one, other] = await Promise.all([hashing.hash('twelve chars'), hashing.hash('twelve chars')])

  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(other)
})

test('TRU-72: the same text typed on another keyboard is the same password', async () => {
  const hashing = createHashing()
  const kept = await hashing.hash('caf\u00e9 caf\u00e9 caf\u00e9')

  expect(await hashing.isMatch('cafe\u0301 cafe\u0301 cafe\u0301', kept)).toBe(true)
  expect(await hashing.isMatch('cafe cafe cafe', kept)).toBe(false)
})

test('a password kept under other parameters still opens, and a text that is no hash opens nothing', async () => {
  const hashing = createHashing()
  // argon2id of "twelve chars" with m=64, t=1, p=1 and the salt "saltsaltsaltsalt", from node:crypto itself.
  const { argon2Sync } = await import('node:crypto')
  const salt = Buffer.from('saltsaltsaltsalt')
  const key = argon2Sync('argon2id', {
    message: 'twelve chars',
    nonce: salt,
    memory: 64,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  })
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

  expect(await hashing.isMatch('twelve chars', `$argon2id$v=19$m=64,t=1,p=1$${unpadded(salt)}$${unpadded(key)}`)).toBe(
    true,
  )
  expect(await hashing.isMatch('twelve chars', 'plain text')).toBe(false)
})

test('TRU-72: two hashes run, fifty wait, the next one is told to come again, and the queue works on', async () => {
  const hashing = createHashing()

  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => hashing.isMatch('x', `no hash ${index}`)),
  )

  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused).toHaveLength(8)
  expect(refused.every(({ reason }) => reason instanceof HashingBusy)).toBe(true)
  expect(await hashing.isMatch('x', 'no hash')).toBe(false)
})
