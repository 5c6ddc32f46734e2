/** What a person does with dead letters: all of one reason again, or one of them laid aside with a note (UI-154). */
import {
  Banner,
  DeedButton,
  Dialog,
  FormBody,
  plural,
  ProblemAlert,
  useAnnounce,
  useApiQuery,
  useDeed,
  useDeedForm,
} from '#web/ui'
import { Button, Stack, Text, TextInput } from '@mantine/core'
import type { Event, Health } from './wire.ts'

type Reason = Health['deadReasons'][number]
type Outcome = { readonly replayed: number; readonly hasMore: boolean }

/** One line for each reason, with the button that sends all of it through the road again. */
export function DeadLetters() {
  const { data: health } = useApiQuery<Health>('/webhooks/health')
  const announce = useAnnounce()
  const replay = useDeed<string, Outcome>({
    send: (api, reason) => api.send('/webhooks/events/replay-dead', { reason }),
    onDone: ({ replayed, hasMore }) =>
      announce(`${plural(replayed, 'event')} processed again.${hasMore ? ' More are left; press again.' : ''}`),
  })
  const reasons = health?.deadReasons ?? []
  if (reasons.length === 0) return null
  return (
    <Stack gap="xs" mb="md">
      {replay.problem !== undefined && <ProblemAlert problem={replay.problem} />}
      {reasons.map((reason) => (
        <Banner
          key={reason.reason}
          tone="red"
          title={plural(reason.count, 'dead letter')}
          actions={
            <DeedButton
              variant="default"
              size="xs"
              isRunning={replay.isRunning}
              runningLabel="Replaying…"
              onClick={() => void replay.run(reason.reason)}
            >
              {labelOf(reason)}
            </DeedButton>
          }
        >
          {reason.reason}
        </Banner>
      ))}
    </Stack>
  )
}

const mostAtOnce = 500

function labelOf({ count }: Reason): string {
  if (count > mostAtOnce) return `Replay the oldest ${mostAtOnce}`
  return count === 1 ? 'Replay it' : `Replay all ${count}`
}

export function DismissDialog({ event, onClose }: { event: Event | undefined; onClose: () => void }) {
  return (
    <Dialog isOpen={event !== undefined} onClose={onClose} title="Dismiss this event?">
      {event !== undefined && <DismissForm event={event} onClose={onClose} />}
    </Dialog>
  )
}

function DismissForm({ event, onClose }: { event: Event; onClose: () => void }) {
  const announce = useAnnounce()
  const deed = useDeed<{ note: string }>({
    send: (api, values) => api.send(`/webhooks/events/${event.id}/dismiss`, values),
    onDone: () => {
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
    <FormBody
      form={form}
      submitLabel="Dismiss this event"
      runningLabel="Dismissing…"
      beside={
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
      }
    >
      <Text>
        <code>{event.type}</code> is counted no longer and changes nothing. It stays in the inbox with your note and can
        still be replayed.
      </Text>
      <TextInput label="Note" description="Why nobody has to act on it" {...form.field('note')} />
    </FormBody>
  )
}
