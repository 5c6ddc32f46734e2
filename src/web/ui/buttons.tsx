/** Buttons that say more than a label: what they copied, why they cannot be used. */
import { ActionIcon, Button, Text, type ButtonProps } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useId, type ReactNode } from 'react'
import type { Can } from './api-hooks.tsx'

/** Copies a text and says so where the person looks. `what` completes the label: "Copy the endpoint URL". */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const clipboard = useClipboard({ timeout: 2_000 })
  const label = clipboard.copied ? `Copied ${what}` : `Copy ${what}`
  return (
    <ActionIcon variant="subtle" aria-label={label} title={label} onClick={() => clipboard.copy(value)}>
      {clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
    </ActionIcon>
  )
}

type DeedButtonProps = ButtonProps & {
  readonly can?: Can
  readonly onClick?: () => void
  readonly type?: 'button' | 'submit'
  readonly children: ReactNode
  readonly isRunning?: boolean
  /** Shown while it runs, such as "Saving…". */
  readonly runningLabel?: string
}

/** A button that stays reachable when it cannot be used and then says why (UI-39); it also cannot be pressed twice. */
export function DeedButton({
  can,
  onClick,
  type = 'button',
  isRunning = false,
  runningLabel,
  children,
  ...rest
}: DeedButtonProps) {
  const reasonId = useId()
  const isRefused = can !== undefined && !can.allowed
  const reason = isRefused ? (can.reason ?? '') : ''
  const isInert = isRefused || isRunning
  const button = (
    <Button
      {...rest}
      type={type}
      data-disabled={isRefused}
      data-running={isRunning || undefined}
      aria-disabled={isInert || undefined}
      aria-describedby={isRefused ? reasonId : undefined}
      onClick={(event) => {
        if (isInert) event.preventDefault()
        else onClick?.()
      }}
    >
      {isRunning ? (runningLabel ?? children) : children}
    </Button>
  )
  if (!isRefused) return button
  return (
    <span className="rr-tip-host">
      {button}
      <span role="tooltip" id={reasonId} className="rr-tip">
        {reason}
      </span>
    </span>
  )
}

/** A label with its value, for facts beside each other. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="rr-fact">
      <Text component="dt" size="xs" c="dimmed">
        {label}
      </Text>
      <dd>{children}</dd>
    </div>
  )
}
