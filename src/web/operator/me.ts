/** Who is signed in and which consoles they may open. */
import type { Mode } from '#kernel'
import { useApiQuery } from '#web/ui'

export type OperatorEntry = {
  readonly slug: string
  readonly name: string
  readonly role: string
  readonly permissions: readonly string[]
  readonly defaultMode: Mode
  readonly currency: string
  readonly timeZone: string
  readonly locale: string
}

export type Me = {
  readonly person: { readonly id: string; readonly name: string; readonly email: string } | null
  readonly operators: readonly OperatorEntry[]
  readonly isSandbox: boolean
  readonly sandboxUrl?: string | undefined
}

export function useMe() {
  return useApiQuery<Me>('/me')
}
