/** A rotation under way: who verifies what, live, and how it goes on (UI-152, steps 3 and 4). */
import { Banner, ConfirmDialog, DeedButton, Fact, InstantText, ProblemAlert, useAnnounce, useDeed } from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Rotation } from './wire.ts'

type Props = { readonly endpointId: string; readonly rotation: Rotation }

export function RotationPanel({ endpointId, rotation }: Props) {
  const isOver = rotation.state === 'done' || rotation.state === 'cancelled'
  return (
    <Stack gap="sm">
      <Banner tone={rotation.state === 'done' ? 'green' : 'blue'} title={titles[rotation.state]}>
        <Step rotation={rotation} />
      </Banner>
      <Counters rotation={rotation} />
      {!isOver && <Deeds endpointId={endpointId} rotation={rotation} />}
    </Stack>
  )
}

/** What happens now; the end of the old secret is told in the operator's own time. */
function Step({ rotation: { state, oldEndsAt, step } }: { rotation: Rotation }) {
  if (state !== 'overlap' || oldEndsAt === undefined) return step
  return (
    <>
      Both secrets work until <InstantText at={oldEndsAt} />.
    </>
  )
}

function Counters({ rotation }: { rotation: Rotation }) {
  return (
    <dl className="rr-facts">
      <Fact label="Verified by the new secret">
        <span className="rr-counter">{rotation.verifiedByNew.toLocaleString('en')}</span>
      </Fact>
      <Fact label="Verified by the old secret">
        <span className="rr-counter">{rotation.verifiedByOld.toLocaleString('en')}</span>
      </Fact>
      <Fact label="Started">
        <InstantText at={rotation.startedAt} />
      </Fact>
      {rotation.oldEndsAt !== undefined && (
        <Fact label={rotation.state === 'done' ? 'The old ended' : 'The old ends'}>
          <InstantText at={rotation.oldEndsAt} />
        </Fact>
      )}
    </dl>
  )
}

function Deeds({ endpointId, rotation }: Props) {
  const announce = useAnnounce()
  const [isEnding, setEnding] = useState(false)
  const at = `/webhooks/endpoints/${endpointId}/rotations/${rotation.id}`
  const confirm = useDeed({ send: (api) => api.send(`${at}/confirm`) })
  const cancel = useDeed({
    send: (api) => api.send(`${at}/cancel`),
    onDone: () => announce('The rotation is cancelled. The old secret stays valid.'),
  })
  const problem = confirm.problem ?? cancel.problem
  const why = rotation.whyNot === undefined ? {} : { reason: rotation.whyNot }
  return (
    <>
      {problem !== undefined && <ProblemAlert problem={problem} />}
      <Group gap="xs">
        {rotation.canConfirm && (
          <DeedButton isRunning={confirm.isRunning} runningLabel="Confirming…" onClick={() => void confirm.run()}>
            Confirm the new secret
          </DeedButton>
        )}
        <DeedButton variant="default" can={{ allowed: rotation.canEndOld, ...why }} onClick={() => setEnding(true)}>
          End the old secret now
        </DeedButton>
        {rotation.canCancel && (
          <DeedButton
            variant="subtle"
            isRunning={cancel.isRunning}
            runningLabel="Cancelling…"
            onClick={() => void cancel.run()}
          >
            Cancel the rotation
          </DeedButton>
        )}
      </Group>
      {!rotation.canEndOld && rotation.whyNot !== undefined && (
        <Text size="sm" c="dimmed">
          {rotation.whyNot}
        </Text>
      )}
      <EndOld at={at} isOpen={isEnding} onClose={() => setEnding(false)} />
    </>
  )
}

function EndOld({ at, isOpen, onClose }: { at: string; isOpen: boolean; onClose: () => void }) {
  const announce = useAnnounce()
  const end = useDeed({
    send: (api) => api.send(`${at}/end-old`),
    onDone: () => {
      announce('The old secret has ended.')
      onClose()
    },
  })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title="End the old secret now?"
      confirmLabel="End the old secret"
      deed={end}
      onConfirm={() => void end.run()}
      isDanger
    >
      <Text>
        From now on only deliveries signed with the new secret are accepted. What Stripe still repeats with the old one
        is refused; its events are then found by asking Stripe.
      </Text>
    </ConfirmDialog>
  )
}

const titles: Readonly<Record<Rotation['state'], string>> = {
  creating: 'The second endpoint is being made',
  overlap: 'The new secret takes over',
  confirmed: 'The new secret has proved itself',
  done: 'The rotation is done',
  cancelled: 'The rotation was cancelled',
}
