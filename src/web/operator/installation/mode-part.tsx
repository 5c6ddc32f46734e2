/** One mode of the installation: its key, its two endpoints with their secrets, and what is wrong with them (UI-112, STR-106). */
import {
  ConfirmDialog,
  CopyButton,
  DeedButton,
  Fact,
  InstantText,
  ProblemAlert,
  Section,
  StatusBadge,
  useDeed,
} from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { atStripe, looks, states, type Changed, type Check, type Endpoint, type OneMode } from './wire.ts'

type Props = { readonly one: OneMode; readonly onChanged: (changed: Changed) => void }

export function ModePart({ one, onChanged }: Props) {
  const { mode, key, endpoints } = one
  return (
    <Section title={`Stripe, ${mode} mode`}>
      <Stack>
        <dl className="rr-facts">
          <Fact label="Key">
            {key.isSet ? <span className="rr-mono">{key.mask ?? 'set'}</span> : 'Not set'}
            <Text size="xs" c="dimmed">
              {key.isOfSandbox ? (
                'Given by the sandbox.'
              ) : (
                <>
                  From <span className="rr-mono">{key.environmentName}</span>: set outside; change it there.
                </>
              )}
            </Text>
          </Fact>
          {one.endpointsUsed !== undefined && (
            <Fact label="Endpoints at Stripe">
              {one.endpointsUsed} of {one.endpointsAllowed} used
            </Fact>
          )}
          {one.askedAt !== undefined && (
            <Fact label="Stripe asked">
              <InstantText at={one.askedAt} />
            </Fact>
          )}
          {one.lastVerifiedAt !== undefined && (
            <Fact label="Last verified for connected accounts">
              <InstantText at={one.lastVerifiedAt} />
            </Fact>
          )}
          {one.lastRefusedAt !== undefined && (
            <Fact label="Last refused at the shared address">
              <InstantText at={one.lastRefusedAt} />
            </Fact>
          )}
        </dl>
        {key.isSet && <Checks one={one} onChanged={onChanged} />}
        {endpoints.map((endpoint) => (
          <OneEndpoint key={endpoint.id} mode={mode} endpoint={endpoint} onChanged={onChanged} />
        ))}
        {one.outsideSecrets.map(({ name, environmentName, mask, fingerprint }) => (
          <Text key={environmentName} size="sm">
            {name}: <span className="rr-mono">{mask}</span>, fingerprint <span className="rr-mono">{fingerprint}</span>,
            from <span className="rr-mono">{environmentName}</span>: set outside; change it there.
          </Text>
        ))}
      </Stack>
    </Section>
  )
}

function Checks({ one, onChanged }: Props) {
  const { mode, endpoints, checks } = one
  const check = useDeed({ send: (api) => api.send(`/installation/${mode}/check`) })
  const repair = useDeed<void, Changed>({
    send: (api) => api.send(`/installation/${mode}/repair`),
    onDone: onChanged,
  })
  const isFound = checks.some(({ state }) => state === 'found')
  const isMissing = endpoints.filter(({ state }) => state !== 'ending').length < 2
  const problem = check.problem ?? repair.problem
  return (
    <Stack gap="xs">
      <ul className="rr-lines">
        {checks.map((entry) => (
          <OneCheck key={entry.code} check={entry} />
        ))}
      </ul>
      {problem !== undefined && <ProblemAlert problem={problem} />}
      <Group gap="xs">
        {(isFound || isMissing) && (
          <DeedButton isRunning={repair.isRunning} runningLabel="Repairing…" onClick={() => void repair.run()}>
            {isMissing ? 'Create endpoints' : 'Repair'}
          </DeedButton>
        )}
        <DeedButton
          variant="default"
          isRunning={check.isRunning}
          runningLabel="Asking Stripe…"
          onClick={() => void check.run()}
        >
          Check now
        </DeedButton>
      </Group>
    </Stack>
  )
}

function OneCheck({ check: { title, state, text, since, toldAt } }: { check: Check }) {
  const { word, tone } = looks[state]
  return (
    <li>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <strong>{title}</strong>
        <StatusBadge tone={tone}>{word}</StatusBadge>
      </Group>
      <Text>{text}</Text>
      {since !== undefined && (
        <Text size="sm" c="dimmed">
          Seen since <InstantText at={since} />
          {toldAt !== undefined && (
            <>
              , told by mail <InstantText at={toldAt} />
            </>
          )}
          .
        </Text>
      )}
    </li>
  )
}

type EndpointProps = {
  readonly mode: OneMode['mode']
  readonly endpoint: Endpoint
  readonly onChanged: (changed: Changed) => void
}

function OneEndpoint({ mode, endpoint, onChanged }: EndpointProps) {
  const { name, state, secret, missingEvents, eventsTotal, problem } = endpoint
  const { word, tone } = states[state]
  const title = state === 'ending' ? `${name}, being replaced` : name
  return (
    <Section title={title} level={3} actions={<StatusBadge tone={tone}>{word}</StatusBadge>}>
      <Stack gap="xs">
        {problem !== '' && <Text>{problem}</Text>}
        <dl className="rr-facts">
          <Fact label="Address">
            <Group gap="xs" wrap="nowrap">
              <span className="rr-mono">{endpoint.url}</span>
              <CopyButton value={endpoint.url} what={`the address of ${title}, ${mode}`} />
            </Group>
          </Fact>
          <Fact label="At Stripe">{atStripe[endpoint.atStripe]}</Fact>
          <Fact label="Events">
            {missingEvents.length === 0
              ? `${eventsTotal} selected`
              : `${missingEvents.length} missing: ${missingEvents.join(', ')}`}
          </Fact>
          <Fact label="Last verified">
            {endpoint.lastVerifiedAt === undefined ? 'Never' : <InstantText at={endpoint.lastVerifiedAt} />}
          </Fact>
          {secret.mask !== '' && (
            <Fact label="Signing secret">
              <span className="rr-mono">{secret.mask}</span>
              <Text size="xs" c="dimmed">
                fingerprint <span className="rr-mono">{secret.fingerprint}</span>
              </Text>
            </Fact>
          )}
          <Fact label="Valid">
            {secret.validUntil === undefined ? (
              <>
                since <InstantText at={secret.validFrom} />
              </>
            ) : (
              <>
                until <InstantText at={secret.validUntil} />
              </>
            )}
          </Fact>
        </dl>
        {state === 'ready' && <Rotate mode={mode} endpoint={endpoint} onChanged={onChanged} />}
      </Stack>
    </Section>
  )
}

function Rotate({ mode, endpoint: { kind, name }, onChanged }: EndpointProps) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed<void, Changed>({
    send: (api) => api.send(`/installation/${mode}/endpoints/${kind}/rotate`),
    onDone(changed) {
      setOpen(false)
      onChanged(changed)
    },
  })
  return (
    <Group>
      <DeedButton variant="default" onClick={() => setOpen(true)}>
        {`Rotate the secret of ${name}`}
      </DeedButton>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Rotate the secret of ${name}?`}
        confirmLabel="Rotate"
        deed={deed}
        onConfirm={() => void deed.run()}
      >
        <Text>
          A second endpoint is made at Stripe and takes over. The present secret is accepted for 24 hours more, so no
          delivery is refused; then the old endpoint is deleted.
        </Text>
      </ConfirmDialog>
    </Group>
  )
}
