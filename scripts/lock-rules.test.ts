import { expect, test } from 'vitest'
import { findLockFaults } from './lock-rules.ts'
import type { Lock, Manifest } from './lock-rules.ts'

const manifest: Manifest = { dependencies: { sound: '1.2.3' }, optionalDependencies: { node: '26.10.0' } }
const sound = { version: '1.2.3', integrity: 'sha512-a' }
const lock: Lock = { packages: { '': manifest, 'node_modules/sound': sound, 'node_modules/node': sound } }
const decisions = 'We take `sound`.'

test('STK-40 a lock that keeps the rules has no faults', () => {
  expect(findLockFaults({ manifest, lock, decisions })).toEqual([])
})

test.each(['^1.2.3', '1.2', 'latest', 'git+https://example.com/sound.git'])(
  'STK-1 the pin %s is not exact',
  (version) => {
    const loose = { ...manifest, dependencies: { sound: version } }
    const packages = { ...lock.packages, '': loose }

    const faults = findLockFaults({ manifest: loose, lock: { packages }, decisions })

    expect(faults).toEqual([`sound is pinned as "${version}"; write one exact version.`])
  },
)

test.each([
  [{ version: '1.2.3' }, 'node_modules/sound has no integrity.'],
  [{ ...sound, resolved: 'somewhere' }, 'node_modules/sound names an address (resolved); .npmrc should leave it out.'],
  [{ ...sound, hasInstallScript: true }, 'node_modules/sound has an install script.'],
  [
    { ...sound, optionalDependencies: { 'sound-linux': '1.2.3' } },
    'node_modules/sound asks for sound-linux, which the lock does not hold; npm ci would fail.',
  ],
])('STK-40 the entry %j is refused', (entry, sentence) => {
  const packages = { ...lock.packages, 'node_modules/sound': entry }

  expect(findLockFaults({ manifest, lock: { packages }, decisions })).toEqual([sentence])
})

test('STK-40 a native part is found where Node would find it', () => {
  const withPart = { ...sound, optionalDependencies: { part: '1.2.3' } }
  const nested = { ...lock.packages, 'node_modules/sound': withPart, 'node_modules/sound/node_modules/part': sound }
  const elsewhere = { ...lock.packages, 'node_modules/sound': withPart, 'node_modules/other/node_modules/part': sound }

  expect(findLockFaults({ manifest, lock: { packages: nested }, decisions })).toEqual([])
  expect(findLockFaults({ manifest, lock: { packages: elsewhere }, decisions })).toHaveLength(1)
})

test('STK-40 a lock made for another package.json is refused', () => {
  const changed = { ...manifest, dependencies: { sound: '1.2.4' } }

  const faults = findLockFaults({ manifest: changed, lock, decisions })

  expect(faults).toEqual(['sound differs between package.json and package-lock.json.'])
})

test('the budget counts what is installed here, and every direct dependency has a reason', () => {
  const many = Array.from({ length: 200 }, (_, index) => [`node_modules/p${index}`, sound] as const)
  const elsewhere = many.map(([path, entry]) => [path, { ...entry, os: ['!linux', '!darwin', '!win32'] }] as const)
  const full = { packages: { ...lock.packages, ...Object.fromEntries(many) } }
  const filtered = { packages: { ...lock.packages, ...Object.fromEntries(elsewhere) } }

  expect(findLockFaults({ manifest, lock: full, decisions })).toEqual([
    'There are 202 packages in production; the budget is 150.',
  ])
  expect(findLockFaults({ manifest, lock: filtered, decisions })).toEqual([])
  expect(findLockFaults({ manifest, lock, decisions: '' })).toEqual([
    'sound has no record in docs/decisions (write its name as `sound`).',
  ])
})

test('an empty lock is a fault, not a success', () => {
  expect(findLockFaults({ manifest, lock: {}, decisions })).toEqual(['package-lock.json holds no packages.'])
})
