/** The Connect application of a platform: what connected accounts gave access to. */
import { lettersFrom } from '../world/ids.ts'

/** The same for a platform at all times; an id alone says which application a connected account authorised. */
export function applicationOf(platformId: string): string {
  return `ca_${lettersFrom(`application/${platformId}`, 32)}`
}
