/** Leaving the connected account: nothing new is charged through it, and the account stays the operator's own at Stripe (UI-149). */
import { ConfirmDialog, CountedLists, DeedButton, Loaded, Section, useApiQuery, useDeed } from '#web/ui'
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Affected } from './wire.ts'

const word = 'disconnect'

export function DisconnectAccount({ connectionId }: { connectionId: string }) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send('/connect/disconnect', { word }),
    onDone: () => setOpen(false),
  })
  return (
    <Section title="Disconnect">
      <Text mb="sm">Nothing new is charged through this account. What is under way ends first, then it goes.</Text>
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
        <Stack gap="sm">
          <Text>
            When nothing is under way any more, Rentroll stops acting for the account. It stays yours at Stripe, and
            money there is still paid out. Cards saved in it can be charged again only after the same account is
            connected again.
          </Text>
          {isOpen && <Touched connectionId={connectionId} />}
        </Stack>
      </ConfirmDialog>
    </Section>
  )
}

function Touched({ connectionId }: { connectionId: string }) {
  const query = useApiQuery<Affected>(`/connections/${connectionId}/disconnect`)
  return (
    <Loaded query={query}>
      {({ account, groups, unknown }) => (
        <section aria-label="What is affected">
          <Text fw={600}>{account}</Text>
          <CountedLists lists={groups} />
          {unknown.map((sentence) => (
            <Text key={sentence} mt="xs">
              {sentence}
            </Text>
          ))}
        </section>
      )}
    </Loaded>
  )
}
