/** What a figure was measured on: without it no figure can be compared (PERF-14). */
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'

export function describeMachine(): { readonly text: string; readonly load: string; readonly isBusy: boolean } {
  const load = loadavg()
    .map((one) => one.toFixed(2))
    .join(' ')
  const cores = availableParallelism()
  const memory = Math.round(totalmem() / 1024 ** 3)
  const isBusy = (loadavg()[0] ?? 0) > cores
  const text = [
    `Machine: ${cpus()[0]?.model ?? 'unknown'}, ${cores} cores, ${memory} GB, Linux ${release()}, Node ${process.version}`,
    `Load before: ${load}${isBusy ? ' (busy machine: ratios only)' : ''}`,
  ].join('\n')
  return { text, load, isBusy }
}
