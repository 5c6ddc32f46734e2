/** News about accounts nobody here has connected, given up after a day: sent through again, or laid aside with a note (TRU-90). */
import {
  DeedButton,
  Dialog,
  FormBody,
  InstantText,
  plural,
  ProblemAlert,
  Section,
  useAnnounce,
  useDeed,
  useDeedForm,
} from '#web/ui'
import { Button, Group, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Changed, Installation, Letter } from './wire.ts'

type Props = { readonly installation: Installation; readonly onChanged: (changed: Changed) => void }

export function DeadLetters({ installation: { deadLetters }, onChanged }: Props) {
  const [dismissed, setDismissed] = useState<Letter>()
  const { rows, count } = deadLetters
  return (
    <Section title="Dead letters without an operator">
      {rows.length === 0 ? (
        <Text>None. News about accounts nobody here has connected wait for 24 hours before they are given up.</Text>
      ) : (
        <>
          <Text c="dimmed">
            {plural(count, 'dead letter')}
            {count > rows.length ? `, the newest ${rows.length} of them` : ''}. What they carried is not shown.
          </Text>
          <ul className="rr-lines">
            {rows.map((letter) => (
              <OneLetter key={letter.id} letter={letter} onDismiss={() => setDismissed(letter)} onChanged={onChanged} />
            ))}
          </ul>
        </>
      )}
      <Dialog isOpen={dismissed !== undefined} onClose={() => setDismissed(undefined)} title="Dismiss this event?">
        {dismissed !== undefined && <DismissForm letter={dismissed} onClose={() => setDismissed(undefined)} />}
      </Dialog>
    </Section>
  )
}

type LetterProps = {
  readonly letter: Letter
  readonly onDismiss: () => void
  readonly onChanged: (changed: Changed) => void
}

function OneLetter({ letter, onDismiss, onChanged }: LetterProps) {
  const { id, type, account, mode, eventId, receivedAt, reason } = letter
  const replay = useDeed<void, Changed>({
    send: (api) => api.send(`/installation/dead-letters/${id}/replay`),
    onDone: onChanged,
  })
  return (
    <li>
      <strong>{type}</strong>{' '}
      <Text component="span" size="sm" c="dimmed">
        <span className="rr-mono">{eventId}</span>
        {account !== '' && (
          <>
            {' '}
            about <span className="rr-mono">{account}</span>
          </>
        )}
        , {mode} mode, <InstantText at={receivedAt} />
      </Text>
      <Text>{reason}</Text>
      {replay.problem !== undefined && <ProblemAlert problem={replay.problem} />}
      <Group gap="xs" mt="xs">
        <DeedButton
          variant="default"
          size="xs"
          isRunning={replay.isRunning}
          runningLabel="Replaying…"
          onClick={() => void replay.run()}
        >
          Replay it
        </DeedButton>
        <Button variant="default" size="xs" onClick={onDismiss} aria-label={`Dismiss ${eventId}`}>
          Dismiss
        </Button>
      </Group>
    </li>
  )
}

function DismissForm({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const announce = useAnnounce()
  const deed = useDeed<{ note: string }>({
    send: (api, values) => api.send(`/installation/dead-letters/${letter.id}/dismiss`, values),
    onDone() {
      announce('The event is dismissed.')
      onClose()
    },
  })
  const form = useDeedForm({
    initialValues: { note: '' },
    validate: { note: (value) => (value.trim() === '' ? 'Enter why nobody has to act on it.' : undefined) },
    deed,
  })
  return (
    <FormBody form={form} submitLabel="Dismiss this event" runningLabel="Dismissing…">
      <TextInput label="Note" description="Why nobody has to act on it" {...form.field('note')} />
    </FormBody>
  )
}
