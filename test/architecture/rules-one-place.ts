/** ARC-22 and ARC-74: what may stand in one place only. Tests may look where the product may not. */
import type { SourceFile } from './house.ts'
import { packagePlaces } from './map.ts'
import { perFile } from './rule.ts'
import type { Rule } from './rule.ts'

/** `text` says what is searched: with or without the insides of strings. */
type Place = {
  readonly what: string
  readonly pattern: RegExp
  readonly searched: 'code' | 'bare'
  readonly isAllowed: (file: SourceFile) => boolean
}

const isIn =
  (...places: readonly string[]) =>
  ({ path }: SourceFile): boolean =>
    places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place))

/** `store.ts`; a module whose SQL would fill more than one file has a `<noun>-store.ts` beside it. */
const isStore = (file: SourceFile): boolean => /(^|-)store\.ts$/.test(file.name) || isIn('src/platform/')(file)
const isNowhere = (): boolean => false
const touchesFiles = (file: SourceFile): boolean =>
  file.imports.some(({ specifier }) => specifier.startsWith('node:fs'))

const fileWrites =
  /(?<![\w$])((write|append|copy)File|mkdir|mkdtemp|rmdir|rm|unlink|rename|truncate|chmod|symlink|link)(Sync)?\s*\(|createWriteStream/
const verbs = /\.(selectFrom|insertInto|replaceInto|updateTable|deleteFrom|mergeInto|selectNoFrom)\s*\(/

const places: readonly Place[] = [
  { what: 'a host name of Xero', pattern: /\bxero\.com\b/, searched: 'code', isAllowed: isIn('src/xero/') },
  {
    what: 'process.env',
    pattern: /\bprocess\.env\b/,
    searched: 'bare',
    isAllowed: isIn('src/platform/configuration.ts'),
  },
  {
    what: 'the time of the machine',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bTemporal\.Now\b/,
    searched: 'bare',
    isAllowed: isIn('src/platform/clock.ts'),
  },
  {
    what: 'Math.random',
    pattern: /\bMath\.random\b/,
    searched: 'bare',
    isAllowed: isIn('src/platform/random.ts'),
  },
  {
    what: 'fetch',
    pattern: /(?<![\w.$])fetch\s*\((?!\w+\??:)|\b(globalThis|window)\.fetch\b/,
    searched: 'bare',
    isAllowed: isIn('src/platform/http.ts', 'src/web/ui/api-client.ts'),
  },
  {
    what: 'a write to a file',
    pattern: fileWrites,
    searched: 'bare',
    isAllowed: (file) => isIn('src/platform/')(file) || !touchesFiles(file),
  },
  { what: 'a query', pattern: verbs, searched: 'bare', isAllowed: isStore },
  { what: 'SQL', pattern: /(?<![\w.$])sql(<[^`]*>)?\s*`|(?<![\w.$])sql\.raw\(/, searched: 'bare', isAllowed: isStore },
  {
    what: 'pages by offset',
    pattern: /\.offset\s*\(|(?<![\w.$])sql(<[^`]*>)?\s*`[^`]*\boffset\b/i,
    searched: 'code',
    isAllowed: isNowhere,
  },
]

/** One rule for each, so that the planted house proves each. */
export const onePlaceRules: readonly Rule[] = places.map(({ what, pattern, searched, isAllowed }) =>
  perFile(`ARC-74 ${what}`, `${what} stands in its one place`, (file) => {
    const match = file.isTest || isAllowed(file) ? null : pattern.exec(file[searched])
    return match === null ? [] : [match[0].replace(/\s+/g, ' ').slice(0, 60)]
  }),
)

export const onePackagePlace = perFile('ARC-74 packages', 'a library that touches the outside has one folder', (file) =>
  file.imports.flatMap(({ specifier }) => {
    const scopeParts = specifier.startsWith('@') ? 2 : 1
    const place = packagePlaces[specifier.split('/').slice(0, scopeParts).join('/')]
    return place === undefined || file.isTest || file.path.startsWith(place) ? [] : [`${specifier} belongs in ${place}`]
  }),
)

/** The wiring hands the whole database to what it joins, and lets the platform migrate it. */
const mayHoldHandle = (file: SourceFile): boolean =>
  file.module === 'wiring' || isIn('src/platform/', 'src/operators/', 'src/webhooks/receive.ts')(file)

export const boundHandle = perFile('ARC-22', 'the unbound database handle is not passed around', (file) => {
  const match = /\bdatabase\.(handle|auth|pool|embedded)\b/.exec(file.bare)
  return match === null || file.isTest || mayHoldHandle(file) ? [] : [match[0]]
})

/** Vitest gives up after a second unless told otherwise, and a machine may stand still for longer than that. */
export const testsWaitAlike: Rule = {
  id: 'ARC-63',
  law: 'tests wait by what test/setup/soon.ts gives them',
  find: ({ files }) =>
    files.flatMap(({ path, bare, isTest }) => {
      const match = /\bvi\.wait(For|Until)\b|\bexpect\.poll\b/.exec(bare)
      return match === null || !isTest || path === 'test/setup/soon.ts' ? [] : [`${path}: ${match[0]}`]
    }),
}

export const migrationsUseKeys: Rule = {
  id: 'ARC-74 offset in migrations',
  law: 'no view of the schema pages by offset',
  find: (house) =>
    house.migrations.filter(({ text }) => /\boffset\s+[\d$]/i.test(text)).map(({ path }) => `${path}: offset`),
}
