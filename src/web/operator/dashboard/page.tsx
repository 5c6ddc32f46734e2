/** Three figures, what needs a person, and the first steps of a new operator (UI-195). */
import type { Api } from '#web/api'
import { useConsolePath } from '#web/here'
import { type ConsolePath } from '#web/paths'
import { Loaded, MoneyList, Page, plural, Section, useApiQuery, type AnswerOf } from '#web/ui'
import { Anchor, Button, Text } from '@mantine/core'
import { IconCircle, IconCircleCheck } from '@tabler/icons-react'
import { Checklist, isChecklistWanted, type Onboarding } from './checklist.tsx'

type Dashboard = AnswerOf<Api, '/api/v1/w/:slug/dashboard'>
type StepId = Dashboard['steps'][number]['id']

export function DashboardPage() {
  const query = useApiQuery<Dashboard>('/dashboard')
  return (
    <Page title="Dashboard">
      <Loaded query={query}>
        {(dashboard) => (
          <>
            <Figures figures={dashboard.figures} />
            <Beginning steps={dashboard.steps} />
            <Attention overdueInvoices={dashboard.overdueInvoices} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Figures({ figures }: { figures: Dashboard['figures'] }) {
  const all = [
    { label: 'Collected this month', amounts: figures.collectedThisMonth, none: 'Nothing yet' },
    { label: 'Outstanding', amounts: figures.outstanding, none: 'Nothing owed' },
    { label: 'Overdue', amounts: figures.overdue, none: 'Nothing overdue' },
  ]
  return (
    <dl className="rr-figures">
      {all.map(({ label, amounts, none }) => {
        const owed = amounts.filter(({ amountMinor }) => amountMinor !== '0')
        return (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={owed.length > 0 ? 'rr-headline' : 'rr-headline rr-quiet'}>
              <MoneyList amounts={owed} none={none} />
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function stepWords(
  path: ConsolePath,
): Record<StepId, { readonly title: string; readonly why: string; readonly href: string }> {
  return {
    stripe: {
      title: 'Connect Stripe',
      why: 'Cards are charged through your own account.',
      href: path('integrations', {}),
    },
    webhook: { title: 'Add the webhook', why: 'Payments turn Paid within a second.', href: path('integrations', {}) },
    agreement: { title: 'Write the agreement', why: 'Renters accept it at check-out.', href: path('agreements', {}) },
    space: { title: 'Add spaces', why: 'What you rent out, with its price and deposit.', href: path('newSpaces', {}) },
    check_out: {
      title: 'Check out a space',
      why: 'The first invoice is written and charged.',
      href: path('checkOut', {}),
    },
  }
}

/** The list of the sign-up where it is wanted; then what is still missing for money to flow, unless the list was put away. */
function Beginning({ steps }: { steps: Dashboard['steps'] }) {
  const { data: onboarding, isPending } = useApiQuery<Onboarding>('/onboarding')
  if (isPending) return null
  if (onboarding === undefined) return <FirstSteps steps={steps} />
  if (isChecklistWanted(onboarding)) return <Checklist onboarding={onboarding} />
  return onboarding.isDismissed ? null : <FirstSteps steps={steps} />
}

/** Shown until every step is done; the first open one is the primary action. */
function FirstSteps({ steps }: { steps: Dashboard['steps'] }) {
  const words = stepWords(useConsolePath())
  const next = steps.find(({ isDone }) => !isDone)
  if (next === undefined) return null
  const count = steps.filter(({ isDone }) => isDone).length
  return (
    <Section title="First steps" actions={<Text c="dimmed">{`${count} of ${steps.length} done`}</Text>}>
      <ol className="rr-steps">
        {steps.map(({ id, isDone }) => (
          <li key={id} data-done={isDone}>
            {isDone ? <IconCircleCheck size={20} aria-label="Done" /> : <IconCircle size={20} aria-label="To do" />}
            <div className="rr-grow">
              {isDone ? words[id].title : <Anchor href={words[id].href}>{words[id].title}</Anchor>}
              <Text size="xs" c="dimmed">
                {words[id].why}
              </Text>
            </div>
            {id === next.id && (
              <Button component="a" href={words[id].href} size="xs" aria-label={`Start: ${words[id].title}`}>
                Start
              </Button>
            )}
          </li>
        ))}
      </ol>
    </Section>
  )
}

function Attention({ overdueInvoices }: { overdueInvoices: number }) {
  const path = useConsolePath()
  const count =
    overdueInvoices >= 100
      ? '100 or more invoices are'
      : `${plural(overdueInvoices, 'invoice')} ${overdueInvoices === 1 ? 'is' : 'are'}`
  return (
    <Section title="Needs attention">
      {overdueInvoices === 0 ? (
        <Text c="dimmed">Nothing waits for you.</Text>
      ) : (
        <Anchor href={path('invoices', {}, { show: 'overdue' })}>{count} overdue</Anchor>
      )}
    </Section>
  )
}
