/** Run a test payment (UI-130): the whole road from invoice to Paid, followed step by step while it goes. Disabled in live mode, with why. */
import { useConsolePath } from '#web/here'
import {
  DeedButton,
  Loaded,
  ProblemAlert,
  Section,
  StatusBadge,
  useApiQuery,
  useConventions,
  useDeed,
  useMoneyText,
  useRequestKey,
  type Tone,
} from '#web/ui'
import { Anchor, Group, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed, IconLoader2, type Icon } from '@tabler/icons-react'
import { useEffect } from 'react'
import { testPaymentPath, type TestPayment } from './wire.ts'

type Latest = NonNullable<TestPayment['latest']>

const place = 'test-payment'

const isUnderWay = ({ latest }: TestPayment): boolean => latest?.isOver === false

export function TestPaymentSection() {
  const query = useApiQuery<TestPayment>(testPaymentPath, { repeatWhile: isUnderWay })
  const isThere = query.data !== undefined
  // Who followed a link to here came before there was anything to scroll to.
  useEffect(() => {
    if (isThere && window.location.hash === `#${place}`) document.getElementById(place)?.scrollIntoView()
  }, [isThere])
  return (
    <Section title="Test payment" id={place}>
      <Loaded query={query}>{(found) => <Rehearsal found={found} />}</Loaded>
    </Section>
  )
}

function Rehearsal({ found: { can, amount, latest } }: { found: TestPayment }) {
  const format = useMoneyText()
  const path = useConsolePath()
  const { key, renew } = useRequestKey()
  const run = useDeed<void, TestPayment>({
    send: (api) => api.send(testPaymentPath, { requestKey: key }),
    answers: testPaymentPath,
    onDone: renew,
  })
  const isRunning = run.isRunning || latest?.state === 'running'
  return (
    <Stack gap="sm">
      <Text>
        {can.allowed || can.reason === undefined
          ? 'Writes an invoice to a renter called “Test payment” and charges it to Stripe’s test card. No real money moves.'
          : can.reason}
      </Text>
      <Group gap="md">
        <DeedButton
          {...(latest?.state === 'paid' ? { variant: 'default' as const } : {})}
          can={can}
          isRunning={isRunning}
          runningLabel="Running…"
          onClick={() => void run.run()}
        >
          {`Run a test payment of ${format(amount)}`}
        </DeedButton>
        <Anchor href={path('webhooks', {}, { tab: 'endpoints' })}>Send a test event instead</Anchor>
      </Group>
      {run.problem !== undefined && <ProblemAlert problem={run.problem} />}
      {latest !== undefined && <Progress latest={latest} />}
    </Stack>
  )
}

const outcomes: Readonly<Record<Latest['state'], { readonly tone: Tone; readonly words: string }>> = {
  running: { tone: 'blue', words: 'Running' },
  paid: { tone: 'green', words: 'Paid' },
  failed: { tone: 'red', words: 'Failed' },
}

function Progress({ latest }: { latest: Latest }) {
  const path = useConsolePath()
  const { tone, words } = outcomes[latest.state]
  return (
    <div>
      <div role="status">
        <Group gap="xs">
          <StatusBadge tone={tone}>{words}</StatusBadge>
          <Anchor href={path('invoice', { invoiceId: latest.invoiceId })}>{latest.invoiceNumber}</Anchor>
        </Group>
        {latest.cause !== undefined && <Text mt="xs">{latest.cause}</Text>}
      </div>
      <ol className="rr-check-list" aria-label="Progress of the test payment">
        {latest.steps.map((step) => (
          <Step key={step.name} step={step} isOver={latest.isOver} />
        ))}
      </ol>
    </div>
  )
}

type OneStep = Latest['steps'][number]

const labels: Readonly<Record<OneStep['name'], { readonly label: string; readonly about: string }>> = {
  created: { label: 'Created', about: 'The invoice is issued, and its payment asked for.' },
  charged: { label: 'Charged', about: 'Stripe took the money from the test card.' },
  delivered: { label: 'Delivered', about: 'Stripe’s webhook told of it, and its signature matched.' },
  paid: { label: 'Paid', about: 'The invoice is settled and posted.' },
}

const marks = {
  done: { icon: IconCircleCheck, word: 'done', tone: 'green' },
  waiting: { icon: IconLoader2, word: 'waiting', tone: 'blue' },
  missing: { icon: IconCircleDashed, word: 'did not happen', tone: 'orange' },
} as const satisfies Record<string, { icon: Icon; word: string; tone: string }>

function Step({ step: { name, at }, isOver }: { step: OneStep; isOver: boolean }) {
  const unfinished = isOver ? 'missing' : 'waiting'
  const { icon: Mark, word, tone } = marks[at === undefined ? unfinished : 'done']
  const { label, about } = labels[name]
  return (
    <li>
      <Mark size={18} aria-label={word} className={`rr-tone-${tone}`} />
      <div className="rr-grow">
        <strong>{label}</strong>
        <Text c="dimmed">{about}</Text>
      </div>
      {at !== undefined && <Clock at={at} />}
    </li>
  )
}

/** With seconds, because the whole road takes only some. */
function Clock({ at }: { at: string }) {
  const { timeZone } = useConventions()
  const format = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', ...(timeZone !== undefined && { timeZone }) })
  return (
    <time dateTime={at} className="rr-muted rr-figure">
      {format.format(new Date(at))}
    </time>
  )
}
