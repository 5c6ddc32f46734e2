/** Reads the folder a run's traffic was recorded into. */
import { createReadStream, existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { RecordedLine } from '../../../sandbox/traffic-record.ts'

/** Line by line, so that the traffic of a whole suite fits. A process that was killed may leave half a last line. */
export async function* readTraffic(folder: string): AsyncGenerator<RecordedLine> {
  for (const name of globSync('*.jsonl', { cwd: folder }).toSorted()) {
    const lines = createInterface({ input: createReadStream(join(folder, name)), crlfDelay: Infinity })
    for await (const text of lines) {
      const line = parse(text)
      if (line !== undefined) yield line
    }
  }
}

/** The test files that ran, from the root of the repository. */
export function readFiles(folder: string): ReadonlySet<string> {
  const list = join(folder, 'files.txt')
  return new Set(existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [])
}

function parse(text: string): RecordedLine | undefined {
  try {
    return JSON.parse(text) as RecordedLine
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
