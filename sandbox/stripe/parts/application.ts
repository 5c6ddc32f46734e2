/** The Connect application of a platform: what connected accounts gave access to. */
import type { Call } from '../protocol/operation.ts'
import { lettersFrom } from '../world/ids.ts'

/** The same for a platform at all times; an id alone says which application a connected account authorised. */
export function applicationOf(platformId: string): string {
  return `ca_${lettersFrom(`application/${platformId}`, 32)}`
}

/** The application that makes this call for a connected account; null for an account that uses its own keys. */
export function callingApplication({ account, key }: Call<unknown>): string | null {
  return account.id === key.account ? null : applicationOf(key.account)
}
