/** ARC-79: what a deed, a refusal, a state, a webhook event and an API operation must carry. */
import type { House, SourceFile } from './house.ts'
import { deedVerbs, order } from './map.ts'
import { perFile } from './rule.ts'
import type { Rule } from './rule.ts'

// The rooms before `operators` are tools: they have no deeds.
const modulesWithDeeds = order.slice(order.indexOf('operators'), order.indexOf('web'))
const exportedFunction = /^export (?:async )?function\*? (\w+)|^export const (\w+)[^=\n]*= (?:async )?(?:\(|\w+ =>)/gm

function listExportedFunctions(file: SourceFile): readonly string[] {
  return [...file.code.matchAll(exportedFunction)].map((match) => match[1] ?? match[2] ?? '')
}

function toCamelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export const deedsAreNamed = perFile('ARC-79 deeds', 'a deed exports one function named like its file', (file) => {
  const stem = file.name.replace(/\.ts$/, '')
  const [verb = '', noun] = stem.split('-')
  const isDeed =
    modulesWithDeeds.some((module) => module === file.module) && noun !== undefined && deedVerbs.includes(verb)
  if (!isDeed || file.isTest || stem.endsWith('-state')) return []
  const names = listExportedFunctions(file)
  const wanted = toCamelCase(stem)
  return names.length === 1 && names[0] === wanted
    ? []
    : [`exports ${names.join(', ') || 'no function'} and should export ${wanted} alone`]
})

const partsOfProblem = ['title', 'cause', 'nextStep', 'status']

/** Where the bracket at `open` is closed; the end of the text if it never is. */
function findClosing(bare: string, open: number): number {
  const pairs: Readonly<Record<string, string>> = { '(': ')', '{': '}' }
  const opening = bare[open] ?? ''
  let depth = 0
  for (let at = open; at < bare.length; at++) {
    if (bare[at] === opening) depth += 1
    if (bare[at] === pairs[opening]) depth -= 1
    if (depth === 0) return at
  }
  return bare.length
}

/** The entries of the table whose name ends in `problems`: what stands in front of each pair of braces is the refusal's code. */
function listProblems({ bare, code }: SourceFile): readonly { readonly code: string; readonly parts: string }[] {
  const table = /\bconst \w*[pP]roblems\b[^={]*=\s*(?=\{)/.exec(bare)
  if (table === null) return []
  const open = table.index + table[0].length
  const entries: { code: string; parts: string }[] = []
  for (let at = bare.indexOf('{', open + 1); at >= 0 && at < findClosing(bare, open);) {
    const end = findClosing(bare, at)
    const name = /([\w-]+)['"]?\s*:\s*(?:\([^()]*\)[^{]*=>\s*\(?\s*)?$/.exec(code.slice(open, at))?.[1]
    entries.push({ code: name ?? '', parts: bare.slice(at, end) })
    at = bare.indexOf('{', end)
  }
  return entries
}

export const problemsAreWhole = perFile(
  'ARC-79 problems',
  'a refusal has code, title, cause, next step and status',
  (file) => {
    if (file.name !== 'problems.ts') return []
    const entries = listProblems(file)
    if (entries.length === 0) return ['no table of problems was found']
    return entries.flatMap(({ code, parts }) => {
      const missing = partsOfProblem.filter((part) => !new RegExp(`\\b${part}\\s*[:,(]`).test(parts))
      const named = code === '' ? 'an entry without a code' : code
      return [...(code === '' ? [named] : []), ...missing.map((part) => `${named} has no ${part}`)]
    })
  },
)

function listWords(text: string | undefined): readonly string[] {
  return [...(text ?? '').matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '')
}

export const statesAreChecked: Rule = {
  id: 'ARC-79 states',
  law: 'a list of states equals its CHECK in the schema, and every state file has one',
  find: (house) => [
    ...house.expected.statePairs.flatMap((pair) => compareStates(house, pair)),
    ...house.source
      .filter((file) => file.name.endsWith('-state.ts'))
      .filter(({ path }) => !house.expected.statePairs.some(({ file }) => file === path))
      .map(({ path }) => `${path}: is compared with no CHECK; add it to the list in test/architecture/map.ts`),
  ],
}

function compareStates(house: House, pair: House['expected']['statePairs'][number]): readonly string[] {
  const folder = pair.file.slice(0, pair.file.lastIndexOf('/'))
  if (!house.source.some((file) => file.folder === folder)) return []
  const file = house.source.find(({ path }) => path === pair.file)
  if (file === undefined) return [`${pair.file}: does not exist`]
  const states = new RegExp(`export const ${pair.list}\\b[^=]*=\\s*\\[([^\\]]*)\\]`).exec(file.code)?.[1]
  // The newest migration that names the constraint is the one that holds.
  const check = new RegExp(`\\b${pair.constraint}\\s+check\\s*\\(\\s*\\w+\\s+in\\s*\\(([^)]*)\\)`, 'gi')
  const lists = house.migrations.flatMap(({ text }) => [...text.matchAll(check)].map((match) => match[1]))
  const inSchema = listWords(lists.at(-1)).toSorted()
  const inFile = listWords(states).toSorted()
  if (inFile.length === 0) return [`${pair.file}: no list ${pair.list} was found`]
  if (inSchema.length === 0) return [`${pair.file}: no CHECK ${pair.constraint} was found in migrations`]
  return inFile.join() === inSchema.join() ? [] : [`${pair.file}: ${pair.list} differs from ${pair.constraint}`]
}

export const eventsAreRouted: Rule = {
  id: 'ARC-79 events',
  law: 'every event we ask Stripe for has a route',
  find: (house) => {
    const routes = house.source.find(({ path }) => path === 'src/inbox/routes.ts')
    if (!house.source.some(({ module }) => module === 'webhooks')) return []
    if (routes === undefined) return ['src/inbox/routes.ts: does not exist']
    const list = house.source
      .map(({ code }) => /export const requiredEvents\b[^=]*=\s*\[([^\]]*)\]/.exec(code)?.[1])
      .find((found) => found !== undefined)
    const events = listWords(list)
    if (events.length === 0) return ['src: no list requiredEvents was found']
    return events
      .filter((event) => !new RegExp(`['"]${event.replaceAll('.', '\\.')}['"]\\s*:`).test(routes.code))
      .map((event) => `${routes.path}: ${event} has no route`)
  },
}

export const operationsNamePermission = perFile(
  'ARC-79 permissions',
  'every API operation names its x-permission',
  (file) => {
    if (file.module !== 'web/api' || file.isTest) return []
    return [...file.bare.matchAll(/(?<![\w.$])createRoute\s*\(/g)].flatMap((match) => {
      const call = file.code.slice(match.index, findClosing(file.bare, match.index + match[0].length - 1))
      const path = /\bpath:\s*['"`]([^'"`]*)/.exec(call)?.[1] ?? 'an operation'
      return call.includes('x-permission') ? [] : [`${path} has no x-permission`]
    })
  },
)
