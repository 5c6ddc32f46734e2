import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What TurboFan takes up in a process that loops once for long, and then takes a small turn twenty thousand times. */
function takenUp(first: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-'))
  const file = join(folder, 'hot.mjs')
  writeFileSync(
    file,
    `${first}
    const text = 'abcdefghij'.repeat(20)
    function often(sum) { return (sum * 31 + text.charCodeAt(sum & 127)) | 0 }
    function loop() { let sum = 7; for (let time = 0; time < 20_000_000; time += 1) sum = (sum * 31 + time) | 0; return sum }
    let [sum, turns] = [loop(), 0]
    function turn() {
      sum = often(often(often(often(often(often(often(often(sum))))))))
      turns += 1
      if (turns < 20_000) setImmediate(turn)
      // What was begun meanwhile is taken over by the next call.
      else if (turns < 20_010) setTimeout(turn, 30)
    }
    turn()`,
  )
  try {
    const said = execFileSync(process.execPath, ['--trace-opt', file], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    const names = said.matchAll(/completed compiling .*<JSFunction (turn|loop) .*target TURBOFAN/g)
    return [...new Set([...names].map(([, name]) => name ?? ''))].toSorted()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('PERF-20: what is merely called often is left alone for longer, what calculates without end is not', () => {
  const tuned = `import { tuneEngine } from ${JSON.stringify(join(import.meta.dirname, 'engine.ts'))}; tuneEngine()`

  expect(takenUp('')).toEqual(['loop', 'turn'])
  expect(takenUp(tuned)).toEqual(['loop'])
})
