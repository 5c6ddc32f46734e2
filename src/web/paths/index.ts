/**
 * Addresses. Owns the site map and how an address is written. Knows nothing of what a screen shows, and loads nothing: the server writes addresses too.
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
  type Query,
} from './addresses.ts'
