/** Disconnecting the keys of this mode: shown with everything it touches, and begun only by typing the word (UI-132). */
import { ConfirmDialog, DeedButton, Section, useDeed } from '#web/ui'
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { AffectedLists } from './affected.tsx'
import { stripePath } from './wire.ts'

const word = 'disconnect'

export function Disconnect({ connectionId }: { connectionId: string }) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`${stripePath}/disconnect`, { word }),
    onDone: () => setOpen(false),
  })
  return (
    <Section title="Disconnect">
      <Text mb="sm">Nothing new is charged in this mode. What is under way ends first, then the keys go.</Text>
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
        <Stack gap="sm">
          <Text>
            When nothing is under way any more, the keys and webhook secrets are wiped and the endpoint Rentroll created is
            deleted at Stripe. What was paid stays readable. Saved cards can be charged again only after the same account is
            connected again.
          </Text>
          {isOpen && <AffectedLists connectionId={connectionId} />}
        </Stack>
      </ConfirmDialog>
    </Section>
  )
}
