/**
 * The agreed vectors. Our own copy under `test/golden/` always runs; where the agreed folder lies beside the repository it runs too, so
 * that a copy gone stale is noticed. Each vector becomes one test.
 */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Vector = { readonly name: string; readonly input: unknown; readonly expected: unknown }

const repository = new URL('../../', import.meta.url)

/** @param file such as `billing/tax.json`. @param answer the product's own function, put into the words of the vector. */
export function eachVector<Input>(file: string, answer: (input: Input) => unknown): void {
  const adopted = new URL(`test/golden/${file}`, repository)
  const agreed = new URL(`../shared/golden/${file}`, repository)
  const isBeside = existsSync(agreed)
  const note = isBeside ? '' : ', skipped: ../shared is not here'
  describe(`golden ${file}`, () => {
    runAll(adopted, answer)
  })
  describe.runIf(isBeside)(`golden ${file}, as agreed beside the repository${note}`, () => {
    runAll(isBeside ? agreed : adopted, answer)
  })
}

function runAll<Input>(file: URL, answer: (input: Input) => unknown): void {
  const vectors: readonly Vector[] = JSON.parse(readFileSync(file, 'utf8'))
  test('has vectors', () => {
    expect(vectors.length).toBeGreaterThan(0)
  })
  test.each(vectors)('$name', ({ input, expected }) => {
    expect(answer(input as Input)).toEqual(expected)
  })
}
