import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { newToken } from '#platform'
import { drawFillers, fillSlots, parseSignatureHeader } from './signature.ts'
import { verifySignature } from './verify-signature.ts'

const stripe = new Stripe('sk_test_unused')
const now = new Date('2026-11-21T10:00:00.400Z')
const nowSeconds = Math.floor(now.getTime() / 1000)
const secret = 'whsec_Zm9yIHRlc3RzIG9ubHksIG5vdCByZWFs'
const other = 'whsec_YW5vdGhlciBzZWNyZXQgZm9yIHRlc3Rz'
const body = Buffer.from('{\n  "id": "evt_1",\n  "object": "event",\n  "name": "Zoë"\n}')
const fillers = drawFillers(newToken)

const hex = (key: string, bytes: Uint8Array = body, timestamp: number | string = nowSeconds) =>
  createHmac('sha256', key).update(`${timestamp}.`).update(bytes).digest('hex')
const good = hex(secret)

const find = (
  header: string | undefined,
  changes: { secrets?: readonly string[]; bytes?: Uint8Array; at?: Date } = {},
) =>
  verifySignature({
    header,
    body: changes.bytes ?? body,
    now: changes.at ?? now,
    slots: fillSlots(changes.secrets ?? [secret], fillers),
    fillers,
  })

const sdkHeader = (key: string, at = nowSeconds) =>
  stripe.webhooks.generateTestHeaderString({ payload: body.toString('utf8'), secret: key, timestamp: at })

describe('STR-146: what is refused', () => {
  const signatures = (count: number) => Array.from({ length: count }, (_, place) => `v1=${hex(`wrong ${place}`)}`)
  const refusals: readonly (readonly [string, string | undefined])[] = [
    ['no header', undefined],
    ['an empty header', ''],
    ['t only', `t=${nowSeconds}`],
    ['v0 only', `t=${nowSeconds},v0=${good}`],
    ['v1 alone', `v1=${good}`],
    ['an empty v1', `t=${nowSeconds},v1=`],
    ['64 characters that are not ASCII', `t=${nowSeconds},v1=${'é'.repeat(64)}`],
    ['upper-case hex', `t=${nowSeconds},v1=${good.toUpperCase()}`],
    ['a space after the comma', `t=${nowSeconds}, v1=${good}`],
    ['a tab', `t=${nowSeconds},\tv1=${good}`],
    ['a repeated header as servers join it', `t=${nowSeconds},v1=${good}, t=${nowSeconds},v1=${good}`],
    ['two t', `t=${nowSeconds},t=${nowSeconds},v1=${good}`],
    ['t=abc', `t=abc,v1=${hex(secret, body, 'abc')}`],
    ['t=-1', `t=-1,v1=${hex(secret, body, '-1')}`],
    ['an empty t', `t=,v1=${hex(secret, body, '')}`],
    ['13 digits', `t=000${nowSeconds},v1=${hex(secret, body, `000${nowSeconds}`)}`],
    ['a decimal t', `t=${nowSeconds}.0,v1=${hex(secret, body, `${nowSeconds}.0`)}`],
    ['a header of 5 kB', `t=${nowSeconds},v1=${good},v0=${'a'.repeat(5000)}`],
    ['a scheme of 17 letters', `t=${nowSeconds},v1=${good},abcdefghijklmnopq=1`],
    ['an upper-case scheme', `t=${nowSeconds},v1=${good},V1=${good}`],
    ['a part without a sign', `t=${nowSeconds},v1=${good},nothing`],
    ['a comma at the end', `t=${nowSeconds},v1=${good},`],
    ['a control byte', `t=${nowSeconds},v1=${good},v0=\u0001`],
    ['the good one at place 9', ['t=' + nowSeconds, ...signatures(8), `v1=${good}`].join(',')],
    ['signed with an empty secret', `t=${nowSeconds},v1=${hex('')}`],
    ['signed with the prefix alone', `t=${nowSeconds},v1=${hex('whsec_')}`],
    ['signed without the prefix', `t=${nowSeconds},v1=${hex(secret.slice('whsec_'.length))}`],
    ['signed with a line end behind the secret', `t=${nowSeconds},v1=${hex(`${secret}\n`)}`],
    ['signed with the secret of another endpoint', `t=${nowSeconds},v1=${hex(other)}`],
    ['another time than was signed', `t=${nowSeconds - 1},v1=${good}`],
    ['301 seconds old', sdkHeader(secret, nowSeconds - 301)],
    ['301 seconds ahead', sdkHeader(secret, nowSeconds + 301)],
    ['a year ahead', sdkHeader(secret, nowSeconds + 365 * 24 * 3600)],
  ]

  test.each(refusals)('%s', (_name, header) => {
    expect(find(header)).toBeUndefined()
  })

  const alterations: readonly (readonly [string, Uint8Array])[] = [
    ['one byte changed', Buffer.from(body.toString('utf8').replace('evt_1', 'evt_2'))],
    ['a byte-order mark added', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])],
    ['serialised anew', Buffer.from(JSON.stringify(JSON.parse(body.toString('utf8'))))],
    ['cut', body.subarray(0, -1)],
    ['empty', Buffer.alloc(0)],
  ]

  test.each(alterations)('a body that is %s', (_name, bytes) => {
    expect(find(sdkHeader(secret))).toBe(0)
    expect(find(sdkHeader(secret), { bytes })).toBeUndefined()
  })
})

describe('STR-146: what is accepted', () => {
  const wrong = hex('wrong')
  const accepted: readonly (readonly [string, string])[] = [
    ['one good signature', `t=${nowSeconds},v1=${good}`],
    ['an empty v1 beside a good one', `t=${nowSeconds},v1=,v1=${good}`],
    ['a malformed v1 beside a good one', `t=${nowSeconds},v1=${good.toUpperCase()},v1=${good}`],
    ['both signatures of a rolled secret', `t=${nowSeconds},v1=${wrong},v1=${good}`],
    [
      'eight signatures, the last one good',
      ['t=' + nowSeconds, ...Array.from({ length: 7 }, () => `v1=${wrong}`), `v1=${good}`].join(','),
    ],
    ['the time last', `v1=${good},t=${nowSeconds}`],
    ['an unknown scheme beside it', `t=${nowSeconds},v1=${good},v2=abc=def`],
    ['300 seconds old', sdkHeader(secret, nowSeconds - 300)],
    ['300 seconds ahead', sdkHeader(secret, nowSeconds + 300)],
  ]

  test.each(accepted)('%s', (_name, header) => {
    expect(find(header)).toBe(0)
  })

  test('STR-52: any of sixteen secrets is found in its own place, and the number of slots is 4, 8 or 16', () => {
    const secrets = Array.from({ length: 16 }, (_, place) => `whsec_${'0123456789abcdef'[place]}${'x'.repeat(24)}`)

    expect(secrets.map((key) => find(sdkHeader(key), { secrets }))).toEqual(secrets.map((_key, place) => place))
    expect([0, 1, 4, 5, 8, 9, 16].map((count) => fillSlots(secrets.slice(0, count), fillers).length)).toEqual([
      4, 4, 4, 8, 8, 16, 16,
    ])
  })

  test('STR-53: a blank secret takes no part, not even for a delivery signed with it', () => {
    expect(find(`t=${nowSeconds},v1=${hex('')}`, { secrets: ['', secret] })).toBeUndefined()
    expect(find(`t=${nowSeconds},v1=${hex('  ')}`, { secrets: ['  '] })).toBeUndefined()
    expect(find(sdkHeader(secret), { secrets: ['', secret] })).toBe(1)
  })

  test('an address without any secret accepts nothing', () => {
    expect(find(sdkHeader(secret), { secrets: [] })).toBeUndefined()
  })
})

test('STR-48: what the SDK signs and verifies, for any body and secret, we verify too', () => {
  const { signature } = stripe.webhooks
  if (!signature) throw new Error('the SDK has no signature helper')
  const anything = fc.record({
    text: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
    key: fc.stringMatching(/^whsec_[A-Za-z0-9+/=_-]{16,40}$/),
    age: fc.integer({ min: -300, max: 300 }),
  })
  fc.assert(
    fc.property(anything, ({ text, key, age }) => {
      const bytes = Buffer.from(text, 'utf8')
      const header = stripe.webhooks.generateTestHeaderString({
        payload: bytes.toString('utf8'),
        secret: key,
        timestamp: nowSeconds - age,
      })
      expect(signature.verifyHeader(bytes, header, key, 300, undefined as never, now.getTime())).toBe(true)
      expect(find(header, { bytes, secrets: [other, key] })).toBe(1)
    }),
    { numRuns: 500 },
  )
})

test('STR-48: constructEvent of the SDK agrees on a whole event', () => {
  const header = sdkHeader(secret, nowSeconds)
  expect(stripe.webhooks.constructEvent(body, header, secret, 300, undefined, now.getTime()).id).toBe('evt_1')
  expect(find(header)).toBe(0)
})

test('STR-146: of 20,000 hostile headers and bodies none is accepted and none throws', () => {
  const junk = fc.string({ unit: fc.constantFrom(...'tv10=,abcdef9_ \u0000é\t'), maxLength: 120 })
  const part = fc.oneof(
    junk,
    fc.constantFrom(
      `t=${nowSeconds}`,
      't=',
      'v1=',
      `v1=${good.slice(1)}`,
      `v1=${good}0`,
      `v0=${good}`,
      `v1=${good.toUpperCase()}`,
    ),
    fc.stringMatching(/^v1=[0-9a-f]{64}$/),
    fc.integer().map((time) => `t=${time}`),
  )
  const parts = fc.array(part, { maxLength: 12 }).map((all) => all.join(','))
  // A genuine header with one character changed, added or left out.
  const mutated = fc
    .record({
      at: fc.nat(),
      character: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      kind: fc.constantFrom('change', 'add', 'drop'),
    })
    .map(({ at, character, kind }) => {
      const header = sdkHeader(secret)
      const place = at % header.length
      const kept = kind === 'add' ? header.slice(place) : header.slice(place + 1)
      return header.slice(0, place) + (kind === 'drop' ? '' : character) + kept
    })
  const genuine = sdkHeader(secret)
  let tried = 0
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), parts, mutated), (header) => {
      if (header === genuine) return
      tried += 1
      expect(find(header)).toBeUndefined()
    }),
    { numRuns: 15_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      if (Buffer.from(bytes).equals(body)) return
      tried += 1
      expect(find(genuine, { bytes })).toBeUndefined()
    }),
    { numRuns: 6_000 },
  )
  expect(tried).toBeGreaterThan(20_000)
})

test('STR-50: at most eight signatures are kept, and only those of 64 lower-case hex digits', () => {
  const many = Array.from({ length: 12 }, (_, place) => `v1=${hex(String(place))}`)
  expect(
    parseSignatureHeader(['t=1', 'v1=short', ...many].join(','))?.signatures.map((bytes) => bytes.toString('hex')),
  ).toEqual(many.slice(0, 8).map((part) => part.slice(3)))
})
