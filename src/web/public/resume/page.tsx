/**
 * Our own link into Stripe's form (UI-145). Looking at it consumes nothing; only the button goes on, of a person who is signed in or who entered
 * the code that the owners were mailed. Whose account it is stands here only for them.
 */
import type { Api } from '#web/api'
import { openPath } from '#web/paths'
import {
  Banner,
  DeedButton,
  FormBody,
  InstantText,
  LeaveButton,
  Loaded,
  Page,
  PlainFrame,
  ProblemAlert,
  useApiQuery,
  useDeed,
  useDeedForm,
  type AnswerOf,
} from '#web/ui'
import { Button, Stack, Text, TextInput } from '@mantine/core'
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

type LinkProps = { readonly link: Link; readonly token: string }

function OpenLink({ link, token }: LinkProps) {
  const mayGoOn = link.hasPass || link.operator !== undefined
  const problem = new URLSearchParams(window.location.search).get('problem')
  return (
    <Page title="Go on with Stripe">
      <Stack align="flex-start">
        {problem !== null && (
          <Banner tone="red" title="Stripe’s form did not open">
            {troubles[problem] ?? 'Try again in a moment.'}
          </Banner>
        )}
        {link.operator !== undefined && <Text fw={600}>{link.operator}</Text>}
        <Text>
          Stripe asks on its own page for the business, its tax number, the people behind it and the bank account that
          payouts go to.
        </Text>
        {mayGoOn ? (
          <LeaveButton
            label="Go to Stripe"
            runningLabel="Opening Stripe…"
            action={`/api/v1${linkPath(token)}`}
            isSignedIn={link.isSignedIn && !link.hasPass}
          />
        ) : (
          <WhoAreYou link={link} token={token} />
        )}
        <Text size="sm" c="dimmed">
          This link works until <InstantText at={link.endsAt} />.
        </Text>
      </Stack>
    </Page>
  )
}

function linkPath(token: string): string {
  return `/connect/resume/${encodeURIComponent(token)}`
}

/** Two ways to be let on: an account here, or a code from the owners' mail. */
function WhoAreYou({ link, token }: LinkProps) {
  const [isSent, setSent] = useState(false)
  const deed = useDeed({ send: (api) => api.send(`${linkPath(token)}/code`), onDone: () => setSent(true) })
  return (
    <>
      <Text>
        {link.isSignedIn
          ? 'You are signed in, but not as an owner or admin of this company.'
          : 'Sign in first, as an owner or admin of the company.'}
      </Text>
      {!link.isSignedIn && (
        <Button component="a" href={openPath('signIn', {}, { next: openPath('connectResume', { token }) })}>
          Sign in
        </Button>
      )}
      <Text>
        Without an account you need a code of six digits. It is mailed to the owners of the company; ask them for it.
      </Text>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      <DeedButton variant="default" isRunning={deed.isRunning} runningLabel="Mailing…" onClick={() => void deed.run()}>
        {isSent ? 'Mail another code' : 'Mail a code to the owners'}
      </DeedButton>
      {isSent && <EnterCode token={token} />}
    </>
  )
}

/** A right code changes what the link answers, so the page goes on by itself. */
function EnterCode({ token }: { token: string }) {
  const deed = useDeed<{ code: string }>({ send: (api, values) => api.send(`${linkPath(token)}/pass`, values) })
  const form = useDeedForm({
    initialValues: { code: '' },
    validate: { code: (value) => (/^\s*(\d\s*){6}$/.test(value) ? undefined : 'Enter the six digits of the code.') },
    deed,
  })
  return (
    <div>
      <Text role="status" mb="xs">
        A code is on its way to the owners. It works for 10 minutes, once.
      </Text>
      <FormBody form={form} submitLabel="Go on" runningLabel="Checking…">
        <TextInput label="Code" inputMode="numeric" autoComplete="one-time-code" {...form.field('code')} />
      </FormBody>
    </div>
  )
}

function Ended({ link, token }: LinkProps) {
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
