/**
 * What can be decided about a refund in the list (UI-94). What does not apply to a state is left out; what a person would expect there and
 * cannot do now stays, and says why.
 */
import { DeedButton, Dialog, MoneyText, ProblemAlert, useAnnounce, useDeed, useMoneyText } from '#web/ui'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { RefundRow } from './wire.ts'

const ended: readonly string[] = ['succeeded', 'failed', 'canceled']

const mayWantCancel = ({ state }: RefundRow) => !ended.includes(state)
/** Failed, or held by Stripe, where a second one is what a person would think of. */
const mayWantRetry = ({ state, can }: RefundRow) =>
  state === 'failed' || can.retry.reason?.startsWith('Stripe still holds')

export function hasActions(refund: RefundRow): boolean {
  return refund.invoice !== undefined && (mayWantCancel(refund) || mayWantRetry(refund) === true)
}

function useDecision(path: string, decision: 'send' | 'wait' | 'cancel', said: string) {
  const announce = useAnnounce()
  return useDeed({ send: (api) => api.send(path, { decision }), onDone: () => announce(said) })
}

export function RefundActions({ refund }: { refund: RefundRow }) {
  const path = `/invoices/${refund.invoice?.id}/refunds/${refund.id}`
  const send = useDecision(path, 'send', 'The refund is being sent to Stripe.')
  const wait = useDecision(path, 'wait', 'The refund waits for funds and is sent by itself.')
  const cancel = useDecision(path, 'cancel', 'The refund is cancelled. Nothing was sent.')
  const [isAsking, setAsking] = useState(false)
  const small = { size: 'compact-sm', variant: 'default', miw: 'max-content' } as const
  const problem = send.problem ?? wait.problem ?? cancel.problem
  const { can } = refund
  return (
    <Stack gap="xs" align="flex-start">
      <Group gap="xs">
        {can.sendNow.allowed && (
          <DeedButton {...small} isRunning={send.isRunning} runningLabel="Sending…" onClick={() => void send.run()}>
            Send now
          </DeedButton>
        )}
        {can.wait.allowed && (
          <DeedButton {...small} isRunning={wait.isRunning} runningLabel="Saving…" onClick={() => void wait.run()}>
            Wait for funds
          </DeedButton>
        )}
        {mayWantCancel(refund) && (
          <DeedButton
            {...small}
            can={can.cancel}
            isRunning={cancel.isRunning}
            runningLabel="Cancelling…"
            onClick={() => void cancel.run()}
          >
            Cancel
          </DeedButton>
        )}
        {mayWantRetry(refund) && (
          <DeedButton {...small} can={can.retry} onClick={() => setAsking(true)}>
            Retry as new
          </DeedButton>
        )}
      </Group>
      {problem !== undefined && <ProblemAlert problem={problem} />}
      <Dialog isOpen={isAsking} onClose={() => setAsking(false)} title="Refund once more">
        <Retry refund={refund} path={path} onClose={() => setAsking(false)} />
      </Dialog>
    </Stack>
  )
}

function Retry({ refund, path, onClose }: { refund: RefundRow; path: string; onClose: () => void }) {
  const announce = useAnnounce()
  const format = useMoneyText()
  const deed = useDeed({
    send: (api) => api.send(`${path}/retry`),
    onDone: () => {
      announce('A new refund is written down and goes out by itself.')
      onClose()
    },
  })
  return (
    <Stack>
      <Text>
        The refund of <MoneyText money={refund.amount} /> failed, and the money is owed to {refund.renter.name} again. A
        new refund sends the same amount to {refund.method}.
      </Text>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      <Group>
        <DeedButton color="red" isRunning={deed.isRunning} runningLabel="Sending…" onClick={() => void deed.run()}>
          {`Refund ${format(refund.amount)} again`}
        </DeedButton>
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it as it is
        </Button>
      </Group>
    </Stack>
  )
}
