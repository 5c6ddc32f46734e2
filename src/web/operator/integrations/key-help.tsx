/** Where to find each key, and what a restricted key needs (UI-120). Collapsed until wanted. */
import { CopyButton } from '#web/ui'
import { Anchor, Group, Stack, Text } from '@mantine/core'
import type { Connection } from './wire.ts'

export function KeyHelp({ connection }: { connection: Connection }) {
  const permissions = connection.restrictedKeyPermissions.map(({ name, access }) => `${name}: ${access}`)
  return (
    <details className="rr-help">
      <summary>Where to find the keys</summary>
      <Stack gap="xs" mt="xs">
        <Text>
          In the{' '}
          <Anchor href="https://dashboard.stripe.com/apikeys" target="_blank" rel="noopener noreferrer">
            Stripe Dashboard
          </Anchor>
          , open Developers, then API keys. Copy the publishable key and create a restricted key with the permissions
          below. The webhook secret stands under Developers, Webhooks, once an endpoint exists; if you let Rentroll
          create it, you never need to see it.
        </Text>
        <Group gap="xs">
          <Text fw={600}>Permissions of a restricted key</Text>
          <CopyButton value={permissions.join('\n')} what="the permissions" />
        </Group>
        <ul className="rr-plain-list">
          {permissions.map((permission) => (
            <li key={permission}>{permission}</li>
          ))}
        </ul>
      </Stack>
    </details>
  )
}
