/**
 * Writes how many tests passed, failed and were skipped into the file TEST_COUNTS_FILE names, for the last lines of
 * .ci/run. Prints nothing, so that the runner's own closing lines stay the last of a run.
 */
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export default class CountReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env['TEST_COUNTS_FILE'] ?? ''
    if (file === '') return
    const states = testModules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const count = (state: string): number => states.filter((one) => one === state).length
    const broken = testModules.filter((module) => module.errors().length > 0).length + unhandledErrors.length
    const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
    const rest = count('pending') + broken
    writeFileSync(file, rest === 0 ? counts : `${counts}, ${rest} could not run`)
  }
}
