/** ARC-76: how long, how wide and how deep things are. The figures are printed with every run. */
import type { House, SourceFile } from './house.ts'
import { isScript } from './house.ts'
import { joiners, limits } from './map.ts'
import type { Rule } from './rule.ts'

export const fileLength: Rule = {
  id: 'ARC-76 length',
  law: `a file has at most ${limits.fileLines} lines, tests not counted`,
  find: (house) =>
    house.files
      .filter((file) => isScript(file.path) && !file.name.includes('.test.') && file.lines > limits.fileLines)
      .map((file) => `${file.path}: ${file.lines} lines`),
}

export const fanOut: Rule = {
  id: 'ARC-76 fan-out',
  law: `a module imports at most ${limits.importedModules} modules besides kernel and platform`,
  find: (house) => {
    const imported = new Map<string, Set<string>>()
    for (const file of house.source.filter((one) => !one.isTest)) {
      const module = file.module?.split('/')[0] ?? ''
      if (module === 'wiring' || joiners.includes(module)) continue
      const doors = file.imports.filter(({ specifier }) => /^#(?!kernel$|platform$)/.test(specifier))
      const known = imported.get(module) ?? new Set()
      doors.forEach(({ specifier }) => known.add(specifier))
      imported.set(module, known)
    }
    return [...imported]
      .filter(([, doors]) => doors.size > limits.importedModules)
      .map(([module, doors]) => `src/${module}: imports ${doors.size} modules`)
  },
}

/** From each file to those it imports at run time. */
function drawGraph(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set(files.map(({ path }) => path))
  return new Map(
    files.map((file) => {
      const targets = file.imports.filter(({ isType }) => !isType).flatMap(({ target }) => target ?? [])
      return [file.path, targets.filter((target) => known.has(target))]
    }),
  )
}

/** Longest way from a file through its own module, as paths; a file on a cycle is not entered twice. */
function walkChain(path: string, graph: ReadonlyMap<string, readonly string[]>, seen: readonly string[]): string[] {
  const ways = (graph.get(path) ?? [])
    .filter((next) => !seen.includes(next))
    .map((next) => walkChain(next, graph, [...seen, path]))
  const longest = ways.reduce((best, way) => (way.length > best.length ? way : best), [])
  return [path, ...longest]
}

/** One longest chain per module: n files are n - 1 imports. The door is a list of names and not a step on the way. */
export function listChains(house: House): readonly (readonly string[])[] {
  const modules = new Set(house.source.map(({ module }) => module))
  return [...modules].map((module) => {
    const files = house.source.filter((file) => file.module === module && !file.isTest && file.name !== 'index.ts')
    const graph = drawGraph(files)
    const chains = files.map((file) => walkChain(file.path, graph, []))
    return chains.reduce((best, chain) => (chain.length > best.length ? chain : best), [])
  })
}

export const chainLength: Rule = {
  id: 'ARC-76 chain',
  law: `inside a module at most ${limits.chain} imports follow one another`,
  find: (house) =>
    listChains(house)
      .filter((chain) => chain.length - 1 > limits.chain)
      .map((chain) => `${chain[0]}: ${chain.length - 1} imports in a row, ${chain.join(' -> ')}`),
}

/** Each cycle once, written from the file that comes first in the alphabet. */
export function listCycles(house: House): readonly string[] {
  const graph = drawGraph(house.files.filter((file) => !file.isTest && isScript(file.path)))
  const cycles = new Set<string>()
  const finished = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path)
    if (at >= 0) {
      const circle = way.slice(at)
      const first = circle.indexOf(circle.toSorted()[0] ?? '')
      const turned = [...circle.slice(first), ...circle.slice(0, first)]
      cycles.add([...turned, turned[0]].join(' -> '))
      return
    }
    if (finished.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...way, path])
    finished.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return [...cycles]
}

export const noFileCycles: Rule = {
  id: 'ARC-76 cycles of files',
  law: 'no file imports itself by a detour',
  find: (house) => listCycles(house).map((cycle) => `cycle: ${cycle}`),
}

export const noModuleCycles: Rule = {
  id: 'ARC-76 cycles of modules',
  law: 'no two modules import each other',
  find: (house) => {
    const knows = new Set(
      house.source
        .filter(({ module, isTest }) => module !== 'wiring' && !isTest)
        .flatMap((file) =>
          file.imports
            .filter(({ specifier, isType }) => specifier.startsWith('#') && !isType)
            .map(({ specifier }) => `${file.module} -> ${specifier.slice(1)}`),
        ),
    )
    return [...knows]
      .map((pair) => pair.split(' -> '))
      .filter(([one = '', other = '']) => one < other && knows.has(`${other} -> ${one}`))
      .map(([one, other]) => `cycle: src/${one} -> src/${other} -> src/${one}`)
  },
}

/** What "must show" asks for: the largest file, the longest chain inside a module and the number of cycles. */
export function drawFigures(house: House): string {
  const scripts = house.source.filter((file) => !file.isTest)
  const largest = scripts.reduce((best, file) => (file.lines > best.lines ? file : best))
  const chain = listChains(house).reduce((best, one) => (one.length > best.length ? one : best), [])
  return [
    `source files: ${scripts.length} (and ${house.source.length - scripts.length} test files beside them)`,
    `largest file: ${largest.path}, ${largest.lines} lines`,
    `longest import chain inside a module: ${chain.length - 1}, ${chain.join(' -> ')}`,
    `import cycles: ${listCycles(house).length}`,
    `not begun: ${house.expected.notBegun.join(', ')}`,
  ].join('\n')
}
