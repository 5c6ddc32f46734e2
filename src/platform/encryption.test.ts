import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  createSealer,
  keyRing,
  masterKeyId,
  openKeyProvider,
  readKeyFile,
  Secret,
  secretBox,
  sealedUnder,
  writeKeyFile,
} from './encryption.ts'

const box = secretBox(randomBytes(32))
const place = { operatorId: 'operator-a', field: 'connections.secret_key', rowId: 'row-1' }
const secret = new Secret('sk_test_4eC39HqLyjWDarjtT1zdp7dc')

test('TRU-30: what was sealed opens in its own place, and twice sealed is two different texts', () => {
  const sealed = box.seal(secret, place)
  expect(box.open(sealed, place).reveal()).toBe(secret.reveal())
  expect(box.seal(secret, place)).not.toBe(sealed)
  expect(sealed).not.toContain('4eC39')
})

test.each([
  ['another operator', { ...place, operatorId: 'operator-b' }],
  ['another field', { ...place, field: 'endpoint_secrets.sealed' }],
  ['another row', { ...place, rowId: 'row-2' }],
])('TRU-31: it does not open for %s', (_, elsewhere) => {
  const sealed = box.seal(secret, place)
  expect(() => box.open(sealed, elsewhere)).toThrow(/authenticate data/)
})

test('TRU-31: no bit of a sealed text can be changed', () => {
  const sealed = box.seal(secret, place)
  const parts = sealed.split('|')
  for (const index of [3, 4]) {
    const bytes = Buffer.from(parts[index]!, 'base64')
    for (let at = 0; at < bytes.length; at += 1) {
      bytes[at]! ^= 1
      const changed = parts.with(index, bytes.toString('base64')).join('|')
      expect(() => box.open(changed, place), `byte ${at} of part ${index}`).toThrow(/authenticate data/)
      bytes[at]! ^= 1
    }
  }
})

test('TRU-32: another master key says which one is needed', () => {
  const other = secretBox(randomBytes(32))
  expect(() => other.open(box.seal(secret, place), place)).toThrow(`needs master key ${box.keyId}`)
})

test('TRU-34: a fingerprint tells secrets apart and belongs to the installation', () => {
  expect(box.fingerprint(secret)).toMatch(/^[0-9a-f]{8}$/)
  expect(box.fingerprint(secret)).toBe(box.fingerprint(new Secret(secret.reveal())))
  expect(secretBox(randomBytes(32)).fingerprint(secret)).not.toBe(box.fingerprint(secret))
})

test('TRU-35: a secret prints, serialises and inspects as dots', () => {
  expect([`${secret}`, JSON.stringify({ secret }), inspect({ secret })].join()).not.toContain('4eC39')
})

test('TRU-31: a text that is cut, longer, respelt or of another version does not open', () => {
  const sealed = box.seal(secret, place)
  const parts = sealed.split('|')
  const last = Buffer.from(parts[4]!, 'base64')
  const spelt = (bytes: Buffer) => parts.with(4, bytes.toString('base64')).join('|')
  for (let cut = 1; cut <= 16; cut += 1)
    expect(() => box.open(spelt(last.subarray(0, -cut)), place), `tag cut by ${cut}`).toThrow(/authenticate data/)
  const others = [
    ...['v2', 'v1 ', ''].map((version) => parts.with(0, version)),
    ...['2', '01', ''].map((version) => parts.with(2, version)),
    parts.with(3, ''),
    parts.with(4, parts[4]!.slice(0, 20)),
    parts.with(4, ` ${parts[4]!}`),
    parts.with(4, parts[4]!.replace(/=*$/, '').concat('*')),
    [...parts, ''],
    parts.slice(0, 4),
  ].map((changed) => changed.join('|'))
  for (const text of others) expect(() => box.open(text, place), text).toThrow('not in a known form')
})

test('TRU-33: re-wrapping changes the wrapped key alone, the value opens as before, and again changes nothing', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  const before = createSealer(keyRing([older])).seal(secret, place)
  const both = createSealer(keyRing([newer, older]))
  const after = both.rewrap(before, place.operatorId)!
  expect([sealedUnder(before), sealedUnder(after)]).toEqual([masterKeyId(older), masterKeyId(newer)])
  expect(after.split('|')[4]).toBe(before.split('|')[4])
  for (const text of [before, after]) expect(both.open(text, place).reveal()).toBe(secret.reveal())
  expect(
    createSealer(keyRing([newer]))
      .open(after, place)
      .reveal(),
  ).toBe(secret.reveal())
  expect(both.rewrap(after, place.operatorId)).toBeUndefined()
  expect(() => both.rewrap(before, 'operator-b')).toThrow(/authenticate data/)
})

test('TRU-32: the demo makes its key once, in a file nobody else may read, and refuses one that others may', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-key-'))
  const first = openKeyProvider({ madeIn: folder }).newest
  expect(openKeyProvider({ madeIn: folder }).newest).toBe(first)
  const file = join(folder, 'master.key')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, 0o644)
  expect(() => openKeyProvider({ file })).toThrow('can be read by others. Set its mode to 0600.')
  rmSync(folder, { recursive: true })
  expect(() => openKeyProvider({})).toThrow('No master key. Create one with `npm run keys -- new`')
})

test('TRU-32: a key file may hold older keys below the first, and is read again when one is missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-key-'))
  const file = join(folder, 'master.key')
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  writeKeyFile(file, [older])
  const running = createSealer(openKeyProvider({ file }))
  const before = running.seal(secret, place)
  writeKeyFile(file, [newer, ...readKeyFile(file)])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const restarted = createSealer(openKeyProvider({ file }))
  expect(restarted.keyId).toBe(masterKeyId(newer))
  expect(restarted.open(before, place).reveal()).toBe(secret.reveal())
  expect(running.open(restarted.seal(secret, place), place).reveal()).toBe(secret.reveal())
  expect(running.keyId).toBe(masterKeyId(older))
  writeFileSync(file, `${newer.toString('base64')}\nnot a key\n`)
  expect(() => openKeyProvider({ file })).toThrow('does not hold keys of 32 bytes in base64, one a line')
  rmSync(folder, { recursive: true })
})

test('TRU-32: the environment names one key that seals and others that open', () => {
  const [older, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
  const before = createSealer(openKeyProvider({ key: older })).seal(secret, place)
  const both = createSealer(openKeyProvider({ key: newer, accepted: [older] }))
  expect(both.open(before, place).reveal()).toBe(secret.reveal())
  expect(sealedUnder(both.seal(secret, place))).toBe(masterKeyId(Buffer.from(newer, 'base64')))
})
