/**
 * Reads the repository as text: every source file with its imports, and the migrations. No compiler is needed, which
 * is on purpose: TypeScript 7 has none that JavaScript can call, and tools built on it look at nothing and end green.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import type { Expectations } from './map.ts'
import { webParts } from './map.ts'
import { separate } from './separate.ts'

export type Import = {
  readonly specifier: string
  readonly isDynamic: boolean
  readonly isType: boolean
  /** The file it leads to, from the root of the repository; undefined for packages. */
  readonly target: string | undefined
}

export type SourceFile = {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly folder: string
  readonly name: string
  /** `refunds`, `web/ui`, `wiring` for files directly in src, or undefined outside src. */
  readonly module: string | undefined
  readonly isTest: boolean
  readonly lines: number
  readonly text: string
  readonly code: string
  readonly bare: string
  readonly imports: readonly Import[]
}

export type House = {
  readonly files: readonly SourceFile[]
  readonly source: readonly SourceFile[]
  readonly folders: readonly string[]
  readonly migrations: readonly { readonly path: string; readonly text: string }[]
  readonly expected: Expectations
}

const fromImport = /(?<![\w.$])(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?(['"])([^'"\n]+)\2/g
const dynamicImport = /(?<![\w.$])import\s*\(\s*(['"`])([^'"`\n]*)\1/g

export function readHouse(root: string, expected: Expectations): House {
  const paths = ['src', 'sandbox', 'scripts', 'test'].flatMap((folder) => listFiles(root, folder))
  const files = paths.map((path) => readSourceFile(root, path))
  const migrations = listFiles(root, 'migrations').filter((path) => path.endsWith('.sql'))
  return {
    files,
    source: files.filter((file) => file.path.startsWith('src/') && isScript(file.path)),
    folders: [...new Set(paths.map((path) => posix.dirname(path)))],
    migrations: migrations.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
    expected,
  }
}

export function isScript(path: string): boolean {
  return /\.(ts|tsx|mjs|js)$/.test(path)
}

function listFiles(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (path === 'test/architecture/planted' || entry.name === 'node_modules') return []
    return entry.isDirectory() ? listFiles(root, path) : [path]
  })
}

function readSourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const { code, bare } = isScript(path) ? separate(text) : { code: '', bare: '' }
  return {
    path,
    folder: posix.dirname(path),
    name: posix.basename(path),
    module: moduleOf(path),
    isTest: /\.test\.tsx?$/.test(path) || path.startsWith('test/'),
    lines: text.trimEnd().split('\n').length,
    text,
    code,
    bare,
    imports: findImports(path, code),
  }
}

function moduleOf(path: string): string | undefined {
  const [top, module, part, ...rest] = path.split('/')
  if (top !== 'src' || module === undefined) return undefined
  if (part === undefined) return 'wiring'
  return module === 'web' && rest.length > 0 ? `web/${part}` : module
}

function findImports(path: string, code: string): readonly Import[] {
  const statics = [...code.matchAll(fromImport)].map((match) => ({
    specifier: match[3] ?? '',
    isDynamic: false,
    isType: match[1] !== undefined,
  }))
  const dynamics = [...code.matchAll(dynamicImport)].map((match) => ({
    specifier: match[2] ?? '',
    isDynamic: true,
    isType: false,
  }))
  return [...statics, ...dynamics].map((found) => ({ ...found, target: resolve(path, found.specifier) }))
}

function resolve(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(dirname(path), specifier))
  if (specifier.startsWith('#test/')) return `test/setup/${specifier.slice('#test/'.length)}.ts`
  return specifier.startsWith('#') ? `src/${specifier.slice(1)}/index.ts` : undefined
}

/** The name a door is ordered by: `web/ui` stands inside `web`. */
export function rankOf(module: string, order: readonly string[]): number {
  const [top = '', part = ''] = module.split('/')
  return order.indexOf(top) * 10 + (part === '' ? 0 : webParts.findIndex((name) => name === part))
}
