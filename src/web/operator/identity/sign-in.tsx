import { useQuery } from '#web/here'
import { consoleDoor, openPath } from '#web/paths'
import { FormBody, Page, ProblemAlert, useApiQuery, useDeed, useDeedForm, DeedButton } from '#web/ui'
import { Anchor, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { emailProblem } from './rules.ts'

/** Only addresses of this installation are followed, or a mail could lead people elsewhere after they signed in. */
function landing(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : openPath('home', {})
}

export function SignInPage() {
  const [query] = useQuery()
  // The page is loaded anew, so that nothing of whoever was here before stays in memory.
  const deed = useDeed<{ email: string; password: string }>({
    send: (api, values) => api.send('/sign-in', values),
    onDone: () => window.location.assign(landing(query['next'])),
  })
  const form = useDeedForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: emailProblem,
      password: (value) => (value === '' ? 'Enter your password.' : undefined),
    },
    deed,
  })
  return (
    <Page title="Sign in">
      {query['notice'] === 'password-changed' && (
        <Text role="status" mb="md">
          Your password was changed. Sign in with the new one.
        </Text>
      )}
      <FormBody form={form} submitLabel="Sign in" runningLabel="Signing in…">
        <TextInput label="E-mail" type="email" autoComplete="username" {...form.field('email')} />
        <PasswordInput label="Password" autoComplete="current-password" {...form.field('password')} />
      </FormBody>
      <Stack gap={4} mt="lg">
        <Anchor href={openPath('forgotPassword', {})}>Forgotten password</Anchor>
        <Anchor href={openPath('signUp', {})}>Sign up</Anchor>
      </Stack>
      <DemoDoor />
    </Page>
  )
}

/** One click into the demo operator; only there while the sandbox runs on this machine. */
function DemoDoor() {
  const me = useApiQuery<{ canDemoSignIn: boolean }>('/me')
  const deed = useDeed<void, { slug: string }>({
    send: (api) => api.send('/demo/sign-in'),
    onDone: ({ slug }) => window.location.assign(consoleDoor(slug)),
  })
  if (me.data?.canDemoSignIn !== true) return null
  return (
    <section className="rr-section" aria-label="Demo">
      <Stack gap="sm" align="flex-start">
        <Text>This installation runs on the sandbox. The demo operator is one click away.</Text>
        {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
        <DeedButton variant="default" isRunning={deed.isRunning} onClick={() => void deed.run()}>
          Sign in to the demo operator
        </DeedButton>
      </Stack>
    </section>
  )
}
