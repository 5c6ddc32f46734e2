/**
 * Addresses. Owns the site map, how an address is written and how the present one is read. Knows nothing of what a screen shows.
 */
export {
  apiBase,
  consoleDoor,
  consolePaths,
  openPath,
  readPath,
  screens,
  streamPath,
  type ConsoleAddress,
  type ConsolePath,
} from './addresses.ts'
export { useConsoleAddress, useConsolePath, useConsoleSlug, useGo, usePathPart, useQuery } from './here.ts'
