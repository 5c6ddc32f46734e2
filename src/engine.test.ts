import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Compilers a process has used that calls one function sixty thousand times. */
function compilersUsed(first: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-'))
  const file = join(folder, 'hot.mjs')
  writeFileSync(
    file,
    `${first}
    const text = 'abcdefghij'.repeat(20)
    function sum(start) { let all = start; for (let at = 0; at < text.length; at += 1) all = (all * 31 + text.charCodeAt(at)) | 0; return all }
    let all = 0
    for (let time = 0; time < 60_000; time += 1) all = sum(all)`,
  )
  try {
    const said = execFileSync(process.execPath, ['--trace-opt', file], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    return [...new Set([...said.matchAll(/completed compiling.*\(target (MAGLEV|TURBOFAN)/g)].map(([, name]) => name!))]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('PERF-20: a process that answers compiles what it does often, but not with the slowest of the compilers', () => {
  const tuned = `import { tuneEngine } from ${JSON.stringify(join(import.meta.dirname, 'engine.ts'))}; tuneEngine()`

  expect(compilersUsed('').toSorted()).toEqual(['MAGLEV', 'TURBOFAN'])
  expect(compilersUsed(tuned)).toEqual(['MAGLEV'])
})
