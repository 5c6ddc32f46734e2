/**
 * What package.json and package-lock.json must look like (docs/decisions gives the reasons). The rule that surprises:
 * a package may list native parts the registry does not hold; npm then writes a lock without them, and every later
 * `npm ci` fails on every platform. So each part a locked package asks for has to stand in the lock.
 */
/** npm writes a list, or one word as the package's author did. */
type Places = string | readonly string[]
type Names = Readonly<Record<string, string>>

export type Manifest = {
  readonly dependencies?: Names
  readonly devDependencies?: Names
  readonly optionalDependencies?: Names
}

type LockEntry = Manifest & {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly os?: Places
  readonly cpu?: Places
  readonly libc?: Places
}

export type Lock = { readonly packages?: Readonly<Record<string, LockEntry>> }

type Sources = { readonly manifest: Manifest; readonly lock: Lock; readonly decisions: string }

const exactVersion = /^\d+\.\d+\.\d+(-[\w.]+)?$/
const limits = { direct: 18, production: 150, all: 330 }
const neverAgain = `
  axios got node-fetch superagent request lodash underscore ramda moment luxon date-fns dinero.js
  big.js dotenv nodemon ts-node tsx cross-env rimraf next xero-node typescript-eslint
  dependency-cruiser ioredis redis kafkajs inversify xstate
`
  .trim()
  .split(/\s+/)
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

/** Returns one sentence per fault; none means the lock can be trusted. `decisions` is the text of docs/decisions. */
export function findLockFaults({ manifest, lock, decisions }: Sources): readonly string[] {
  const packages = lock.packages ?? {}
  const entries = Object.entries(packages).filter(([path]) => path !== '')
  if (entries.length === 0) return ['package-lock.json holds no packages.']
  return [
    ...findPinFaults(manifest, packages['']),
    ...entries.flatMap(([path, entry]) => findEntryFaults(path, entry)),
    ...entries.flatMap(([path, entry]) => findMissingParts(path, entry, packages)),
    ...findBudgetFaults(manifest, entries),
    ...Object.keys(manifest.dependencies ?? {})
      .filter((name) => !decisions.includes(`\`${name}\``))
      .map((name) => `${name} has no record in docs/decisions (write its name as \`${name}\`).`),
  ]
}

function findPinFaults(manifest: Manifest, locked: Manifest | undefined): readonly string[] {
  return kinds.flatMap((kind) => {
    const wanted = Object.entries(manifest[kind] ?? {})
    const loose = wanted.filter(([, version]) => !exactVersion.test(version))
    const stale = wanted.filter(([name, version]) => locked?.[kind]?.[name] !== version)
    const refused = wanted.filter(([name]) => neverAgain.includes(name))
    return [
      ...loose.map(([name, version]) => `${name} is pinned as "${version}"; write one exact version.`),
      ...stale.map(([name]) => `${name} differs between package.json and package-lock.json.`),
      ...refused.map(([name]) => `${name} is on the list of packages that are never a dependency.`),
    ]
  })
}

function findEntryFaults(path: string, entry: LockEntry): readonly string[] {
  return [
    ...(entry.integrity === undefined ? [`${path} has no integrity.`] : []),
    ...(entry.resolved === undefined ? [] : [`${path} names an address (resolved); .npmrc should leave it out.`]),
    ...(entry.hasInstallScript === true ? [`${path} has an install script.`] : []),
  ]
}

/** Looks for a package as Node does: in the nearest node_modules first, then in each one further out. */
function isLocked(from: string, name: string, packages: Readonly<Record<string, LockEntry>>): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[path] !== undefined) return true
    if (folder === '') return false
  }
}

function findMissingParts(
  path: string,
  entry: LockEntry,
  packages: Readonly<Record<string, LockEntry>>,
): readonly string[] {
  const missing = Object.keys(entry.optionalDependencies ?? {}).filter((name) => !isLocked(path, name, packages))
  return missing.map((name) => `${path} asks for ${name}, which the lock does not hold; npm ci would fail.`)
}

function fitsHere(entry: LockEntry): boolean {
  const fits = (places: Places | undefined, here: string): boolean => {
    const list = [places ?? here].flat()
    return !list.includes(`!${here}`) && list.some((place) => place === here || place.startsWith('!'))
  }
  // Native parts for musl are not installed beside those for glibc; on other systems libc says nothing.
  return fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, 'glibc')
}

function findBudgetFaults(manifest: Manifest, entries: readonly (readonly [string, LockEntry])[]): readonly string[] {
  const counts = {
    direct: Object.keys(manifest.dependencies ?? {}).length,
    production: entries.filter(([, entry]) => entry.dev !== true && fitsHere(entry)).length,
    all: entries.filter(([, entry]) => fitsHere(entry)).length,
  }
  const words = { direct: 'direct dependencies', production: 'packages in production', all: 'packages in all' }
  return (['direct', 'production', 'all'] as const)
    .filter((kind) => counts[kind] > limits[kind])
    .map((kind) => `There are ${counts[kind]} ${words[kind]}; the budget is ${limits[kind]}.`)
}
