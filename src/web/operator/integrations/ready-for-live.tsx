/** Ready for live? What was tried and set in test mode, each with the place where it is done, and the way to the live keys (UI-133). */
import { useConsolePath } from '#web/here'
import { type ConsolePath } from '#web/paths'
import { Loaded, Section, useApiQuery } from '#web/ui'
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react'
import { readinessPath, type Readiness } from './wire.ts'

type Name = Readiness['steps'][number]['name']

const labels: Readonly<Record<Name, string>> = {
  test_payment: 'A test payment has settled',
  webhook: 'The webhook is verified',
  agreement: 'The agreement is written',
  tax: 'Tax is set',
}

type Place = { readonly label: string; readonly href: (path: ConsolePath) => string }

const places: Readonly<Record<Name, Place>> = {
  test_payment: { label: 'Run a test payment', href: () => '#test-payment' },
  webhook: { label: 'Open the webhook', href: (path) => path('webhooks', {}, { tab: 'endpoints' }) },
  agreement: { label: 'Open Agreements', href: (path) => path('agreements', {}) },
  tax: { label: 'Open Taxes', href: (path) => path('taxes', {}) },
}
/** Own keys have their webhook on this page. */
const ownWebhook: Place = { label: 'Go to the webhook', href: () => '#webhook' }

export function ReadyForLive({ liveHref }: { liveHref: string }) {
  const query = useApiQuery<Readiness>(readinessPath)
  return (
    <Section title="Ready for live?">
      <Loaded query={query}>{(readiness) => <Steps readiness={readiness} liveHref={liveHref} />}</Loaded>
    </Section>
  )
}

function Steps({ readiness: { steps, connection }, liveHref }: { readiness: Readiness; liveHref: string }) {
  const path = useConsolePath()
  const done = steps.filter(({ isDone }) => isDone).length
  const isReady = done === steps.length
  return (
    <Stack gap="sm">
      <Text role="status">
        {isReady
          ? 'All of it is done. Test data stays here: it is never copied to live or counted there.'
          : `${done} of ${steps.length} done. Nothing here stops you; it is what is usually forgotten.`}
      </Text>
      <ul className="rr-check-list" aria-label="Before going live">
        {steps.map(({ name, isDone }) => {
          const { label, href } = name === 'webhook' && connection === 'own_keys' ? ownWebhook : places[name]
          return (
            <li key={name}>
              <Mark isDone={isDone} />
              <strong className="rr-grow">{labels[name]}</strong>
              <Anchor href={href(path)}>{label}</Anchor>
            </li>
          )
        })}
      </ul>
      <Group>
        <Button component="a" href={liveHref} variant={isReady ? 'filled' : 'default'}>
          Open the Live tab
        </Button>
      </Group>
    </Stack>
  )
}

function Mark({ isDone }: { isDone: boolean }) {
  return isDone ? (
    <IconCircleCheck size={18} aria-label="done" className="rr-tone-green" />
  ) : (
    <IconCircleDashed size={18} aria-label="not done" className="rr-tone-orange" />
  )
}
