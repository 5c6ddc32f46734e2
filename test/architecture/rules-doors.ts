/** ARC-72, ARC-73, ARC-75 and ARC-78: who may know whom, and by which way. */
import type { Import, SourceFile } from './house.ts'
import { rankOf } from './house.ts'
import { order, webParts, webPartsWithDoor } from './map.ts'
import { perFile } from './rule.ts'
import type { Rule } from './rule.ts'

function isDoorKnown(door: string): boolean {
  const [top = '', part, ...rest] = door.split('/')
  if (top !== 'web') return part === undefined && order.some((name) => name === top)
  return rest.length === 0 && webParts.some((name) => name === part)
}

function judgeDoor(file: SourceFile, { specifier }: Import): string | undefined {
  const door = specifier.slice(1)
  const own = file.module ?? ''
  // What all tests share has a door of its own, for tests only.
  if (door.startsWith('test/')) return file.isTest ? undefined : `${specifier} is for tests`
  if (!isDoorKnown(door)) return `there is no door ${specifier}`
  if (own === 'wiring') return undefined
  if (door === own) return `${specifier} is its own door; import the sibling file`
  return rankOf(door, order) > rankOf(own, order) ? `${specifier} stands above ${own}` : undefined
}

export const doorOrder = perFile('ARC-72', 'a module imports doors below it, never its own', (file) =>
  file.imports.filter(({ specifier }) => specifier.startsWith('#')).flatMap((one) => judgeDoor(file, one) ?? []),
)

const placePage = /^\.\/[a-z0-9-]+\/page\.tsx$/
/** The first steps show the forms that stand at other places, through the door of each; nobody else may. */
const isFirstSteps = /^src\/web\/operator\/onboarding(-payments)?\//
const otherPlace = /^\.\.\/[a-z0-9-]+\/page\.tsx$/

function isLawfulPath(file: SourceFile, { specifier, isDynamic, target = '' }: Import): boolean {
  if (!specifier.startsWith('.')) return true
  if (/^\.\/[^/]+$/.test(specifier)) return true
  if (file.module === 'wiring' && target.startsWith('sandbox/')) return true // ARC-75 judges how.
  if (isFirstSteps.test(file.path) && otherPlace.test(specifier)) return true
  const isRouter = file.folder === 'src/web/operator' || file.folder === 'src/web/public'
  return isRouter && isDynamic && placePage.test(specifier)
}

function needsDoor(file: SourceFile): boolean {
  const [, module = '', part = ''] = file.path.split('/')
  const isRoom = file.folder === `src/${module}` || file.folder === `src/web/${part}`
  return file.name === 'index.ts' && isRoom && file.module !== 'wiring'
}

const pathsStayInside = perFile('ARC-73', 'a file imports a sibling or a door', (file) => {
  const strays = file.imports.filter((one) => !isLawfulPath(file, one)).map(({ specifier }) => specifier)
  const isSecondDoor = file.name === 'index.ts' && !needsDoor(file)
  const isDoorSilent = needsDoor(file) && !file.text.startsWith('/**')
  const isUnwritten = file.module !== 'wiring' && /(?<![\w.$])import\s*\(\s*[^'"`\s]/.test(file.code)
  return [
    ...strays,
    ...(isSecondDoor ? ['a second index.ts'] : []),
    ...(isDoorSilent ? ['the door does not open with a paragraph on what the module owns'] : []),
    ...(isUnwritten ? ['an import() whose address is not written out'] : []),
  ]
})

export const doorsOnly: Rule = {
  ...pathsStayInside,
  law: 'a file imports a sibling or a door, and each module has exactly one door that says what it owns',
  find: (house) => {
    const rooms = new Set(house.source.flatMap(({ module }) => (module === undefined ? [] : [module])))
    const doors = new Set(house.source.filter(needsDoor).map(({ module }) => module))
    const doorless = [...rooms].filter((room) => {
      const [top, part = ''] = room.split('/')
      return top === 'web' ? webPartsWithDoor.includes(part) : room !== 'wiring'
    })
    return [
      ...pathsStayInside.find(house),
      ...doorless.filter((room) => !doors.has(room)).map((room) => `src/${room}: has no index.ts`),
    ]
  },
}

export const sandboxApart: Rule = {
  id: 'ARC-75',
  law: 'sandbox and src know nothing of each other (SBX-1), except that the wiring starts the sandbox by a dynamic import',
  find: (house) => {
    const intoSource = house.files
      .filter((file) => file.path.startsWith('sandbox/'))
      .flatMap((file) => file.imports.map((one) => ({ file, one })))
      .filter(({ one }) => one.target?.startsWith('src/') === true)
    const intoSandbox = house.source
      .flatMap((file) => file.imports.map((one) => ({ file, one })))
      .filter(({ one }) => one.target?.startsWith('sandbox/') === true)
      .filter(({ file, one }) => !(file.module === 'wiring' && one.isDynamic))
    return [...intoSource, ...intoSandbox].map(({ file, one }) => `${file.path}: ${one.specifier}`)
  },
}

const screenFolders = /^src\/web\/(operator|public|ui|here)\//
const doorsOfScreens = ['#kernel', '#web/paths', '#web/here', '#web/ui']
/** The server loads none of it: it would cost every process time and memory (PERF-93, decision 0040). */
const forScreens = /^(#web\/(here|ui)|react|react-dom|@tanstack\/.*|@mantine\/.*)$/

export const screensApart = perFile(
  'ARC-78',
  'screens take values from #kernel, #web/paths, #web/here and #web/ui only, and nobody else takes what is for screens',
  (file) => {
    if (!screenFolders.test(file.path)) {
      if (file.name.endsWith('.tsx')) return ['a .tsx file stands only under web/operator, web/public or web/ui']
      return file.imports
        .filter(({ specifier, isType }) => !file.isTest && !isType && forScreens.test(specifier))
        .map(({ specifier }) => `${specifier} is for screens`)
    }
    if (file.isTest) return []
    return file.imports
      .filter(({ specifier }) => specifier.startsWith('#') || specifier.startsWith('node:'))
      .filter(({ specifier, isType }) => !doorsOfScreens.includes(specifier) && !(specifier === '#web/api' && isType))
      .map(({ specifier, isType }) => `${specifier} is not for screens${isType ? '' : ' as a value'}`)
  },
)
