/**
 * `npm run slim`: removes the packages that are in a production install only through optional peers of better-auth
 * (Vite, Vitest, React and their native parts), which `npm ci --omit=dev` keeps. It walks package-lock.json from our
 * own dependencies over required edges and deletes what it did not reach. Run it after `npm ci --omit=dev`; the next
 * `npm start` or `npm test` installs everything again.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
const { packages } = JSON.parse(lockText)

/** Node's own search: the nearest node_modules first, then each one further out. Returns the lock's key. */
function findEntry(from, name) {
  let folder = from
  for (;;) {
    const key = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[key] !== undefined) return key
    if (folder === '') return undefined
    folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  }
}

/** Only the tests run it. */
const forTests = '@stripe/cli-linux-x64'

function requiredNames(entry) {
  const isOptionalPeer = (name) => entry.peerDependenciesMeta?.[name]?.optional === true
  const peers = Object.keys(entry.peerDependencies ?? {}).filter((name) => !isOptionalPeer(name))
  const optional = Object.keys(entry.optionalDependencies ?? {}).filter((name) => name !== forTests)
  return [...Object.keys(entry.dependencies ?? {}), ...optional, ...peers]
}

function reachEntries() {
  const reached = new Set([''])
  // A Set visits what is added while it is walked, so this loop ends when nothing new is reached.
  for (const key of reached) {
    for (const name of requiredNames(packages[key])) {
      const found = findEntry(key, name)
      if (found !== undefined) reached.add(found)
    }
  }
  return reached
}

function removeEmptyScopes(folder) {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('@') && readdirSync(join(folder, name)).length === 0) rmdirSync(join(folder, name))
  }
}

/** Commands of removed packages go too; `.cmd` and `.ps1` are how the same commands look on Windows. */
function removeCommands(kept) {
  const names = kept.flatMap((key) => {
    const { bin } = packages[key]
    return typeof bin === 'string' ? [key.slice(key.lastIndexOf('/') + 1)] : Object.keys(bin ?? {})
  })
  const folder = join(root, 'node_modules', '.bin')
  if (!existsSync(folder)) return
  for (const file of readdirSync(folder)) {
    if (!names.includes(file.replace(/\.(cmd|ps1)$/, ''))) rmSync(join(folder, file), { force: true })
  }
}

const reached = reachEntries()
const present = Object.keys(packages).filter((key) => key !== '' && existsSync(join(root, key)))
if (present.length === 0) {
  process.stderr.write('rentroll: there is nothing to slim; run `npm ci --omit=dev` first.\n')
  process.exit(1)
}
const unreached = present.filter((key) => !reached.has(key))
for (const key of unreached) rmSync(join(root, key), { recursive: true, force: true })
const kept = present.filter((key) => reached.has(key) && existsSync(join(root, key)))
removeEmptyScopes(join(root, 'node_modules'))
removeCommands(kept)
// npm's own note of what is installed is no longer true; without it npm looks at the folders themselves.
rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true })
// The same sum as in bootstrap.mjs: it lets `npm run db` and `npm run keys` run here without installing again.
const stamp = createHash('sha256').update([lockText, process.platform, process.arch].join('\n')).digest('hex')
writeFileSync(join(root, 'node_modules', '.rentroll-stamp'), `${stamp} slim`)
process.stderr.write(`rentroll: removed ${unreached.length} packages, ${kept.length} are left.\n`)
