import { usePathPart } from '#web/here'
import { openPath } from '#web/paths'
import { FormBody, Page, useDeed, useDeedForm } from '#web/ui'
import { Anchor, PasswordInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { emailProblem, passwordProblem } from './rules.ts'

export function ForgotPasswordPage() {
  const [message, setMessage] = useState<string>()
  const deed = useDeed<{ email: string }, { message: string }>({
    send: (api, values) => api.send('/forgotten-password', values),
    onDone: (answer) => setMessage(answer.message),
  })
  const form = useDeedForm({
    initialValues: { email: '' },
    validate: { email: emailProblem },
    deed,
  })
  if (message !== undefined) {
    return (
      <Page title="Look in your mail">
        <Text>{message}</Text>
        <Text mt="sm">The link works for 10 minutes, once.</Text>
      </Page>
    )
  }
  return (
    <Page title="Forgotten password" intro="We mail you a link to set a new one.">
      <FormBody form={form} submitLabel="Mail me a link" runningLabel="Sending…">
        <TextInput label="E-mail" type="email" autoComplete="username" {...form.field('email')} />
      </FormBody>
      <Text mt="lg">
        <Anchor href={openPath('signIn', {})}>Back to sign-in</Anchor>
      </Text>
    </Page>
  )
}

export function ResetPasswordPage() {
  const token = usePathPart('token')
  const deed = useDeed<{ password: string }>({
    send: (api, { password }) => api.send('/reset-password', { token, password }),
    onDone: () => window.location.assign(openPath('signIn', {}, { notice: 'password-changed' })),
  })
  const form = useDeedForm({
    initialValues: { password: '' },
    validate: { password: passwordProblem },
    deed,
  })
  const isLinkEnded = deed.problem?.code === 'link_expired' || deed.problem?.code === 'link_spent'
  return (
    <Page title="Set a new password">
      <FormBody form={form} submitLabel="Set password" runningLabel="Saving…">
        <PasswordInput
          label="New password"
          description="At least 12 characters"
          autoComplete="new-password"
          {...form.field('password')}
        />
      </FormBody>
      {isLinkEnded && (
        <Text mt="lg">
          <Anchor href={openPath('forgotPassword', {})}>Mail me a new link</Anchor>
        </Text>
      )}
    </Page>
  )
}
