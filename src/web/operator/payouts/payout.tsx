/** One payout: what Stripe says of it, its story, and for a failed one the cause, what happens next and the remedies (UI-176, UI-178). */
import { useConsolePath, usePathPart } from '#web/here'
import {
  Banner,
  Columns,
  CopyButton,
  DeedButton,
  Fact,
  InstantText,
  Loaded,
  LocalDateText,
  MoneyText,
  NotFound,
  Page,
  plural,
  ProblemAlert,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
} from '#web/ui'
import { Anchor, Button, Group, Stack, Text, Timeline } from '@mantine/core'
import { payoutTone, type Payout } from './wire.ts'

const lookEveryMs = 60_000

export function PayoutPage() {
  const path = useConsolePath()
  const payoutId = usePathPart('payoutId')
  const query = useApiQuery<Payout>(`/payouts/${payoutId}`, { repeatsEveryMs: lookEveryMs })
  const missing = <NotFound noun="payout" href={path('payoutList', {})} listLabel="All payouts" />
  return (
    <Loaded query={query} title="Payout" missing={missing}>
      {(payout) => <Screen payout={payout} />}
    </Loaded>
  )
}

function Screen({ payout }: { payout: Payout }) {
  const path = useConsolePath()
  return (
    <Page
      title={payout.isDebit ? 'Debit from your bank' : 'Payout'}
      back={{ href: path('payoutList', {}), label: 'Payouts' }}
      badge={<StatusBadge tone={payoutTone(payout)}>{payout.stateLabel}</StatusBadge>}
    >
      <Columns
        main={
          <>
            {payout.wasPaid && payout.state === 'failed' && (
              <Banner tone="red" title="The bank sent this payout back">
                It was paid first and came back afterwards; banks may do that for five business days.
              </Banner>
            )}
            {payout.failure !== undefined && <Failure payout={payout} failure={payout.failure} />}
            <Story payout={payout} />
          </>
        }
        side={<Head payout={payout} />}
      />
    </Page>
  )
}

function Head({ payout }: { payout: Payout }) {
  const { amount, arrivalOn, bank, traceId, stripeId, stripeUrl, accountName, statementDescriptor } = payout
  const word = payout.isAutomatic ? 'By the schedule' : 'By hand'
  return (
    <Section title="Details">
      <Text size="xl" fw={700} mb="sm" {...(payout.isDebit ? { c: 'red' } : {})}>
        <MoneyText money={amount} />
      </Text>
      <dl className="rr-facts">
        <Fact label="Bank">{bank}</Fact>
        <Fact label="Arrival">
          <LocalDateText date={arrivalOn} />
        </Fact>
        <Fact label="Made">
          {word}, <InstantText at={payout.createdAt} />
        </Fact>
        <Fact label="Trace id">{traceId === undefined ? noTrace(payout) : <Copied value={traceId} />}</Fact>
        <Fact label="Account">{accountName}</Fact>
        {statementDescriptor !== undefined && <Fact label="On the statement">{statementDescriptor}</Fact>}
        <Fact label="Stripe id">
          <Copied value={stripeId} />
        </Fact>
      </dl>
      <Text mt="sm">
        <Anchor href={stripeUrl} target="_blank" rel="noopener noreferrer">
          Open in Stripe
        </Anchor>
      </Text>
      <Chain payout={payout} />
    </Section>
  )
}

/** Banks name a payout once it has arrived; one that did not gets no name. */
function noTrace({ state }: Payout): string {
  return state === 'failed' || state === 'canceled' ? 'None' : 'Not given yet'
}

function Copied({ value }: { value: string }) {
  return (
    <span className="rr-stripe-id">
      <span className="rr-mono">{value}</span>
      <CopyButton value={value} what={value} />
    </span>
  )
}

/** The other payouts of the same money. */
function Chain({ payout: { retryOf, retriedAs } }: { payout: Payout }) {
  const path = useConsolePath()
  if (retryOf === undefined && retriedAs.length === 0) return null
  return (
    <Stack gap="xs" mt="md">
      {retryOf !== undefined && (
        <Text>
          Carries the money of <Anchor href={path('payout', { payoutId: retryOf })}>a payout that failed</Anchor> again.
        </Text>
      )}
      {retriedAs.map((row) => (
        <Group key={row.id} gap="xs">
          <Anchor href={path('payout', { payoutId: row.id })}>
            Sent again as <MoneyText money={row.amount} />
          </Anchor>
          <StatusBadge tone={payoutTone(row)}>{row.stateLabel}</StatusBadge>
        </Group>
      ))}
    </Stack>
  )
}

type FailureProps = { readonly payout: Payout; readonly failure: NonNullable<Payout['failure']> }

function Failure({ payout, failure }: FailureProps) {
  const { cause, nextStep, next, code, checkAt, retries, retryProblem } = failure
  return (
    <Section title="Scheduled payout failed">
      <Stack gap="xs" mb="md">
        <Text>{cause}</Text>
        <Text>{nextStep}</Text>
        <Text>{next}</Text>
      </Stack>
      <dl className="rr-facts">
        <Fact label="Code">
          <span className="rr-mono">{code === '' ? 'none' : code}</span>
        </Fact>
        {checkAt !== undefined && (
          <Fact label="Looked at again">
            <InstantText at={checkAt} />
          </Fact>
        )}
        {retries > 0 && <Fact label="Sent again">{plural(retries, 'time')}</Fact>}
        {retryProblem !== undefined && <Fact label="Last retry refused">{refusedWords(retryProblem)}</Fact>}
      </dl>
      <Buttons payout={payout} failure={failure} />
    </Section>
  )
}

function refusedWords(code: string): string {
  if (code === 'permission')
    return 'The restricted key may not make payouts. Give it the permission Payouts (write), or make the payout in Stripe.'
  if (code === 'balance_insufficient') return 'Your available balance was smaller than the payout.'
  if (code === 'not_received') return 'Stripe never received it.'
  return `Stripe said: ${code.replaceAll('_', ' ')}.`
}

function Buttons({ payout: { id, bankUrl }, failure: { side, isManual, retry: can } }: FailureProps) {
  const check = useDeed({ send: (api) => api.send(`/payouts/${id}/check`) })
  const retry = useDeed({ send: (api) => api.send(`/payouts/${id}/retry`) })
  const isBank = side === 'bank'
  return (
    <Stack gap="xs" mt="md">
      <Group gap="xs">
        {isBank && (
          <Button component="a" href={bankUrl} target="_blank" rel="noopener noreferrer">
            Update bank details
          </Button>
        )}
        {!isBank && isManual && (
          <DeedButton
            can={can}
            isRunning={retry.isRunning}
            runningLabel="Sending again…"
            onClick={() => void retry.run()}
          >
            Retry payout
          </DeedButton>
        )}
        <DeedButton
          variant="default"
          isRunning={check.isRunning}
          runningLabel="Asking Stripe…"
          onClick={() => void check.run()}
        >
          Check again
        </DeedButton>
      </Group>
      {check.problem !== undefined && <ProblemAlert problem={check.problem} />}
      {retry.problem !== undefined && <ProblemAlert problem={retry.problem} />}
    </Stack>
  )
}

function Story({ payout: { timeline } }: { payout: Payout }) {
  return (
    <Section title="Timeline">
      <Timeline bulletSize={12} lineWidth={1} aria-label="Timeline">
        {timeline.map(({ at, title, detail }) => (
          <Timeline.Item key={`${at} ${title}`} title={title}>
            {detail !== undefined && <Text>{detail}</Text>}
            <Text size="xs" c="dimmed">
              <InstantText at={at} />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  )
}
