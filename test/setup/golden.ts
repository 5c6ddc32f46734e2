/**
 * The agreed vectors. Our own copy under `test/golden/` always runs; where the agreed folder lies beside the repository it runs too, so
 * that a copy gone stale is noticed. Each vector becomes one test.
 */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

export type Vector = { readonly name: string; readonly input: Record<string, unknown>; readonly expected: unknown }

const repository = new URL('../../', import.meta.url)

/** @param file such as `billing/tax.json`. @param answer the product's own function, put into the words of the vector. */
export function eachVector<Input>(file: string, answer: (input: Input) => unknown): void {
  const adopted = new URL(`test/golden/${file}`, repository)
  const agreed = new URL(`../shared/golden/${file}`, repository)
  runAll(`golden ${file}`, adopted, answer)
  if (existsSync(agreed)) runAll(`golden ${file}, as agreed beside the repository`, agreed, answer)
  else test.skip(`golden ${file}, as agreed beside the repository: ../shared is not here`, () => undefined)
}

function runAll<Input>(title: string, file: URL, answer: (input: Input) => unknown): void {
  const vectors: readonly Vector[] = JSON.parse(readFileSync(file, 'utf8'))
  describe(title, () => {
    test('has vectors', () => {
      expect(vectors.length).toBeGreaterThan(0)
    })
    test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
      expect(answer(vector.input as Input)).toEqual(vector.expected)
    })
  })
}
