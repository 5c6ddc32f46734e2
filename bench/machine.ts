/** What a figure was measured on: without it no figure can be compared (PERF-14). */
import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { median } from './figures.ts'

export interface Machine {
  readonly load: string
  readonly isBusy: boolean
}

export function readLoad(): Machine {
  const load = loadavg()
    .map((one) => one.toFixed(2))
    .join(' ')
  return { load, isBusy: (loadavg()[0] ?? 0) > availableParallelism() }
}

/** The last lines of every report. @param database what PostgreSQL said of itself, where one was used. */
export function describeMachine(before: Machine, database?: string): readonly string[] {
  const memory = Math.round(totalmem() / 1024 ** 3)
  const parts = [
    cpus()[0]?.model ?? 'unknown processor',
    `${availableParallelism()} cores`,
    `${memory} GB`,
    `load before ${before.load}, after ${readLoad().load}`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    ...(database === undefined ? [] : [database, `data disk ${describeDisk()}`]),
    `commit ${readCommit()}`,
  ]
  return [...(before.isBusy ? ['busy machine: ratios only'] : []), `Machine: ${parts.join('; ')}`]
}

/** The disk that temporary folders are on, where the cluster of a bench has its data, and how long a commit waits for it. */
function describeDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-disk-'))
  const file = openSync(join(folder, 'probe'), 'w')
  const page = Buffer.alloc(8192, 1)
  const waits: number[] = []
  try {
    for (const endAt = performance.now() + 1000; performance.now() < endAt;) {
      writeSync(file, page)
      const startedAt = performance.now()
      fdatasyncSync(file)
      waits.push(performance.now() - startedAt)
    }
    const kind = statfsSync(folder).type === 0x01_02_19_94 ? 'tmpfs (in memory: figures do not count)' : 'on disk'
    return `${kind}, fdatasync ${median(waits).toFixed(2)} ms`
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
}

function readCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim()
  } catch {
    return 'unknown'
  }
}
