/** Our own link into Stripe's form (UI-145). Looking at it consumes nothing; only the button of a person who is signed in goes on. */
import type { Api } from '#web/api'
import { openPath } from '#web/paths'
import {
  Banner,
  DeedButton,
  InstantText,
  Loaded,
  Page,
  PlainFrame,
  ProblemAlert,
  useApiQuery,
  useDeed,
  type AnswerOf,
} from '#web/ui'
import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'

type Link = AnswerOf<Api, '/api/v1/connect/resume/:token'>

export default function ResumePage({ token }: { token: string }) {
  const query = useApiQuery<Link>(`/connect/resume/${encodeURIComponent(token)}`)
  return (
    <PlainFrame brand="Rentroll">
      <Loaded query={query} missing={<Unknown />}>
        {(link) =>
          link.state === 'open' ? <OpenLink link={link} token={token} /> : <Ended link={link} token={token} />
        }
      </Loaded>
    </PlainFrame>
  )
}

function Unknown() {
  return (
    <Page title="Not found">
      <p>This link does not work. Ask the person who sent it for a new one.</p>
    </Page>
  )
}

const troubles: Readonly<Record<string, string>> = {
  too_many_links: 'Stripe’s form was opened too often within an hour. Try again later.',
  stripe_away: 'Stripe did not answer. Try again in a moment.',
  account_left: 'This account is no longer connected. Connect a new one in the console.',
}

function OpenLink({ link, token }: { link: Link; token: string }) {
  const [isGoing, setGoing] = useState(false)
  const problem = new URLSearchParams(window.location.search).get('problem')
  return (
    <Page title="Go on with Stripe">
      <Stack align="flex-start">
        {problem !== null && (
          <Banner tone="red" title="Stripe’s form did not open">
            {troubles[problem] ?? 'Try again in a moment.'}
          </Banner>
        )}
        <Text>
          Stripe asks on its own page for the business, its tax number, the people behind it and the bank account that
          payouts go to.
        </Text>
        {link.isSignedIn ? (
          <form
            method="post"
            action={`/api/v1/connect/resume/${encodeURIComponent(token)}`}
            onSubmit={() => setGoing(true)}
          >
            <DeedButton type="submit" isRunning={isGoing} runningLabel="Opening Stripe…">
              Go to Stripe
            </DeedButton>
          </form>
        ) : (
          <>
            <Text>Sign in first, as an owner or admin of the company.</Text>
            <Button component="a" href={openPath('signIn', {}, { next: openPath('connectResume', { token }) })}>
              Sign in
            </Button>
          </>
        )}
        <Text size="sm" c="dimmed">
          This link works until <InstantText at={link.endsAt} />.
        </Text>
      </Stack>
    </Page>
  )
}

function Ended({ link, token }: { link: Link; token: string }) {
  const [isSent, setSent] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`/connect/resume/${encodeURIComponent(token)}/mail`),
    onDone: () => setSent(true),
  })
  return (
    <Page title="This link ended">
      <Stack align="flex-start">
        <Text>
          This link ended on <InstantText at={link.endsAt} />.
        </Text>
        {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
        {isSent ? (
          <Text role="status">A new link is on its way to the owners of the company.</Text>
        ) : (
          <DeedButton isRunning={deed.isRunning} runningLabel="Sending…" onClick={() => void deed.run()}>
            Mail me a new one
          </DeedButton>
        )}
      </Stack>
    </Page>
  )
}
