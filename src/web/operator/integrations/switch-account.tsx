/** Keys of another account over an existing connection (UI-125): nothing happens unless the person chooses to switch and types the word. */
import { Banner, ConfirmDialog, useDeed, type Problem } from '#web/ui'
import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { AffectedLists } from './affected.tsx'
import type { KeyValues } from './key-rules.ts'
import { stripePath } from './wire.ts'

const word = 'switch'

type Props = {
  readonly problem: Problem
  readonly connectionId: string
  readonly values: () => KeyValues
  /** The pasted keys are put away; the present ones stay as they were. */
  readonly onKeep: () => void
  readonly onSwitched: () => void
}

export function SwitchAccount({ problem, connectionId, values, onKeep, onSwitched }: Props) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`${stripePath}/switch`, { ...values(), word }),
    onDone: () => {
      setOpen(false)
      onSwitched()
    },
  })
  return (
    <>
      <Banner
        title={problem.title}
        actions={
          <>
            <Button onClick={onKeep}>Keep current</Button>
            <Button variant="default" onClick={() => setOpen(true)}>
              Switch account
            </Button>
          </>
        }
      >
        {problem.detail}
      </Banner>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Switch to another Stripe account?"
        confirmLabel="Switch account"
        deed={deed}
        onConfirm={() => void deed.run()}
        isDanger
        word={word}
      >
        <Stack gap="sm">
          <Text>
            New payments go through the account of the pasted keys. The present account disconnects when what is under way
            there has ended, and cards saved in it cannot be charged any more.
          </Text>
          {isOpen && <AffectedLists connectionId={connectionId} />}
        </Stack>
      </ConfirmDialog>
    </>
  )
}
