/** Saved methods: which one is charged, until when, and why one cannot be charged any more (UI-84). */
import { DataTable, DeedButton, ProblemAlert, StatusBadge, useDeed, type Column } from '#web/ui'
import { Text } from '@mantine/core'
import { Notifications, notifications } from '@mantine/notifications'
import '@mantine/core/styles/Notification.css'
import '@mantine/notifications/styles.css'
import type { Method } from './wire.ts'

const columns: readonly Column<Method>[] = [
  { key: 'label', head: 'Method', cell: (method) => method.label },
  { key: 'expires', head: 'Expires', cell: (method) => method.expires ?? '–' },
  { key: 'state', head: 'State', card: 'badge', cell: (method) => <MethodState method={method} /> },
  { key: 'deeds', head: 'Actions', cell: (method) => <MakeDefault method={method} /> },
]

export function MethodList({ methods }: { methods: readonly Method[] }) {
  if (methods.length === 0)
    return <Text c="dimmed">No payment method. Cards are entered on a page of Stripe, never here.</Text>
  return (
    <>
      <Notifications position="bottom-right" autoClose={4_000} />
      <DataTable label="Payment methods" rows={methods} columns={columns} rowKey={(method) => method.id} />
    </>
  )
}

function MethodState({ method }: { method: Method }) {
  if (method.unusableReason !== undefined) return <StatusBadge tone="red">Cannot be charged</StatusBadge>
  return method.isDefault ? (
    <StatusBadge tone="green">Default</StatusBadge>
  ) : (
    <StatusBadge tone="grey">Saved</StatusBadge>
  )
}

function MakeDefault({ method }: { method: Method }) {
  const deed = useDeed({
    send: (api) => api.send(`/methods/${method.id}/default`),
    onDone: () => void notifications.show({ message: `${method.label} is charged from now on.` }),
  })
  if (method.unusableReason !== undefined) return method.unusableReason
  if (method.isDefault) return 'Charged first'
  return (
    <>
      <DeedButton variant="default" size="compact-sm" isRunning={deed.isRunning} onClick={() => void deed.run()}>
        Make default
      </DeedButton>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
    </>
  )
}
