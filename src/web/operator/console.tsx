/**
 * One operator's console: who may be here, the mode in the address, the way to the operator's data, the live stream, and the frame
 * around every screen (UI-1 to UI-4).
 */
import { isMode, type Mode } from '#kernel'
import { useConsoleAddress, useConsoleSlug, useQuery } from '#web/here'
import { apiBase, consoleDoor, openPath, streamPath } from '#web/paths'
import {
  ApiProvider,
  ConventionsProvider,
  createApiClient,
  Frame,
  LiveDot,
  Loaded,
  Page,
  useApi,
  useLiveStream,
  WorkplaceProvider,
} from '#web/ui'
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { AccountMenu } from './account-menu.tsx'
import { leaveForSignIn, useWarnBeforeLeaving } from './leaving.ts'
import { useMe, type Me, type OperatorEntry } from './me.ts'
import { ModeSwitch, TestBand } from './mode.tsx'
import { navigationOf, runsInstallation } from './navigation.tsx'
import { PlainScreen } from './plain-screen.tsx'

const OneBanner = lazy(() => import('./banners/page.tsx'))

export function ConsoleScreens() {
  const query = useMe()
  const me = query.data
  const slug = useConsoleSlug()
  const isSignedOut = me !== undefined && me.person === null
  useEffect(() => {
    if (isSignedOut) leaveForSignIn()
  }, [isSignedOut])
  const naming = useNamedOperator(slug, me)
  const operator = me?.operators.find((entry) => entry.slug === slug)
  if (me === undefined || isSignedOut || operator === undefined) {
    return (
      <PlainScreen>
        <Loaded query={query}>
          {() => {
            if (isSignedOut) return null
            return naming === 'asking' ? <Checking /> : <NoConsole slug={slug} me={me} />
          }}
        </Loaded>
      </PlainScreen>
    )
  }
  return <InMode me={me} operator={operator} />
}

function Checking() {
  return <Page title="Checking with Stripe…">{null}</Page>
}

type Returned = { readonly slug: string; readonly connect: { readonly mode: Mode } }

/**
 * Where neither path nor query names an operator, the address is completed: with whose account it is when somebody comes back from
 * Stripe's form (STR-33), else with the person's own. Nothing that Stripe's way back says is believed.
 */
function useNamedOperator(slug: string, me: Me | undefined): 'named' | 'asking' | 'unknown' {
  const [{ c: connection }, change] = useQuery()
  const api = useApi()
  const [isUnknown, setUnknown] = useState(false)
  const own = me?.operators[0]?.slug
  const isAsked = slug === '' && own !== undefined
  useEffect(() => {
    if (!isAsked) return
    if (connection === undefined) {
      change({ operator: own }, { replace: true })
      return
    }
    api.send<Returned>('/connect/return', { connection }).then(
      (found) => change({ operator: found.slug, mode: found.connect.mode }, { replace: true }),
      () => setUnknown(true),
    )
  }, [isAsked, own, connection, change, api])
  if (isUnknown) return 'unknown'
  return isAsked ? 'asking' : 'named'
}

function NoConsole({ slug, me }: { slug: string; me: Me | undefined }) {
  const own = me?.operators[0]
  return (
    <Page title="Not found">
      <p>{slug === '' ? 'You have no workspace this address belongs to.' : `You have no workspace named ${slug}.`}</p>
      <a href={own === undefined ? openPath('home', {}) : consoleDoor(own.slug)}>Go to your console</a>
    </Page>
  )
}

/** An address without a mode is completed with the operator's default before anything is read (UI-3). */
function InMode({ me, operator }: { me: Me; operator: OperatorEntry }) {
  const [query, change] = useQuery()
  const isModeKnown = isMode(query['mode'])
  useEffect(() => {
    if (!isModeKnown) change({ mode: operator.defaultMode }, { replace: true })
  }, [isModeKnown, change, operator.defaultMode])
  return isModeKnown ? <OperatorConsole me={me} operator={operator} mode={query['mode'] as Mode} /> : null
}

type ConsoleProps = { readonly me: Me; readonly operator: OperatorEntry; readonly mode: Mode }

function OperatorConsole({ me, operator, mode }: ConsoleProps) {
  const client = useMemo(
    () => createApiClient({ base: apiBase(operator.slug), query: { mode }, onSignedOut: leaveForSignIn }),
    [operator.slug, mode],
  )
  return (
    <ApiProvider client={client}>
      <WorkplaceProvider name={operator.name}>
        <FramedScreen me={me} operator={operator} mode={mode} clientName={client.name} />
      </WorkplaceProvider>
    </ApiProvider>
  )
}

function FramedScreen({ me, operator, mode, clientName }: ConsoleProps & { clientName: string }) {
  const address = useConsoleAddress()
  const { pathname } = useLocation()
  const queries = useQueryClient()
  const live = useLiveStream(streamPath(address), () => {
    void queries.invalidateQueries({ queryKey: ['api', clientName] })
  })
  useWarnBeforeLeaving()
  const home = consoleDoor(operator.slug)
  const allowed = me.isAdministrator ? [...operator.permissions, runsInstallation] : operator.permissions
  return (
    <ConventionsProvider locale={operator.locale} timeZone={operator.timeZone} currency={operator.currency}>
      <Frame
        place={pathname}
        brand={
          <a href={`${home}?mode=${mode}`}>
            <span className="rr-brand-name">Rentroll</span> <span className="rr-brand-operator">{operator.name}</span>
          </a>
        }
        navigation={navigationOf(address, pathname, allowed)}
        band={
          <>
            {mode === 'test' && <TestBand />}
            <Suspense>
              <OneBanner permissions={operator.permissions} />
            </Suspense>
          </>
        }
        bar={
          <>
            <LiveDot state={live} />
            <ModeSwitch />
            <AccountMenu me={me} role={operator.role} />
          </>
        }
      >
        <Outlet />
      </Frame>
    </ConventionsProvider>
  )
}
