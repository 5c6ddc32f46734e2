/**
 * The frame around every console screen (UI-1): skip link, navigation, top bar, bands; and the frame of screens that are steps of one
 * way. It is told what to show and knows neither addresses nor roles.
 */
import { Anchor, Burger, Group, Text } from '@mantine/core'
import { useNetwork } from '@mantine/hooks'
import { IconArrowForward, IconCircle, IconCircleCheck, IconCircleDot } from '@tabler/icons-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { Deed } from './api-hooks.tsx'
import { DeedButton } from './buttons.tsx'
import { Dialog } from './forms.tsx'
import type { LiveState } from './live-stream.ts'
import { Columns, Page } from './page.tsx'
import { ProblemAlert } from './problem.tsx'
import { clockText } from './texts.tsx'

export type NavigationEntry = {
  readonly label: string
  readonly href: string
  readonly isHere: boolean
  readonly icon?: ReactNode
}
/** A group without a label stands on its own at the top. */
export type NavigationGroup = { readonly label?: string; readonly entries: readonly NavigationEntry[] }

type FrameProps = {
  readonly brand: ReactNode
  readonly navigation: readonly NavigationGroup[]
  readonly bar: ReactNode
  readonly band?: ReactNode
  /** Changes with every screen and closes the narrow navigation. */
  readonly place: string
  readonly children: ReactNode
}

export function Frame({ brand, navigation, bar, band, place, children }: FrameProps) {
  // Opened at one place it is closed at the next.
  const [openAt, setOpenAt] = useState<string>()
  const isOpen = openAt === place
  return (
    <div className="rr-frame">
      <a href="#content" className="rr-skip">
        Skip to content
      </a>
      <header className="rr-bar">
        <Burger
          opened={isOpen}
          onClick={() => setOpenAt(isOpen ? undefined : place)}
          size="sm"
          className="rr-burger"
          aria-label={isOpen ? 'Close navigation' : 'Open navigation'}
        />
        <div className="rr-brand">{brand}</div>
        <div className="rr-bar-end">{bar}</div>
      </header>
      {band}
      <OfflineBand />
      <div className="rr-body">
        <nav className="rr-side" aria-label="Main">
          <Navigation groups={navigation} />
        </nav>
        <main id="content" className="rr-main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <Dialog isOpen={isOpen} onClose={() => setOpenAt(undefined)} title="Navigation" size="side">
        <nav aria-label="Main, narrow">
          <Navigation groups={navigation} />
        </nav>
      </Dialog>
    </div>
  )
}

function Navigation({ groups }: { groups: readonly NavigationGroup[] }) {
  return groups.map((group) => (
    <div key={group.label ?? 'top'} className="rr-side-group">
      {group.label !== undefined && (
        <Text size="xs" c="dimmed" fw={600} className="rr-side-label">
          {group.label}
        </Text>
      )}
      <ul>
        {group.entries.map((entry) => (
          <li key={entry.href}>
            <a href={entry.href} {...(entry.isHere ? { 'aria-current': 'page' as const } : {})}>
              {entry.icon}
              {entry.label}
            </a>
          </li>
        ))}
      </ul>
    </div>
  ))
}

const liveWords: Record<LiveState, string> = {
  live: 'Live',
  reconnecting: 'Reconnecting',
  polling: 'Updating every 5 s',
}

/** Whether what is shown follows what happens; in words too (UI-29). */
export function LiveDot({ state }: { state: LiveState }) {
  const words = liveWords[state]
  return (
    <span className="rr-live" data-state={state} role="status" title={words}>
      <span className="rr-live-dot" aria-hidden />
      <span className="rr-live-words">{words}</span>
    </span>
  )
}

const noticeNames = { test: 'Test mode', offline: 'Offline', problem: 'Problem' }

/** A full-width sentence under the top bar. */
export function Band({ tone, children }: { tone: 'test' | 'offline' | 'problem'; children: ReactNode }) {
  return (
    <section className="rr-band" data-tone={tone} aria-label={noticeNames[tone]}>
      {children}
    </section>
  )
}

function OfflineBand() {
  const { online } = useNetwork()
  const [since, setSince] = useState<string>()
  useEffect(() => {
    setSince(online ? undefined : clockText(performance.timeOrigin + performance.now()))
  }, [online])
  return (
    <div aria-live="polite">
      {!online && (
        <Band tone="offline">
          You are offline. What you see is from {since ?? 'a moment ago'}. Changes will not be saved.
        </Band>
      )}
    </div>
  )
}

/** The frame of screens without navigation: identity and public pages. */
export function PlainFrame({ brand, children, band }: { brand: ReactNode; children: ReactNode; band?: ReactNode }) {
  return (
    <div className="rr-plain">
      <a href="#content" className="rr-skip">
        Skip to content
      </a>
      <header className="rr-plain-brand">{brand}</header>
      {band}
      <OfflineBand />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

/** One of several steps taken one after the other, each at an address of its own. */
type StepSeen = {
  readonly number: number
  readonly title: string
  readonly state: 'open' | 'done' | 'skipped'
}

type ListProps = {
  readonly steps: readonly StepSeen[]
  readonly hrefOf: (number: number) => string
  /** The step on screen; none where the list stands alone. */
  readonly here?: number
}

const stateWords = { open: 'To do', done: 'Done', skipped: 'Later' } as const

export function StepList({ steps, hrefOf, here }: ListProps) {
  return (
    <ol className="rr-steps rr-first-steps">
      {steps.map(({ number, title, state }) => (
        <li key={number} data-done={state === 'done'} {...(number === here ? { 'aria-current': 'step' as const } : {})}>
          <StateIcon state={state} isHere={number === here} />
          {number === here ? (
            <strong className="rr-grow">{title}</strong>
          ) : (
            <Anchor className="rr-grow" href={hrefOf(number)}>
              {title}
            </Anchor>
          )}
          {state === 'skipped' && number !== here && <span className="rr-muted rr-small">Later</span>}
        </li>
      ))}
    </ol>
  )
}

function StateIcon({ state, isHere }: { state: StepSeen['state']; isHere: boolean }) {
  const label = isHere ? `This step, ${stateWords[state].toLowerCase()}` : stateWords[state]
  if (state === 'done') return <IconCircleCheck size={20} aria-label={label} role="img" />
  if (isHere) return <IconCircleDot size={20} aria-label={label} role="img" />
  if (state === 'skipped') return <IconArrowForward size={20} aria-label={label} role="img" />
  return <IconCircle size={20} aria-label={label} role="img" />
}

type ScreenProps = Required<ListProps> & { readonly intro: string; readonly children: ReactNode }

export function StepScreen({ steps, hrefOf, here, intro, children }: ScreenProps) {
  const before = steps.find(({ number }) => number === here - 1)
  return (
    <Page
      title={titleOf(steps, here)}
      back={before === undefined ? undefined : { href: hrefOf(before.number), label: before.title }}
      intro={`Step ${here} of ${steps.length}. ${intro}`}
    >
      <Columns main={children} side={<StepList steps={steps} hrefOf={hrefOf} here={here} />} />
    </Page>
  )
}

function titleOf(steps: readonly StepSeen[], here: number): string {
  return steps.find(({ number }) => number === here)?.title ?? ''
}

type OnwardProps = { readonly isThere: boolean; readonly deed: Deed<'done' | 'skipped'> }

/** Continue when the step's thing is there; until then the step can be left for later. */
export function Onward({ isThere, deed }: OnwardProps) {
  return (
    <div className="rr-onward">
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      <Group>
        <DeedButton
          {...(isThere ? {} : { variant: 'default' as const })}
          isRunning={deed.isRunning}
          runningLabel="Going on…"
          onClick={() => void deed.run(isThere ? 'done' : 'skipped')}
        >
          {isThere ? 'Continue' : 'Do this later'}
        </DeedButton>
      </Group>
    </div>
  )
}
