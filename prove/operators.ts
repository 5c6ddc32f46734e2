/**
 * Tenancy with many operators of both kinds (TRU-9, TRU-280, STR-63): the story test/stories/many-operators.test.ts with `--n`
 * operators on PostgreSQL, in a process of its own, because it stands on the tests' own harness.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { written, type ProofOptions, type ProofReport } from './options.ts'

const root = join(import.meta.dirname, '..')
const story = 'test/stories/many-operators.test.ts'

export async function proveOperators(options: ProofOptions): Promise<ProofReport> {
  const operators = options.n ?? 200
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'stories', story],
    {
      cwd: root,
      env: {
        ...process.env,
        RENTROLL_TEST_OPERATORS: String(operators),
        RENTROLL_TEST_DATABASES: 'postgres',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const passed = /Tests\s+(\d+) passed/.exec(said)?.[1] ?? '0'
  return {
    lines: [
      `${written(operators)} operators, half own keys, half connected, PostgreSQL: ${passed} stories passed`,
      'Each payment’s event changed rows of its own operator only; each event with another’s metadata was quarantined',
    ],
    breaches: code === 0 ? [] : [`The story ended with ${code}:\n${said.slice(-4_000)}`],
  }
}
