/** Who is signed in, the colour scheme, the way out. */
import { openPath } from '#web/paths'
import { createApiClient } from '#web/ui'
import { Menu, Text, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { IconCheck, IconLogout, IconUserCircle } from '@tabler/icons-react'
import type { Me } from './me.ts'

const schemes: readonly { readonly value: MantineColorScheme; readonly label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'Like the system' },
]

async function signOut(): Promise<void> {
  await createApiClient({ base: '/api/v1' }).send('/sign-out')
  window.location.assign(openPath('signIn', {}))
}

export default function AccountMenu({ me, role }: { me: Me; role: string }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const name = me.person?.name ?? ''
  return (
    <Menu position="bottom-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton className="rr-account" aria-label={`Account of ${name}`}>
          <IconUserCircle size={24} stroke={1.5} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown aria-label="Account">
        <div className="rr-account-who">
          <Text fw={600}>{name}</Text>
          <Text size="xs" c="dimmed">
            {me.person?.email} · {role}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        {schemes.map(({ value, label }) => (
          <Menu.Item
            key={value}
            onClick={() => setColorScheme(value)}
            rightSection={value === colorScheme ? <IconCheck size={16} aria-label="chosen" /> : undefined}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
