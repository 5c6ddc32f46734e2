/** One invoice by link (UI-204): what it needs from the renter now, and nothing else about them. */
import type { Api } from '#web/api'
import {
  DeedButton,
  Fact,
  Loaded,
  LocalDateText,
  MoneyText,
  Page,
  PlainFrame,
  ProblemAlert,
  StatusBadge,
  useAnnounceChange,
  useApi,
  useApiQuery,
  useHostedPage,
  type AnswerOf,
} from '#web/ui'
import { Stack, Text } from '@mantine/core'
import { useEffect } from 'react'

type PayLink = AnswerOf<Api, '/api/v1/pay/:token'>

/** While the bank or the renter is at work, the page follows. */
function isMoving({ state }: PayLink): boolean {
  return state === 'processing' || state === 'action_required'
}

export default function PayPage({ token }: { token: string }) {
  const path = `/pay/${encodeURIComponent(token)}`
  const api = useApi()
  useEffect(() => {
    // The renter may just have come back from the bank: have the server ask Stripe, then follow what it knows.
    void api.send(`${path}/check`).catch(() => undefined)
  }, [api, path])
  const query = useApiQuery<PayLink>(path, { repeatWhile: isMoving })
  return (
    <PlainFrame brand={query.data?.operator ?? 'Rentroll'}>
      <Loaded query={query} missing={<LinkEnded />}>
        {(link) => <PayScreen link={link} path={path} />}
      </Loaded>
    </PlainFrame>
  )
}

function LinkEnded() {
  return (
    <Page title="Not found">
      <p>This link no longer works. Ask the company that sent it for a new one.</p>
    </Page>
  )
}

function PayScreen({ link, path }: { link: PayLink; path: string }) {
  useAnnounceChange(link.state, 'paid', `${link.invoiceNumber} is paid.`)
  return (
    <Page
      title={`Invoice ${link.invoiceNumber}`}
      badge={<StatusBadge tone={link.label.tone}>{link.label.text}</StatusBadge>}
    >
      <Stack>
        {link.isTest && <Text c="dimmed">Test mode. No real money moves.</Text>}
        <dl className="rr-facts">
          <Fact label="From">{link.operator}</Fact>
          <Fact label="Amount">
            <MoneyText money={link.total} />
          </Fact>
          <Fact label="Balance">
            <MoneyText money={link.balance} />
          </Fact>
          <Fact label="Due">
            <LocalDateText date={link.dueOn} />
          </Fact>
        </dl>
        <Next link={link} path={path} />
      </Stack>
    </Page>
  )
}

function Next({ link, path }: { link: PayLink; path: string }) {
  const deed = useHostedPage<object>(`${path}/authenticate`)
  if (link.state === 'paid') {
    return (
      <Text role="status">
        Paid in full. Thank you. This page is your receipt: <MoneyText money={link.total} /> to {link.operator} for{' '}
        {link.invoiceNumber}.
      </Text>
    )
  }
  if (link.state === 'void') return <Text role="status">This invoice was voided. Nothing is owed on it.</Text>
  if (link.state === 'processing') return <Text role="status">A payment is being processed. Do not pay again.</Text>
  if (link.state === 'owed') {
    return (
      <Text>Nothing waits for you on this page. {link.operator} charges your saved card or tells you how to pay.</Text>
    )
  }
  return (
    <Stack align="flex-start">
      <Text>Your bank asks you to confirm this payment. Nothing is charged until you do.</Text>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      <DeedButton size="lg" isRunning={deed.isRunning} runningLabel="Opening…" onClick={() => void deed.run({})}>
        Confirm with your bank
      </DeedButton>
    </Stack>
  )
}
