/** One set of keys: how the connection stands, whose account it is, and the form of its keys (UI-120, UI-124). */
import { Banner, Fact, StatusBadge } from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import { KeyForm } from './key-form.tsx'
import type { KeyValues } from './key-rules.ts'
import type { Connection } from './wire.ts'

type CardProps = {
  readonly connection: Connection
  readonly pasted: KeyValues | undefined
  readonly onCarryOver: (values: KeyValues) => void
}

export function StripeCard({ connection, pasted, onCarryOver }: CardProps) {
  return (
    <Stack gap="lg">
      <Badges connection={connection} />
      <Account connection={connection} />
      <KeyForm connection={connection} pasted={pasted} onCarryOver={onCarryOver} />
    </Stack>
  )
}

function Badges({ connection: { badges } }: { connection: Connection }) {
  if (badges.length === 0) {
    return (
      <div>
        <StatusBadge tone="grey">Not connected</StatusBadge>
      </div>
    )
  }
  return (
    <Stack gap="xs" role="status">
      <Group gap="xs">
        {badges.map(({ tone, label }) => (
          <StatusBadge key={label} tone={tone}>
            {label}
          </StatusBadge>
        ))}
      </Group>
      {badges
        .filter(({ sentence }) => sentence !== '')
        .map(({ label, sentence }) => (
          <Text key={label}>{sentence}</Text>
        ))}
    </Stack>
  )
}

function Account({ connection: { account, mode } }: { connection: Connection }) {
  if (account === undefined) return null
  return (
    <>
      <dl className="rr-facts">
        <Fact label="Account">{account.name || 'Name not readable with this key'}</Fact>
        {account.id !== undefined && (
          <Fact label="Account ID">
            <span className="rr-mono">{account.id}</span>
          </Fact>
        )}
        {account.country !== '' && <Fact label="Country">{account.country}</Fact>}
        {account.currency !== '' && <Fact label="Currency">{account.currency.toUpperCase()}</Fact>}
        <Fact label="Mode">{mode === 'test' ? 'Test' : 'Live'}</Fact>
      </dl>
      {account.notice !== undefined && <Banner title="Finish the account in Stripe">{account.notice}</Banner>}
    </>
  )
}
