/** What is being verified, and afterwards what Stripe was asked and how long it took (UI-124). */
import { Text } from '@mantine/core'
import { IconCircleCheck, IconLoader2 } from '@tabler/icons-react'
import type { Saved } from './wire.ts'

const wordsOf: Readonly<Record<string, string>> = {
  'accounts.retrieve_current': 'Secret key accepted, account read',
  'accounts.retrieve': 'Account ID readable with this key',
  'balance.retrieve': 'Balance read, mode known',
  'setup_intents.create': 'Probe made with the secret key',
  'setup_intents.retrieve_by_publishable_key': 'Probe seen with the publishable key: both belong to one account',
  'setup_intents.cancel': 'Probe cancelled; no money moved',
}

const planned = ['Form of the keys', 'Secret key and account', 'Both keys belong to one account', 'Save']

export function SaveProgress({ isRunning, steps }: { isRunning: boolean; steps: Saved['steps'] | undefined }) {
  if (isRunning) {
    return (
      <ul className="rr-check-list" role="status" aria-label="Verifying">
        {planned.map((step) => (
          <li key={step}>
            <IconLoader2 size={16} aria-label="waiting" />
            {step}
          </li>
        ))}
      </ul>
    )
  }
  if (steps === undefined) return null
  return (
    <div role="status">
      <Text mt="md" fw={600}>
        Saved. Stripe was asked:
      </Text>
      <ul className="rr-check-list">
        {steps.map((step, index) => (
          <li key={`${step.operation} ${steps.length - index}`}>
            <IconCircleCheck size={16} aria-label="passed" />
            {wordsOf[step.operation] ?? step.operation} <span className="rr-muted">{step.durationMs} ms</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
