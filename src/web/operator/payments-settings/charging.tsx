/** Which of two connections takes new money (STR-14): shown only where there are two, and changed after reading what it means. */
import {
  ConfirmDialog,
  CountedLists,
  DeedButton,
  Loaded,
  plural,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
} from '#web/ui'
import { Group, Text } from '@mantine/core'
import { useState } from 'react'
import type { Charging } from './wire.ts'

type Choice = Charging['choices'][number]

const kinds: Record<Choice['kind'], string> = { own_keys: 'Own keys', connect: 'Stripe Connect' }

export function ChargingSwitch() {
  const query = useApiQuery<Charging>('/connections/charging')
  return (
    <Loaded query={query}>
      {(charging) =>
        charging.choices.length < 2 ? null : (
          <Section title="New payments go through">
            <ul className="rr-lines">
              {charging.choices.map((choice) => (
                <Row key={choice.kind} choice={choice} ifChanged={charging.ifChanged} />
              ))}
            </ul>
          </Section>
        )
      }
    </Loaded>
  )
}

function Row({ choice, ifChanged }: { choice: Choice; ifChanged: Charging['ifChanged'] }) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed({
    send: (api) => api.send('/connections/charging', { kind: choice.kind }, 'PUT'),
    onDone: () => setOpen(false),
  })
  const name = kinds[choice.kind]
  return (
    <li>
      <Group justify="space-between">
        <div>
          <strong>{name}</strong> {choice.isCharging && <StatusBadge tone="green">Takes new payments</StatusBadge>}
          <Text size="sm" c="dimmed">
            {choice.accountName || choice.accountId}
          </Text>
        </div>
        {!choice.isCharging && (
          <DeedButton
            variant="default"
            can={
              choice.mayCharge
                ? { allowed: true }
                : { allowed: false, reason: 'This account cannot take payments yet.' }
            }
            onClick={() => setOpen(true)}
          >
            Use {name}
          </DeedButton>
        )}
      </Group>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Take new payments through ${name}?`}
        confirmLabel={`Use ${name}`}
        deed={deed}
        onConfirm={() => void deed.run()}
      >
        <Consequences ifChanged={ifChanged} />
      </ConfirmDialog>
    </li>
  )
}

function Consequences({ ifChanged }: { ifChanged: Charging['ifChanged'] }) {
  if (ifChanged === undefined) return <Text>No payment is under way.</Text>
  const { renters, groups } = ifChanged
  const asked = {
    title: `${plural(renters.length, 'renter')} to ask for a new method`,
    count: renters.length,
    sums: [],
  }
  return (
    <>
      <Text>
        Saved cards and bank accounts stay with the account they were saved in. What is under way ends where it began.
      </Text>
      <CountedLists lists={[{ ...asked, items: renters }, ...groups]} />
    </>
  )
}
