/**
 * What every entry of the screens is wrapped in: the look with the nonce of this response (UI-70), the cache of server state, and
 * one polite live region that screens speak through.
 */
import { MantineProvider, type MantineColorScheme, type MantineColorSchemeManager } from '@mantine/core'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { createContext, StrictMode, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { Boundary } from './page.tsx'
import { ProofDialog } from './step-up.tsx'
import { theme, variables } from './theme.ts'
import './ui.css'

const cookieName = 'colour-scheme'
const yearInSeconds = 31_536_000

/** The choice lives in a cookie, which the page-start script reads before the first paint (UI-43). */
const schemeInCookie: MantineColorSchemeManager = {
  get: () => (/(?:^|; )colour-scheme=(light|dark)/.exec(document.cookie)?.[1] ?? 'auto') as MantineColorScheme,
  set: (scheme) => {
    const age = scheme === 'auto' ? 0 : yearInSeconds
    document.cookie = `${cookieName}=${scheme}; path=/; max-age=${age}; samesite=lax`
  },
  subscribe: () => {},
  unsubscribe: () => {},
  clear: () => {
    document.cookie = `${cookieName}=; path=/; max-age=0; samesite=lax`
  },
}

const AnnounceContext = createContext<(text: string) => void>(() => {})

/** Says a sentence to screen readers without moving the focus; politely, when they have finished. */
export function useAnnounce(): (text: string) => void {
  return useContext(AnnounceContext)
}

/** Says `words` when `value` becomes `wanted` while the screen is open, not when it already was. */
export function useAnnounceChange(value: string | undefined, wanted: string, words: string): void {
  const announce = useAnnounce()
  const before = useRef(value)
  useEffect(() => {
    if (before.current !== undefined && before.current !== value && value === wanted) announce(words)
    before.current = value
  }, [value, wanted, words, announce])
}

function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState('')
  const announce = useCallback((text: string) => setSaid(text), [])
  return (
    <AnnounceContext value={announce}>
      {children}
      <div aria-live="polite" role="status" className="rr-spoken" data-announcer>
        {said}
      </div>
    </AnnounceContext>
  )
}

function UiProvider({ queries, children }: { queries: QueryClient; children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={schemeInCookie}
      defaultColorScheme="auto"
      getStyleNonce={() => document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? ''}
    >
      <QueryClientProvider client={queries}>
        <Announcer>
          {children}
          <ProofDialog />
        </Announcer>
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** Starts an entry in the page's root element. */
export function startScreens(queries: QueryClient, screens: ReactNode): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('the page has no root element')
  createRoot(root).render(
    <StrictMode>
      <UiProvider queries={queries}>
        <Boundary>{screens}</Boundary>
      </UiProvider>
    </StrictMode>,
  )
}
