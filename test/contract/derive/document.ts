/**
 * The contract: an OpenAPI-shaped document of the API version the installed `stripe` package was made for. It is derived when
 * a test first asks for it and kept in the temporary folder under the digest of what it was derived from, so that a second
 * process reads it in a blink and no copy of it can grow old in the repository.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addOperations } from './operations.ts'
import type { Paths } from './operations.ts'
import { Schemas, nameOfReference } from './schemas.ts'
import type { Schema } from './schemas.ts'
import { openDeclarations } from './scopes.ts'

export type Contract = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly 'x-package': string }
  readonly paths: Paths
  /** Whole event by its type, such as 'refund.created'. */
  readonly 'x-events': Readonly<Record<string, Schema>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** Raised when the derivation changes, so that a document of an older reader is not taken for one of this. */
const edition = 1

const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('stripe')))

let loaded: Contract | undefined

/** Takes about two seconds the first time on a machine, and a tenth of that afterwards. */
export function loadContract(): Contract {
  loaded ??= readKept() ?? keep(deriveContract())
  return loaded
}

/** SHA-256 of the document: what an upgrade of the package or a change of the derivation changes. */
export function digestOf(contract: Contract): string {
  return createHash('sha256').update(JSON.stringify(contract)).digest('hex')
}

export function deriveContract(): Contract {
  const root = join(packageFolder, 'esm')
  const declarations = openDeclarations(root)
  const schemas = new Schemas(declarations)
  const paths: Paths = {}
  const files = globSync('resources/**/*.d.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/').replace(/\.d\.ts$/, ''))
    .filter((file) => !file.endsWith('/index'))
    .toSorted()
  for (const file of files) addOperations(paths, file, { root, declarations, schemas })
  const event = schemas.reference(declarations.resolve(declarations.fileOf('resources/Events'), ['Event']))
  const components = schemas.components()
  return {
    openapi: '3.1.0',
    info: { title: 'Stripe API', version: readApiVersion(root), 'x-package': readVersion() },
    paths: sortKeys(paths),
    'x-events': eventsOf(event, components),
    components: { schemas: components },
  }
}

function eventsOf(event: Schema, components: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const union = components[nameOfReference(event.$ref ?? '')]
  const events: Record<string, Schema> = {}
  for (const one of union?.anyOf ?? []) {
    const type = components[nameOfReference(one.$ref ?? '')]?.properties?.['type']?.const
    if (typeof type === 'string') events[type] = one
  }
  return sortKeys(events)
}

function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  return version
}

function readApiVersion(root: string): string {
  return /ApiVersion = '([^']+)'/.exec(readFileSync(join(root, 'apiVersion.js'), 'utf8'))?.[1] ?? 'unknown'
}

/** What the document depends on: the package by version and lock, and the files that read it. */
function keptFile(): string {
  const readers = globSync('*.ts', { cwd: import.meta.dirname }).toSorted()
  const hash = createHash('sha256').update(`${edition} ${readVersion()}`)
  for (const reader of readers) hash.update(readFileSync(join(import.meta.dirname, reader)))
  hash.update(readFileSync(join(packageFolder, 'esm', 'resources', 'Events.d.ts')))
  return join(tmpdir(), 'rentroll-contract', `${hash.digest('hex').slice(0, 32)}.json`)
}

function readKept(): Contract | undefined {
  const file = keptFile()
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Contract) : undefined
}

/** Written under another name first: two processes may derive at the same time. */
function keep(contract: Contract): Contract {
  const file = keptFile()
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify(contract))
  renameSync(draft, file)
  return contract
}
