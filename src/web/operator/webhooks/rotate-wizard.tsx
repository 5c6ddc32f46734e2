/** Rotate secret (UI-152): choose the way, give or make the new secret, watch it take over. Leaving at any step changes nothing. */
import { Dialog, FormBody, useAnnounce, useDeed, useDeedForm } from '#web/ui'
import { Button, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { RotationPanel } from './rotation-panel.tsx'
import { isUnderWay, type Endpoint, type Rotation } from './wire.ts'

type Way = Rotation['path']
type Props = { readonly endpoint: Endpoint; readonly isOpen: boolean; readonly onClose: () => void }

export function RotateWizard({ endpoint, isOpen, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Rotate the signing secret" size="lg">
      <Steps endpoint={endpoint} onClose={onClose} />
    </Dialog>
  )
}

/** The rotation the wizard started is remembered, so that its last step is still shown once it is done. */
function Steps({ endpoint, onClose }: Omit<Props, 'isOpen'>) {
  const [way, setWay] = useState<Way>()
  const [hasBegun, setBegun] = useState(isUnderWay(endpoint.rotation))
  if (hasBegun && endpoint.rotation !== undefined) {
    return (
      <Stack>
        <StepLine number={endpoint.rotation.state === 'done' ? 4 : 3} />
        <RotationPanel endpointId={endpoint.id} rotation={endpoint.rotation} />
        <div>
          <Button variant="default" onClick={onClose}>
            {endpoint.rotation.state === 'done' ? 'Done' : 'Close, it goes on by itself'}
          </Button>
        </div>
      </Stack>
    )
  }
  if (way === undefined) return <Choose onChoose={setWay} onClose={onClose} />
  return <NewSecret way={way} endpoint={endpoint} onBegun={() => setBegun(true)} onBack={() => setWay(undefined)} />
}

const stepNames = ['Choose the way', 'The new secret', 'Watch it take over', 'Done']

function StepLine({ number }: { number: number }) {
  return (
    <Text size="sm" c="dimmed">
      Step {number} of {stepNames.length}: {stepNames[number - 1]}
    </Text>
  )
}

const ways: readonly { readonly way: Way; readonly label: string; readonly description: string }[] = [
  {
    way: 'create',
    label: 'Rotate for me',
    description: 'A second endpoint is made at Stripe and takes over; the old one is deleted afterwards.',
  },
  {
    way: 'paste',
    label: 'I rolled it in Stripe and have the new secret',
    description: 'You paste the new secret. Both are accepted for as long as you say.',
  },
  {
    way: 'leak',
    label: 'It leaked: stop the old one now',
    description: 'The old secret ends at once. What Stripe still signs with it is refused and found by asking Stripe.',
  },
]

function Choose({ onChoose, onClose }: { onChoose: (way: Way) => void; onClose: () => void }) {
  const [way, setWay] = useState<Way>('create')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onChoose(way)
      }}
    >
      <Stack>
        <StepLine number={1} />
        <Radio.Group label="How is the new secret made?" value={way} onChange={(value) => setWay(value as Way)}>
          <div className="rr-choices">
            {ways.map(({ way: value, label, description }) => (
              <Radio key={value} value={value} label={label} description={description} />
            ))}
          </div>
        </Radio.Group>
        <div>
          <Button type="submit">Continue</Button>{' '}
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </Stack>
    </form>
  )
}

type SecretProps = {
  readonly way: Way
  readonly endpoint: Endpoint
  readonly onBegun: () => void
  readonly onBack: () => void
}

const overlaps = [
  { value: '24', label: '24 hours' },
  { value: '1', label: '1 hour' },
  { value: '0', label: 'Not at all' },
]

const intros: Readonly<Record<Way, string>> = {
  create:
    'A second endpoint with the same address and events is made. Both secrets are accepted until the new one has proved itself.',
  paste: 'In Stripe open Developers → Webhooks → this endpoint → Roll secret, then paste what it shows.',
  leak: 'The old secret ends at once. Paste the new one if you rolled it in Stripe; leave the field empty and a fresh endpoint is made.',
}

const labels: Readonly<Record<Way, string>> = {
  create: 'Rotate the secret',
  paste: 'Save the new secret',
  leak: 'Stop the old secret now',
}

function NewSecret({ way, endpoint, onBegun, onBack }: SecretProps) {
  const announce = useAnnounce()
  const deed = useDeed<{ webhookSecret: string; overlapHours: string }>({
    send: (api, { webhookSecret, overlapHours }) =>
      api.send(`/webhooks/endpoints/${endpoint.id}/rotations`, {
        path: way,
        ...(webhookSecret.trim() !== '' && { webhookSecret: webhookSecret.trim() }),
        ...(way === 'paste' && { overlapHours: Number(overlapHours) }),
      }),
    onDone: () => {
      announce('The rotation has begun.')
      onBegun()
    },
  })
  const form = useDeedForm({
    initialValues: { webhookSecret: '', overlapHours: '24' },
    validate: { webhookSecret: (value) => secretProblem(value, way) },
    deed,
  })
  return (
    <FormBody
      form={form}
      submitLabel={labels[way]}
      runningLabel="Rotating…"
      isDanger={way === 'leak'}
      beside={
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      }
    >
      <StepLine number={2} />
      <Text>{intros[way]}</Text>
      {way !== 'create' && (
        <TextInput
          label={way === 'leak' ? 'New signing secret (optional)' : 'New signing secret'}
          description="Starts with whsec_"
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: 'rr-mono' }}
          {...form.field('webhookSecret')}
        />
      )}
      {way === 'paste' && (
        <NativeSelect label="Accept the old secret for" data={overlaps} {...form.field('overlapHours')} />
      )}
    </FormBody>
  )
}

function secretProblem(typed: string, way: Way): string | undefined {
  const value = typed.trim()
  if (value === '') return way === 'paste' ? 'Enter the new signing secret.' : undefined
  return value.startsWith('whsec_') ? undefined : 'A signing secret starts with whsec_.'
}
