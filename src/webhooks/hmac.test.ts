import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HmacKey } from './hmac.ts'

const macsOf = (secrets: readonly string[], before: string, body: Uint8Array) => {
  const macs: string[] = []
  HmacKey.each(
    secrets.map((secret) => new HmacKey(secret)),
    { before, body },
    (mac, place) => (macs[place] = Buffer.from(mac).toString('hex')),
  )
  return macs
}
const plain = (secret: string, before: string, body: Uint8Array) =>
  createHmac('sha256', secret).update(before).update(body).digest('hex')

test('PERF-7: over 100,000 messages it is what createHmac says, for every key', { timeout: 120_000 }, () => {
  const secret = fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.stringMatching(/^whsec_[a-z]{30,90}$/))
  const message = fc.record({
    secrets: fc.array(secret, { minLength: 1, maxLength: 4 }),
    before: fc.stringMatching(/^[0-9]{1,12}\.$/),
    body: fc.uint8Array({ maxLength: 300 }),
  })

  fc.assert(
    fc.property(
      message,
      ({ secrets, before, body }) =>
        macsOf(secrets, before, body).join() === secrets.map((one) => plain(one, before, body)).join(),
    ),
    { numRuns: 100_000 },
  )
})

test('RFC 4231: the first two vectors; and keys of a block and of one byte more', () => {
  expect(macsOf(['\u000b'.repeat(20)], '', Buffer.from('Hi There'))).toEqual([
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ])
  expect(macsOf(['Jefe'], '', Buffer.from('what do ya want for nothing?'))).toEqual([
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ])
  const keys = ['k'.repeat(64), 'k'.repeat(65)]
  expect(macsOf(keys, '1.', Buffer.from('{}'))).toEqual(keys.map((key) => plain(key, '1.', Buffer.from('{}'))))
})

test('a long message, then a short one: nothing of the one before is hashed', () => {
  const long = Buffer.alloc(200_000, 'long')
  const short = Buffer.from('{}')

  expect(macsOf(['a', 'b'], '1.', long)).toEqual(['a', 'b'].map((secret) => plain(secret, '1.', long)))
  expect(macsOf(['a', 'b'], '1.', short)).toEqual(['a', 'b'].map((secret) => plain(secret, '1.', short)))
  expect(macsOf(['a'], '1.', Buffer.alloc(0))).toEqual([plain('a', '1.', Buffer.alloc(0))])
})

test('TRU-10: a key that is printed shows nothing of its secret', () => {
  const printed = inspect(new HmacKey('whsec_of_somebody'), { depth: 9, showHidden: true })

  expect(printed).not.toContain('whsec')
  expect(printed).not.toMatch(/\d{2}/)
})
