/** Saving a payment method by the link of a mail (STR-25): the details are given on Stripe's page, and coming back proves nothing. */
import type { Api } from '#web/api'
import {
  DeedButton,
  Loaded,
  Page,
  PlainFrame,
  ProblemAlert,
  useAnnounceChange,
  useApiQuery,
  useHostedPage,
  useRequestKey,
  type AnswerOf,
} from '#web/ui'
import { Stack, Text } from '@mantine/core'

type MethodLink = AnswerOf<Api, '/api/v1/method-links/:token'>

export default function MethodPage({ token }: { token: string }) {
  const path = `/method-links/${encodeURIComponent(token)}`
  // Back from Stripe's page: what was saved there is known here in a moment.
  const isBack = new URLSearchParams(window.location.search).has('session')
  const query = useApiQuery<MethodLink>(path, { repeatWhile: ({ state }) => isBack && state === 'wanted' })
  return (
    <PlainFrame brand={query.data?.operator ?? 'Rentroll'}>
      <Loaded query={query} missing={<LinkEnded />}>
        {(link) => <MethodScreen link={link} path={path} isBack={isBack} />}
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

function MethodScreen({ link, path, isBack }: { link: MethodLink; path: string; isBack: boolean }) {
  const { key } = useRequestKey()
  const deed = useHostedPage<{ requestKey: string }>(`${path}/setup`)
  useAnnounceChange(link.state, 'saved', 'Your payment method is saved.')
  if (link.state === 'saved') {
    return (
      <Page title="Payment method saved">
        <Text role="status">Thank you, {link.renter}. There is nothing more to do; you can close this page.</Text>
      </Page>
    )
  }
  if (link.state === 'closed') {
    return (
      <Page title="Not open yet">
        <Text role="status">{link.operator} takes no payments at present. Try this link again later.</Text>
      </Page>
    )
  }
  return (
    <Page title="Add a payment method">
      <Stack align="flex-start">
        {link.isTest && <Text c="dimmed">Test mode. No real money moves.</Text>}
        {isBack && <Text role="status">Stripe is being asked whether your payment method was saved.</Text>}
        <Text>
          {link.renter}, {link.operator} now takes payments through another account, and what you saved before stayed
          with the old one. Nothing is charged on this page.
        </Text>
        {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
        <DeedButton
          size="lg"
          isRunning={deed.isRunning}
          runningLabel="Opening…"
          onClick={() => void deed.run({ requestKey: key })}
        >
          Add a payment method
        </DeedButton>
      </Stack>
    </Page>
  )
}
