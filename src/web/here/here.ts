/**
 * Where the person is now: slug from the path, mode and filters from the query. A screen asks here and never takes an address
 * apart itself.
 */
import { isMode } from '#kernel'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { consolePaths, type ConsoleAddress, type ConsolePath, type Query } from '#web/paths'

type Words = { readonly [name: string]: string | undefined }

/** The operator in the address: in its path, or in the query of the one screen Stripe sends people back to. */
export function useConsoleSlug(): string {
  const { slug }: Words = useParams({ strict: false })
  const { operator = '' }: Words = useSearch({ strict: false })
  return slug ?? operator
}

/** The console's slug and mode. The console's frame has put the mode into the address before any screen is shown. */
export function useConsoleAddress(): ConsoleAddress {
  const slug = useConsoleSlug()
  const { mode }: Words = useSearch({ strict: false })
  return useMemo(() => ({ slug, mode: isMode(mode) ? mode : 'test' }), [slug, mode])
}

/** Writes addresses of this console, in this mode. */
export function useConsolePath(): ConsolePath {
  const address = useConsoleAddress()
  return useMemo(() => consolePaths(address), [address])
}

/** A named part of the path such as `invoiceId`; the router does not show the screen without it. */
export function usePathPart(name: string): string {
  const parts: Words = useParams({ strict: false })
  return parts[name] ?? ''
}

/** The query of the address and a way to change parts of it; `replace` keeps Back meaningful while someone types. */
export function useQuery(): [Words, (change: Query, how?: { replace?: boolean }) => void] {
  const query: Words = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (next: Query, how: { replace?: boolean } = {}) => {
      const merge = (before: Words) =>
        Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, word]) => word))
      void navigate({ to: '.', search: merge as never, replace: how.replace ?? false, resetScroll: false })
    },
    [navigate],
  )
  return [query, change]
}

/** Goes to an address written by this part. */
export function useGo(): (href: string, how?: { replace?: boolean }) => void {
  const navigate = useNavigate()
  return useCallback((href, how = {}) => void navigate({ href, replace: how.replace ?? false }), [navigate])
}
