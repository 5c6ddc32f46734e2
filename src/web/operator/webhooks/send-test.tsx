/** Send test: something harmless is made and cancelled at Stripe, and its event is waited for (STR-47). */
import { DeedButton, ProblemAlert, StatusBadge, useDeed } from '#web/ui'
import { Text } from '@mantine/core'
import { useState } from 'react'

type Result = { readonly state: 'arrived' | 'not_arrived'; readonly detail: string }

export function SendTest({ endpointId }: { endpointId: string }) {
  const [result, setResult] = useState<Result>()
  const test = useDeed<void, Result>({
    send: (api) => api.send(`/webhooks/endpoints/${endpointId}/test`),
    onDone: setResult,
  })
  return (
    <>
      <DeedButton
        variant="default"
        isRunning={test.isRunning}
        runningLabel="Waiting for the event, up to 30 s…"
        onClick={() => {
          setResult(undefined)
          void test.run()
        }}
      >
        Send test event
      </DeedButton>
      <div role="status" className="rr-full">
        {result !== undefined && (
          <Text>
            <StatusBadge tone={result.state === 'arrived' ? 'green' : 'red'}>
              {result.state === 'arrived' ? 'Arrived' : 'Did not arrive'}
            </StatusBadge>{' '}
            {result.detail}
          </Text>
        )}
        {test.problem !== undefined && <ProblemAlert problem={test.problem} />}
      </div>
    </>
  )
}
