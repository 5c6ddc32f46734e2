import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { loadMasterKey, Secret, secretBox } from './encryption.ts'

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

test('TRU-32: the demo makes its key once, in a file nobody else may read, and refuses one that others may', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-key-'))
  const first = loadMasterKey({ madeIn: folder })
  expect(loadMasterKey({ madeIn: folder }).equals(first)).toBe(true)
  const file = join(folder, 'master.key')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, 0o644)
  expect(() => loadMasterKey({ file })).toThrow('can be read by others. Set its mode to 0600.')
  rmSync(folder, { recursive: true })
  expect(() => loadMasterKey({})).toThrow('No master key. Create one with `npm run keys -- new`')
})
