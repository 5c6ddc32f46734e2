/** Who is signed in, the colour scheme, the way out. The panel is the browser's own popover: Escape and a click beside it close it. */
import { openPath } from '#web/paths'
import { createApiClient, DeedButton } from '#web/ui'
import { Radio, Stack, Text, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { IconUserCircle } from '@tabler/icons-react'
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

export function AccountMenu({ me, role }: { me: Me; role: string }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const name = me.person?.name ?? ''
  return (
    <>
      <button type="button" className="rr-account" aria-label={`Account of ${name}`} popoverTarget="account">
        <IconUserCircle size={24} stroke={1.5} aria-hidden />
      </button>
      <div id="account" popover="auto" role="group" aria-label="Account" className="rr-account-panel">
        <Stack gap="md">
          <div>
            <Text fw={600}>{name}</Text>
            <Text size="xs" c="dimmed">
              {me.person?.email} · {role}
            </Text>
          </div>
          <Radio.Group
            label="Colours"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
          >
            <Stack gap="xs" mt={4}>
              {schemes.map(({ value, label }) => (
                <Radio key={value} value={value} label={label} />
              ))}
            </Stack>
          </Radio.Group>
          <DeedButton variant="default" onClick={() => void signOut()}>
            Sign out
          </DeedButton>
        </Stack>
      </div>
    </>
  )
}
