/** Disconnecting stops all card payments of this mode, so the word must be typed (UI-132). */
import { ConfirmDialog, DeedButton, Section, useDeed } from '#web/ui'
import { Text } from '@mantine/core'
import { useState } from 'react'
import { stripePath } from './wire.ts'

const word = 'disconnect'

export function Disconnect() {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`${stripePath}/disconnect`, { word }),
    onDone: () => setOpen(false),
  })
  return (
    <Section title="Disconnect">
      <Text mb="sm">No card is charged in this mode any more. What was paid stays readable.</Text>
      <DeedButton variant="default" onClick={() => setOpen(true)}>
        Disconnect Stripe
      </DeedButton>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Disconnect Stripe?"
        confirmLabel="Disconnect Stripe"
        deed={deed}
        onConfirm={() => void deed.run()}
        isDanger
        word={word}
      >
        <Text>
          The keys and webhook secrets are wiped, and the endpoint Rentroll created is deleted at Stripe. Saved cards
          can be charged again only after the same account is connected again.
        </Text>
      </ConfirmDialog>
    </Section>
  )
}
