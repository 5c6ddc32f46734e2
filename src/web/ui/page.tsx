/**
 * The frame of one screen and the states every screen has (UI-10 to UI-17): one h1, one document title, skeletons while loading,
 * an explained empty state, an explained failure that never blanks the rest.
 */
import { Anchor, Button, EmptyState, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { Component, createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react'
import { useQuery } from '#web/here'
import { problemOf } from './api-client.ts'
import { useFollow } from './api-hooks.tsx'
import { ProblemAlert } from './problem.tsx'

const WorkplaceContext = createContext('')

/** The name that follows the screen's own in the document's title. */
export function WorkplaceProvider({ name, children }: { name: string; children: ReactNode }) {
  return <WorkplaceContext value={name}>{children}</WorkplaceContext>
}

type PageProps = {
  readonly title: string
  /** A link back to the list this screen belongs to. */
  readonly back?: { readonly href: string; readonly label: string } | undefined
  readonly badge?: ReactNode
  readonly actions?: ReactNode
  readonly intro?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, back, badge, actions, intro, children }: PageProps) {
  const workplace = useContext(WorkplaceContext)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const hasMoved = document.documentElement.hasAttribute('data-moved')
    if (hasMoved && document.activeElement === document.body) heading.current?.focus()
  }, [])
  useEffect(() => {
    document.title = [title, workplace, 'Rentroll'].filter(Boolean).join(' · ')
  }, [title, workplace])
  return (
    <article className="rr-page">
      <header className="rr-page-head">
        <div>
          {back !== undefined && (
            <Anchor href={back.href} size="sm" underline="hover">
              ← {back.label}
            </Anchor>
          )}
          <Group gap="sm" align="center">
            <Title order={1} tabIndex={-1} ref={heading}>
              {title}
            </Title>
            {badge}
          </Group>
          {intro !== undefined && (
            <Text c="dimmed" mt={4} maw={640}>
              {intro}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="sm">{actions}</Group>}
      </header>
      {children}
    </article>
  )
}

type SectionProps = {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
  readonly id?: string
  /** 3 for a part inside a part. */
  readonly level?: 2 | 3
}

/** A part of a screen with its own heading. A failure inside stays inside. */
export function Section({ title, actions, children, id, level = 2 }: SectionProps) {
  return (
    <section className="rr-section" data-level={level} {...(id === undefined ? {} : { id })} aria-label={title}>
      <Group justify="space-between" className="rr-section-head">
        <Title order={level}>{title}</Title>
        {actions}
      </Group>
      <Boundary>{children}</Boundary>
    </section>
  )
}

/** Two columns: the thing itself left, what to do about it right; one below the other when narrow. */
export function Columns({ main, side }: { main: ReactNode; side: ReactNode }) {
  return (
    <div className="rr-columns">
      <div>{main}</div>
      <aside aria-label="Summary and actions">{side}</aside>
    </div>
  )
}

type BannerProps = {
  readonly tone?: 'yellow' | 'green' | 'red' | 'blue'
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

/** A sentence that matters on this screen, with what can be done about it. Its colour repeats what the words say. */
export function Banner({ tone = 'yellow', title, children, actions }: BannerProps) {
  return (
    <div className="rr-banner" data-tone={tone} role="status">
      <div>
        <strong>{title}</strong>
        {children !== undefined && <div>{children}</div>}
      </div>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </div>
  )
}

type SetupSeen = { readonly state: string; readonly failure?: string | undefined }

const isSettled = ({ state }: SetupSeen) => ['succeeded', 'failed', 'canceled'].includes(state)

/**
 * Says how saving a card ended after the person came back from Stripe's page with `?setup=…`. Coming back proves nothing (STR-101): the
 * server asks there, and what is known is shown until it is settled.
 */
export function CardReturn() {
  const [{ setup, cancelled }, change] = useQuery()
  const isCancelled = cancelled !== undefined
  const outcome = useFollow<SetupSeen>(setup === undefined || isCancelled ? undefined : `/setups/${setup}`, isSettled)
  if (setup === undefined) return null
  const dismiss = (
    <Button
      size="compact-sm"
      variant="default"
      onClick={() => change({ setup: undefined, session: undefined, cancelled: undefined }, { replace: true })}
    >
      Dismiss
    </Button>
  )
  if (isCancelled)
    return <Banner title="No card was saved: the page was left before one was entered." actions={dismiss} />
  if (outcome === undefined || !isSettled(outcome)) return <Banner tone="blue" title="Checking the card with Stripe…" />
  if (outcome.state === 'succeeded') return <Banner tone="green" title="The card is saved" actions={dismiss} />
  return (
    <Banner tone="red" title="The card was not saved" actions={dismiss}>
      {outcome.failure}
    </Banner>
  )
}

export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children
    return <ProblemAlert problem={problemOf(this.state.error)} onRetry={() => this.setState({ error: undefined })} />
  }
}

type FirstUseProps = {
  readonly title: string
  readonly why: string
  readonly action?: ReactNode
  readonly icon?: ReactNode
}

/** Nothing here yet: what is missing, why it matters, one way to begin (UI-11). */
export function FirstUse({ title, why, action, icon }: FirstUseProps) {
  return (
    <EmptyState title={title} description={why} icon={icon} className="rr-empty">
      {action !== undefined && <EmptyState.Actions>{action}</EmptyState.Actions>}
    </EmptyState>
  )
}

/** Nothing matches: never the first-use text (UI-12). */
export function NothingMatches({ noun, onClear }: { noun: string; onClear: () => void }) {
  return (
    <Stack align="center" py="xl" role="status">
      <Text>No {noun} match these filters.</Text>
      <Button variant="default" onClick={onClear}>
        Clear filters
      </Button>
    </Stack>
  )
}

type NotFoundProps = { readonly noun: string; readonly href: string; readonly listLabel: string }

/** The same words whether it never existed or belongs to someone else (UI-17). */
export function NotFound({ noun, href, listLabel }: NotFoundProps) {
  const workplace = useContext(WorkplaceContext)
  return (
    <Page title="Not found">
      <Text>
        We have no {noun} with this address{workplace === '' ? '' : ` in ${workplace}`}.
      </Text>
      <Anchor href={href}>{listLabel}</Anchor>
    </Page>
  )
}

const skeletonAfterMs = 150

/** Grey shapes of the result, only when it takes noticeably long (UI-10). */
function Shapes({ rows = 5 }: { rows?: number }) {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = window.setTimeout(() => setShown(true), skeletonAfterMs)
    return () => window.clearTimeout(timer)
  }, [])
  const widths = ['62%', '88%', '74%', '91%', '55%']
  return (
    <Stack aria-busy="true" aria-label="Loading" role="status" className="rr-shapes">
      {isShown &&
        Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} height={18} width={widths[row % widths.length] ?? '80%'} />
        ))}
    </Stack>
  )
}

type LoadedProps<Answer> = {
  readonly query: UseQueryResult<Answer>
  readonly children: (answer: Answer) => ReactNode
  /** Shown for 404; without it the problem is shown. */
  readonly missing?: ReactNode
  /** The heading while there is no answer, for screens whose own heading comes out of it. */
  readonly title?: string
}

/** Shows the answer, or what stands in its place. An old answer stays when a new one cannot be had. */
export function Loaded<Answer>({ query, children, missing, title }: LoadedProps<Answer>) {
  const retry = () => void query.refetch()
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <ProblemAlert problem={problemOf(query.error)} onRetry={retry} />}
        {children(query.data)}
      </>
    )
  }
  const problem = query.isError ? problemOf(query.error) : undefined
  if (problem?.status === 404 && missing !== undefined) return missing
  const stand = problem === undefined ? <Shapes /> : <ProblemAlert problem={problem} onRetry={retry} />
  return title === undefined ? stand : <Page title={title}>{stand}</Page>
}
