/**
 * `node scripts/mutate-sandbox.ts [rule…]`: breaks each rule of the sandbox in a copy of the repository and runs the test that must
 * notice (SBX-57). Prints a table; exit code 1 when a broken rule went unnoticed. With `--write` the table is kept as
 * docs/sandbox-mutations.md. It takes minutes, so it is run by hand and is no part of the suite.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A rule of the Stripe sandbox and how to break it; files and tests are below `sandbox/stripe/`. */
type Mutation = {
  readonly rule: string
  /** What the sandbox would do wrong. */
  readonly harm: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly from: string
  readonly to: string
  /** The test file that must fail. */
  readonly test: string
}

type Verdict = 'caught' | 'lived' | 'text is not there once'

const root = join(import.meta.dirname, '..')
const mutations = JSON.parse(
  readFileSync(join(import.meta.dirname, 'sandbox-mutations.json'), 'utf8'),
) as readonly Mutation[]
const notCopied = new Set(['.git', 'node_modules', 'dist', 'data', 'docs', 'public'])
const say = (line: string): void => void process.stdout.write(`${line}\n`)

function copyRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mutated-'))
  cpSync(root, folder, {
    recursive: true,
    filter: (source) => source === root || !notCopied.has(source.slice(root.length + 1)),
  })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function judge(folder: string, mutation: Mutation): Verdict {
  const path = join(folder, 'sandbox/stripe', mutation.file)
  const text = readFileSync(path, 'utf8')
  if (text.split(mutation.from).length !== 2) return 'text is not there once'
  writeFileSync(
    path,
    text.replace(mutation.from, () => mutation.to),
  )
  try {
    return passes(folder, mutation.test) ? 'lived' : 'caught'
  } finally {
    writeFileSync(path, text)
  }
}

/** Whether the test file passes in the copy. */
function passes(folder: string, test: string): boolean {
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs')
  const wish = ['run', '--project', 'sandbox', '--reporter', 'dot', '--bail', '1', `sandbox/stripe/${test}`]
  const { status } = spawnSync(process.execPath, [vitest, ...wish], {
    cwd: folder,
    env: { ...process.env, RENTROLL_TEST_DATABASES: 'pglite' },
    stdio: 'ignore',
  })
  return status === 0
}

function drawTable(results: readonly (readonly [Mutation, Verdict])[]): string {
  const cell = (text: string): string => `\`${text.replaceAll('|', '\\|').replaceAll('\n', ' ')}\``
  const lines = results.map(
    ([{ rule, harm, file, from, to, test }, verdict]) =>
      `| ${rule} | ${harm} | ${file} | ${cell(from)} | ${to === '' ? 'removed' : cell(to)} | ${test} | ${verdict} |`,
  )
  const caught = results.filter(([, verdict]) => verdict === 'caught').length
  return [
    '# Broken rules of the sandbox, and the tests that notice',
    '',
    'Written by `node scripts/mutate-sandbox.ts --write` from the list in `scripts/sandbox-mutations.json` (SBX-57).',
    'Files and tests are below `sandbox/stripe/`.',
    '',
    `${caught} of ${results.length} caught.`,
    '',
    '| rule | what would go wrong | file | text | in its place | test that must fail | result |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
}

const wishes = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const chosen = mutations.filter(({ rule }) => wishes.length === 0 || wishes.includes(rule))
const folder = copyRepository()
try {
  for (const test of new Set(chosen.map((mutation) => mutation.test))) {
    if (!passes(folder, test)) say(`${test} fails without any mutation: its verdicts mean nothing.`)
  }
  const results = chosen.map((mutation) => {
    const verdict = judge(folder, mutation)
    say(`${mutation.rule} ${mutation.harm}: ${verdict}`)
    return [mutation, verdict] as const
  })
  const table = drawTable(results)
  if (process.argv.includes('--write')) writeFileSync(join(root, 'docs/sandbox-mutations.md'), table)
  else say(table)
  process.exitCode = results.every(([, verdict]) => verdict === 'caught') ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
