/** Create it for me (UI-129): shows first what will be made, then makes it and keeps the secret straight from Stripe's answer. */
import { DeedButton, Dialog, Fact, ProblemAlert, useAnnounce, useDeed } from '#web/ui'
import { Button, Group, Stack, Text } from '@mantine/core'
import type { Connection } from './wire.ts'

type Props = {
  /** Of the connection at the API. */
  readonly apiPath: string
  readonly connection: Connection
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function CreateEndpoint({ apiPath, connection, isOpen, onClose }: Props) {
  const { webhook } = connection
  const announce = useAnnounce()
  const create = useDeed<boolean>({
    send: (api, isFresh) => api.send(`${apiPath}/endpoint`, { isFresh }),
    onDone: () => {
      announce('The webhook is created. Its signing secret is stored. You never need to see it.')
      close()
    },
  })
  const close = () => {
    create.forget()
    onClose()
  }
  const repair = useDeed({ send: (api) => api.send(`${apiPath}/endpoint/repair`), onDone: close })
  const isThere = create.problem?.code === 'endpoint_exists'
  return (
    <Dialog isOpen={isOpen} onClose={close} title="Create the webhook at Stripe" size="lg">
      <Stack>
        <dl className="rr-facts">
          <Fact label="Endpoint URL">
            <span className="rr-mono">{webhook.addresses.own}</span>
          </Fact>
          <Fact label="Events">{`${webhook.events.length} required and ${webhook.recommendedEvents.length} recommended`}</Fact>
          <Fact label="API version">{connection.apiVersion}</Fact>
          {webhook.endpoint !== undefined && (
            <Fact label="Endpoints in use">{`${webhook.endpoint.endpointCount} of 16`}</Fact>
          )}
        </dl>
        <Text>The signing secret is stored straight from Stripe’s answer. You never need to see it.</Text>
        {create.problem !== undefined && <ProblemAlert problem={create.problem} />}
        {repair.problem !== undefined && <ProblemAlert problem={repair.problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          {isThere && (
            <DeedButton variant="default" isRunning={repair.isRunning} onClick={() => void repair.run()}>
              Add missing events
            </DeedButton>
          )}
          <DeedButton isRunning={create.isRunning} runningLabel="Creating…" onClick={() => void create.run(isThere)}>
            {isThere ? 'Create a fresh endpoint' : 'Create endpoint'}
          </DeedButton>
        </Group>
      </Stack>
    </Dialog>
  )
}
