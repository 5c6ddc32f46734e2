/** Find missed events: asks Stripe what it has, shows how much of it is new, and adds it only then (UI-154). */
import { DeedButton, Dialog, Fact, InstantText, ProblemAlert, plural, useAnnounce, useDeed } from '#web/ui'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Missed } from './wire.ts'

export function FindMissed() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Find missed events
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title="Find missed events">
        <Search onClose={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function Search({ onClose }: { onClose: () => void }) {
  const announce = useAnnounce()
  const [found, setFound] = useState<Missed>()
  const preview = useDeed<void, Missed>({ send: (api) => api.send('/webhooks/missed/preview'), onDone: setFound })
  const add = useDeed({
    send: (api) => api.send('/webhooks/missed/add'),
    onDone: () => {
      announce('The missed events are being added.')
      onClose()
    },
  })
  const problem = preview.problem ?? add.problem
  return (
    <Stack>
      <Text>
        Stripe is asked for its events of the last 30 days; it keeps none that are older. Nothing is added before you
        have seen how many are new.
      </Text>
      {found !== undefined && <Found found={found} />}
      {problem !== undefined && <ProblemAlert problem={problem} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {found?.newCount === 0 ? 'Close' : 'Cancel'}
        </Button>
        {found === undefined ? (
          <DeedButton isRunning={preview.isRunning} runningLabel="Asking Stripe…" onClick={() => void preview.run()}>
            Ask Stripe
          </DeedButton>
        ) : (
          found.newCount > 0 && (
            <DeedButton isRunning={add.isRunning} runningLabel="Adding…" onClick={() => void add.run()}>
              {`Add ${plural(found.newCount, 'event')}`}
            </DeedButton>
          )
        )}
      </Group>
    </Stack>
  )
}

function Found({ found }: { found: Missed }) {
  if (found.newCount === 0) {
    return (
      <Text role="status">{`Nothing is missing: ${plural(found.seenCount, 'event')} at Stripe, all of them are here.`}</Text>
    )
  }
  return (
    <div role="status">
      <dl className="rr-facts">
        <Fact label="New">{plural(found.newCount, 'event')}</Fact>
        <Fact label="Looked at">
          {plural(found.seenCount, 'event')}
          {!found.isComplete && ' and more'}
        </Fact>
        {found.oldestAt !== undefined && (
          <Fact label="The oldest new one">
            <InstantText at={found.oldestAt} />
          </Fact>
        )}
      </dl>
      <ul className="rr-lines" aria-label="New events by type">
        {found.byType.map(({ type, count }) => (
          <li key={type} className="rr-spread">
            <code>{type}</code>
            <span className="rr-figure">{count.toLocaleString('en')}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
