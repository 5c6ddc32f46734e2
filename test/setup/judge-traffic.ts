/**
 * Every run of tests is judged (SBX-50): the sandboxes write their traffic into a folder of this run, and when the last
 * project is done all of it is held against the contract of the installed `stripe` package. A finding fails the run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

type Sharing = { folder: string; users: number; isFiltered: boolean }

/** Each project of the run loads this file anew, in one process: the first one opens the folder, the last one judges. */
function getSharing(): Sharing {
  const holder = globalThis as { rentrollTraffic?: Sharing }
  holder.rentrollTraffic ??= { folder: mkdtempSync(join(tmpdir(), 'rentroll-traffic-')), users: 0, isFiltered: false }
  return holder.rentrollTraffic
}

export default function setup(project: TestProject): () => Promise<void> {
  const sharing = getSharing()
  sharing.users += 1
  sharing.isFiltered ||= project.globalConfig.testNamePattern !== undefined
  process.env['SANDBOX_RECORD'] = sharing.folder
  return async () => {
    sharing.users -= 1
    if (sharing.users > 0) return
    try {
      // Loaded only now: a run pays for the contract when there is something to judge.
      const { judgeRun } = await import('../contract/run/judge-run.ts')
      const { report, isClean } = await judgeRun(sharing.folder, { isWhole: !sharing.isFiltered })
      if (report !== '') process.stdout.write(`${report}\n`)
      if (!isClean) throw new Error('The traffic of this run breaks the contract; the findings are above.')
    } finally {
      if (process.env['KEEP_TRAFFIC'] !== '1') rmSync(sharing.folder, { recursive: true, force: true })
    }
  }
}
