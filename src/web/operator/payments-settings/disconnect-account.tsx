/** Leaving the connected account: nothing is charged through it any more, and the account stays the operator's own at Stripe. */
import { ConfirmDialog, DeedButton, Section, useDeed } from '#web/ui'
import { Text } from '@mantine/core'
import { useState } from 'react'

const word = 'disconnect'

export function DisconnectAccount() {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send('/connect/disconnect', { word }),
    onDone: () => setOpen(false),
  })
  return (
    <Section title="Disconnect">
      <Text mb="sm">No card is charged through this account any more. What was paid stays readable.</Text>
      <DeedButton variant="default" onClick={() => setOpen(true)}>
        Disconnect the account
      </DeedButton>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Disconnect the account?"
        confirmLabel="Disconnect the account"
        deed={deed}
        onConfirm={() => void deed.run()}
        isDanger
        word={word}
      >
        <Text>
          The account stays yours at Stripe, and money there is still paid out. It cannot be connected here again; cards
          saved in it cannot be charged from here.
        </Text>
      </ConfirmDialog>
    </Section>
  )
}
