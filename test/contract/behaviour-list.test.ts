/**
 * docs/stripe-sandbox.md names every rule the sandbox keeps, and each rule has a test that names it (SBX-57). What surprises: the test
 * cannot know whether a test is a good one; that is what the list of mutations is for.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

const rows = [...readFileSync(join(root, 'docs/stripe-sandbox.md'), 'utf8').matchAll(/^\| (SBX-\d+) \|/gm)].map(
  ([, rule]) => String(rule),
)

/** The numbers named by tests, and by the laws of the architecture. */
const named = new Set(
  ['sandbox', 'test', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.test\.ts$|architecture\/rules-[a-z-]+\.ts$/.test(path) && !path.includes('planted'))
      .flatMap((path) => readFileSync(join(root, folder, path), 'utf8').match(/SBX-\d+/g) ?? []),
  ),
)

test('SBX-57: every rule from SBX-6 to SBX-37 is in the list, once', () => {
  const expected = Array.from({ length: 32 }, (_, place) => `SBX-${place + 6}`).filter((rule) => rule !== 'SBX-30')
  expect(expected.filter((rule) => !rows.includes(rule))).toEqual([])
  expect(rows).toEqual([...new Set(rows)])
})

test('SBX-57: every rule of the list has a test that names it', () => {
  expect(rows.filter((rule) => !named.has(rule))).toEqual([])
})
