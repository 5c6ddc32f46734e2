/**
 * `npm run check`: everything that can be said about the code without running the product. Every part runs even when
 * an earlier one failed, so that one run shows all there is to repair. `npm run check -- --fix` formats and repairs
 * what the tools can repair by themselves, then checks.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findLockFaults } from './lock-rules.ts'

type Answer = { readonly isGood: boolean; readonly output: string }
type Part = { readonly name: string; readonly run: () => Promise<Answer> }

const root = join(import.meta.dirname, '..')

/** Runs a tool of node_modules with the Node we run on; what it prints is shown only if it fails. */
function runTool(script: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const output: Buffer[] = []
    const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('close', (code) => resolve({ isGood: code === 0, output: Buffer.concat(output).toString() }))
  })
}

function readDecisions(): string {
  const folder = join(root, 'docs', 'decisions')
  if (!existsSync(folder)) return ''
  const files = readdirSync(folder).filter((file) => file.endsWith('.md'))
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
}

async function checkLock(): Promise<Answer> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const faults = findLockFaults({ manifest, lock, decisions: readDecisions() })
  return { isGood: faults.length === 0, output: faults.map((fault) => `${fault}\n`).join('') }
}

const parts: readonly Part[] = [
  { name: 'types', run: () => runTool('typescript/bin/tsc', ['-p', '.']) },
  { name: 'lint', run: () => runTool('oxlint/bin/oxlint', ['--deny-warnings']) },
  { name: 'format', run: () => runTool('oxfmt/bin/oxfmt', ['--check']) },
  { name: 'unused', run: () => runTool('knip/bin/knip.js', ['--no-progress']) },
  { name: 'lock', run: checkLock },
  { name: 'architecture', run: () => runTool('vitest/vitest.mjs', ['run', 'test/architecture']) },
]

async function repair(): Promise<void> {
  await runTool('oxlint/bin/oxlint', ['--fix'])
  const { isGood, output } = await runTool('oxfmt/bin/oxfmt', [])
  if (!isGood) process.stdout.write(output)
}

async function check(): Promise<boolean> {
  let areAllGood = true
  for (const part of parts) {
    const startedAt = performance.now()
    const { isGood, output } = await part.run()
    const milliseconds = Math.round(performance.now() - startedAt)
    process.stdout.write(`${isGood ? 'ok  ' : 'FAIL'} ${part.name.padEnd(13)} ${milliseconds} ms\n`)
    // The architecture test draws the size of the house; that belongs to a good answer as well.
    if (!isGood || part.name === 'architecture') process.stdout.write(output)
    areAllGood = areAllGood && isGood
  }
  return areAllGood
}

const unknown = process.argv.slice(2).filter((word) => word !== '--fix')
if (unknown.length > 0) {
  process.stderr.write(`check knows only --fix, not ${unknown.join(' ')}.\n`)
  process.exit(1)
}
if (process.argv.includes('--fix')) await repair()
process.exitCode = (await check()) ? 0 : 1
