/**
 * The benches in their quick form, for what they check of the work: nothing lost, nothing doubled, books right (PERF-4, PERF-18). Their figures do not
 * count here, and no timing is looked at.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const root = new URL('../../', import.meta.url)

// A bench begins a cluster of its own, so it needs the programs of PostgreSQL and nothing that already runs.
test.skipIf(!inject('databaseKinds').includes('postgres')).each(['webhook', 'settle', 'verify'])(
  'PERF-18 on PostgreSQL: the quick form of the bench %s checks its work and finds it right',
  async (name) => {
    const words = ['bench/run.ts', name, '--quick', '--modes', 'product']
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '' },
    })
    expect(stdout).toContain('Quick form: the work was checked')
  },
  120_000,
)
