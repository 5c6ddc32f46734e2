import { openPath } from '#web/paths'
import { FormBody, Page, useDeed, useDeedForm } from '#web/ui'
import { Anchor, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { emailProblem, slugProblem } from './rules.ts'

type Values = { name: string; email: string; slug: string }

export function SignUpPage() {
  const [sentTo, setSentTo] = useState<string>()
  const [message, setMessage] = useState('')
  const deed = useDeed<Values, { message: string }>({
    send: (api, values) => api.send('/sign-up', values),
    onDone: (answer) => {
      setMessage(answer.message)
      setSentTo(form.getValues().email)
    },
  })
  const form = useDeedForm<Values>({
    initialValues: { name: '', email: '', slug: '' },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter your full name.' : undefined),
      email: emailProblem,
      slug: slugProblem,
    },
    deed,
  })
  if (sentTo !== undefined) return <LinkSent message={message} email={sentTo} onBack={() => setSentTo(undefined)} />
  const typed = form.values.slug
  const liveProblem = typed === '' || typed.length < 3 ? undefined : slugProblem(typed)
  const slugField = form.field('slug')
  return (
    <Page title="Sign up" intro="A link to confirm your address comes by mail.">
      <FormBody form={form} submitLabel="Sign up" runningLabel="Sending…">
        <TextInput label="Full name" autoComplete="name" {...form.field('name')} />
        <TextInput label="Work e-mail" type="email" autoComplete="email" {...form.field('email')} />
        <TextInput
          label="Workspace address"
          description={`Your console will be at /w/${typed === '' ? 'your-company' : typed}`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          {...slugField}
          error={slugField.error ?? liveProblem}
        />
      </FormBody>
      <Text mt="lg">
        <Anchor href={openPath('signIn', {})}>Sign in instead</Anchor>
      </Text>
    </Page>
  )
}

type SentProps = { readonly message: string; readonly email: string; readonly onBack: () => void }

function LinkSent({ message, email, onBack }: SentProps) {
  return (
    <Page title="Look in your mail">
      <Text>{message}</Text>
      <Text mt="sm">The address is {email}. The link works for 10 minutes, once. You can close this page.</Text>
      <Anchor component="button" type="button" mt="md" onClick={onBack}>
        Change the address or send again
      </Anchor>
    </Page>
  )
}
