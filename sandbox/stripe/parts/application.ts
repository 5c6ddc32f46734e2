/** The application a platform is to the accounts connected to it, and whether a call is made for one of them. */
import type { Call } from '../protocol/operation.ts'
import { lettersFrom } from '../world/ids.ts'

/** The `ca_` id: always the same for a platform. */
export function applicationIdOf(platformId: string): string {
  return `ca_${lettersFrom(`application/${platformId}`, 32)}`
}

/** The application that makes this call for a connected account; null for an account with its own keys. */
export function callingApplication({ account, key }: Call<unknown>): string | null {
  return account.id === key.account ? null : applicationIdOf(key.account)
}
