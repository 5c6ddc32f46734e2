/**
 * Where the person is. Owns how the present address is read and how one goes to another; for screens alone, because it brings the router along.
 * Knows nothing of what a screen shows.
 */
export { useConsoleAddress, useConsolePath, useConsoleSlug, useGo, usePathPart, useQuery } from './here.ts'
