/** Connections on their way out: the list of what is still under way, shrinking, and Finish now (UI-132); whom to ask for a new method. */
import {
  ConfirmDialog,
  CountedItems,
  CountedLists,
  DeedButton,
  InstantText,
  plural,
  ProblemAlert,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
} from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Drainings } from './wire.ts'

type Draining = Drainings['drainings'][number]
type Tied = Drainings['tied'][number]

const isMoving = ({ drainings }: Drainings): boolean => drainings.some(({ endedAt }) => endedAt === undefined)

export function DrainingSections() {
  const { data } = useApiQuery<Drainings>('/connections/drainings', { repeatWhile: isMoving })
  return (
    <>
      {data?.drainings.map((draining) => (
        <DrainingSection key={draining.connectionId} draining={draining} />
      ))}
      {data?.tied.map((tied) => (
        <AskRenters key={tied.connectionId} tied={tied} />
      ))}
    </>
  )
}

function DrainingSection({ draining }: { draining: Draining }) {
  if (draining.endedAt !== undefined) return <ToDo draining={draining} endedAt={draining.endedAt} />
  return (
    <Section title={`Disconnecting ${draining.account}`}>
      <Stack gap="sm">
        <div role="status">
          <StatusBadge tone="blue">Disconnecting</StatusBadge>
          <Text mt="xs">
            Nothing new is charged. Keys, endpoint and webhook stay until what is listed has ended, at the latest on{' '}
            <InstantText at={draining.endsAt} />. {draining.begunBy} began it on <InstantText at={draining.begunAt} />.
          </Text>
        </div>
        <CountedLists lists={draining.groups} />
        {draining.groups.length === 0 && <Text>Nothing is under way any more. It ends within a minute.</Text>}
        <FinishNow draining={draining} />
      </Stack>
    </Section>
  )
}

function FinishNow({ draining }: { draining: Draining }) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send(`/connections/${draining.connectionId}/finish`),
    onDone: () => setOpen(false),
  })
  return (
    <>
      <Group>
        <DeedButton variant="default" onClick={() => setOpen(true)}>
          Finish now
        </DeedButton>
      </Group>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Finish now?"
        confirmLabel="Finish now"
        deed={deed}
        onConfirm={() => void deed.run()}
        isDanger
      >
        <Text>
          The secrets are wiped at once. Rentroll does not hear any more how the following ends; you look it up in
          Stripe.
        </Text>
        <CountedLists lists={draining.groups} />
      </ConfirmDialog>
    </>
  )
}

/** What had not ended when the secrets went, to be printed and looked up. */
function ToDo({ draining, endedAt }: { draining: Draining; endedAt: string }) {
  return (
    <Section title={`To look up in Stripe: ${draining.account}`}>
      <Text mb="sm">
        Disconnected on <InstantText at={endedAt} /> with {plural(draining.leftOver.length, 'thing')} still under way.
        Find each in Stripe by its id, then record here by hand what came of it.
      </Text>
      <CountedItems items={draining.leftOver} />
      <Group mt="sm">
        <DeedButton variant="default" onClick={() => window.print()}>
          Print the list
        </DeedButton>
      </Group>
    </Section>
  )
}

function AskRenters({ tied }: { tied: Tied }) {
  const deed = useDeed({ send: (api) => api.send(`/connections/${tied.connectionId}/ask-renters`) })
  const open = tied.renters.filter(({ isAsked }) => !isAsked)
  return (
    <Section title="Renters without a payment method">
      <Text mb="sm">
        {plural(tied.renters.length, 'renter')} with autopay saved a method at {tied.account} only. It cannot be charged
        through the new account. Asking sends each one mail with a link to add a new one.
      </Text>
      <CountedItems items={tied.renters.map((renter) => ({ ...renter, ...(renter.isAsked && { state: 'asked' }) }))} />
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      <Group mt="sm">
        <DeedButton
          can={open.length > 0 ? { allowed: true } : { allowed: false, reason: 'All of them were asked.' }}
          isRunning={deed.isRunning}
          onClick={() => void deed.run()}
        >
          Ask renters
        </DeedButton>
      </Group>
    </Section>
  )
}
