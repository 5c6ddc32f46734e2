import { useQuery } from '#web/here'
import { consolePaths, openPath } from '#web/paths'
import {
  browserTimeZone,
  CountryField,
  CurrencyField,
  DeedButton,
  FormBody,
  Loaded,
  Page,
  ProblemAlert,
  problemOf,
  TimeZoneField,
  useApiQuery,
  useDeed,
  useDeedForm,
  type Problem,
} from '#web/ui'
import { Anchor, PasswordInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { passwordProblem } from './rules.ts'

type Values = { password: string; country: string; currency: string; timeZone: string }

/** Opening the link changes nothing, because mail scanners open links too; only the button does (TRU-70). */
export function VerifyEmailPage() {
  const [{ token }] = useQuery()
  return (
    <Page title="Confirm your address" intro="The last step before your workspace opens.">
      {token === undefined ? <NoLink /> : <LinkedForm token={token} />}
    </Page>
  )
}

type Waiting = { readonly email: string; readonly name: string; readonly slug: string }

function LinkedForm({ token }: { token: string }) {
  const query = useApiQuery<Waiting>(`/sign-up/${encodeURIComponent(token)}`)
  const problem = query.isError ? problemOf(query.error) : undefined
  if (problem !== undefined && isLinkProblem(problem)) {
    return (
      <>
        <ProblemAlert problem={problem} />
        <LinkEnded token={token} />
      </>
    )
  }
  return <Loaded query={query}>{(waiting) => <ConfirmForm token={token} waiting={waiting} />}</Loaded>
}

function isLinkProblem({ code }: Problem): boolean {
  return code === 'link_expired' || code === 'link_spent'
}

function NoLink() {
  return (
    <Text>
      Open the link in your mail. If none came, <Anchor href={openPath('signUp', {})}>sign up again</Anchor>.
    </Text>
  )
}

/** Stands above the form, which keeps what was typed should the link end meanwhile. */
function LinkEnded({ token }: { token: string }) {
  const [message, setMessage] = useState<string>()
  const deed = useDeed<void, { message: string }>({
    send: (api) => api.send('/sign-up/resend', { token }),
    onDone: (answer) => setMessage(answer.message),
  })
  return (
    <Stack align="flex-start" my="lg">
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      {message === undefined ? (
        <DeedButton isRunning={deed.isRunning} runningLabel="Sending…" onClick={() => void deed.run()}>
          Send a new link
        </DeedButton>
      ) : (
        <Text role="status">{message} Open the newest one.</Text>
      )}
    </Stack>
  )
}

function ConfirmForm({ token, waiting }: { token: string; waiting: Waiting }) {
  const deed = useDeed<Values, { slug: string }>({
    send: (api, values) => api.send('/verify-email', { token, ...values }),
    onDone: ({ slug }) => window.location.assign(consolePaths({ slug, mode: 'test' })('onboarding', { step: '1' })),
  })
  const form = useDeedForm<Values>({
    initialValues: { password: '', country: '', currency: '', timeZone: browserTimeZone() },
    validate: {
      password: passwordProblem,
      country: (value) => (value === '' ? 'Choose the country of your company.' : undefined),
      currency: (value) => (value === '' ? 'Choose the currency you bill in.' : undefined),
      timeZone: (value) => (value === '' ? 'Choose the time zone of your location.' : undefined),
    },
    deed,
  })
  const isLinkEnded = deed.problem !== undefined && isLinkProblem(deed.problem)
  return (
    <>
      {isLinkEnded && <LinkEnded token={token} />}
      <FormBody form={form} submitLabel="Confirm and open the workspace" runningLabel="Opening…">
        <Text>
          {waiting.name}, this opens the workspace <strong>{waiting.slug}</strong> for {waiting.email}.
        </Text>
        <PasswordInput
          label="Password"
          description="At least 12 characters"
          autoComplete="new-password"
          {...form.field('password')}
        />
        <CountryField label="Country" {...form.field('country')} />
        <CurrencyField
          label="Currency"
          description="Can be changed until the first invoice is issued"
          {...form.field('currency')}
        />
        <TimeZoneField
          label="Time zone"
          description="Due dates follow the calendar there"
          {...form.field('timeZone')}
        />
      </FormBody>
    </>
  )
}
