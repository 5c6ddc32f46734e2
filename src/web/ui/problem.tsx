/**
 * How a refusal looks: what failed, why, what to do next, and the details someone else may ask for (UI-14, UI-35). The words come
 * from the server; screens never compose their own.
 */
import { Alert, Button, Code, Group, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useRef, type ReactNode } from 'react'
import type { Problem } from './api-client.ts'
import { CopyButton } from './buttons.tsx'

function Details({ problem }: { problem: Problem }) {
  const report = [problem.code, problem.requestId].filter(Boolean).join(' · ')
  return (
    <details className="rr-details">
      <summary>Details</summary>
      <Group gap="xs" mt={4}>
        <Code>{report}</Code>
        <CopyButton value={report} what="the details" />
      </Group>
    </details>
  )
}

type AlertProps = {
  readonly problem: Problem
  /** Tried again with what is still typed and filtered. */
  readonly onRetry?: () => void
  readonly children?: ReactNode
}

export function ProblemAlert({ problem, onRetry, children }: AlertProps) {
  return (
    <Alert
      color="red"
      variant="outline"
      role="alert"
      className="rr-alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={problem.title}
    >
      <Stack gap="xs">
        {problem.detail !== '' && <Text>{problem.detail}</Text>}
        {problem.nextStep !== undefined && <Text>{problem.nextStep}</Text>}
        {children}
        {onRetry !== undefined && (
          <Group>
            <Button variant="default" size="xs" onClick={onRetry}>
              Try again
            </Button>
          </Group>
        )}
        <Details problem={problem} />
      </Stack>
    </Alert>
  )
}

export type FieldMessage = { readonly fieldId: string; readonly message: string }

type SummaryProps = {
  readonly messages: readonly FieldMessage[]
  /** What no field is to blame for. */
  readonly problem?: Problem | undefined
  /** Counts refused submits; each one moves the focus here. */
  readonly attempt: number
}

/** Stands at the top of a refused form and takes the focus; each message leads to its field (UI-35). */
export function ErrorSummary({ messages, problem, attempt }: SummaryProps) {
  const box = useRef<HTMLDivElement>(null)
  const isShown = messages.length > 0 || problem !== undefined
  useEffect(() => {
    if (attempt > 0) box.current?.focus()
  }, [attempt])
  if (!isShown) return null
  return (
    <div ref={box} tabIndex={-1} role="alert" className="rr-summary">
      <Title order={2} size="h3">
        There is a problem
      </Title>
      {problem !== undefined && <Text fw={600}>{problem.title}</Text>}
      {problem !== undefined && problem.detail !== '' && <Text>{problem.detail}</Text>}
      {messages.length > 0 && (
        <ul>
          {messages.map(({ fieldId, message }) => (
            <li key={fieldId}>
              <a href={`#${fieldId}`} onClick={(event) => focusField(event, fieldId)}>
                {message}
              </a>
            </li>
          ))}
        </ul>
      )}
      {problem?.nextStep !== undefined && <Text mt={4}>{problem.nextStep}</Text>}
      {problem !== undefined && <Details problem={problem} />}
    </div>
  )
}

function focusField(event: { preventDefault: () => void }, fieldId: string): void {
  event.preventDefault()
  document.getElementById(fieldId)?.focus()
}
