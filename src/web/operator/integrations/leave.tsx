/**
 * Leaving an account, by disconnecting (UI-132) or for another one (UI-125): shown with everything it touches, and begun only by typing
 * the word.
 */
import type { Api } from '#web/api'
import {
  Banner,
  ConfirmDialog,
  CountedLists,
  DeedButton,
  Loaded,
  Section,
  useApiQuery,
  useDeed,
  type AnswerOf,
  type Problem,
} from '#web/ui'
import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'

const stripePath = '/connections/stripe'
type Affected = AnswerOf<Api, '/api/v1/w/:slug/connections/:connectionId/disconnect'>

const disconnectWord = 'disconnect'

export function Disconnect({ connectionId }: { connectionId: string }) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`${stripePath}/disconnect`, { word: disconnectWord }),
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
        word={disconnectWord}
      >
        <Stack gap="sm">
          <Text>
            When nothing is under way any more, the keys and webhook secrets are wiped and the endpoint Rentroll created
            is deleted at Stripe. What was paid stays readable. Saved cards can be charged again only after the same
            account is connected again.
          </Text>
          {isOpen && <AffectedLists connectionId={connectionId} />}
        </Stack>
      </ConfirmDialog>
    </Section>
  )
}

const switchWord = 'switch'

type SwitchProps = {
  readonly problem: Problem
  readonly connectionId: string
  /** What was pasted. */
  readonly values: () => object
  /** The pasted keys are put away; the present ones stay as they were. */
  readonly onKeep: () => void
  readonly onSwitched: () => void
}

export function SwitchAccount({ problem, connectionId, values, onKeep, onSwitched }: SwitchProps) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`${stripePath}/switch`, { ...values(), word: switchWord }),
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
        word={switchWord}
      >
        <Stack gap="sm">
          <Text>
            New payments go through the account of the pasted keys. The present account disconnects when what is under
            way there has ended, and cards saved in it cannot be charged any more.
          </Text>
          {isOpen && <AffectedLists connectionId={connectionId} />}
        </Stack>
      </ConfirmDialog>
    </>
  )
}

/** Read here and at Stripe when the dialog opens. */
function AffectedLists({ connectionId }: { connectionId: string }) {
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
