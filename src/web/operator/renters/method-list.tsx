/** Saved methods: which one is charged, until when, and why one cannot be charged any more (UI-84). */
import { DataTable, DeedButton, ProblemAlert, StatusBadge, useDeed, type Column } from '#web/ui'
import { Text } from '@mantine/core'
import { Notifications, notifications } from '@mantine/notifications'
import '@mantine/core/styles/Notification.css'
import '@mantine/notifications/styles.css'
import type { Method } from './wire.ts'

export function MethodList({ methods }: { methods: readonly Method[] }) {
  const deed = useDeed<Method>({
    send: async (api, method) => {
      await api.send(`/methods/${method.id}/default`)
      notifications.show({ message: `${method.label} is charged from now on.` })
    },
  })
  if (methods.length === 0)
    return <Text c="dimmed">No payment method. Cards are entered on a page of Stripe, never here.</Text>
  const columns: readonly Column<Method>[] = [
    { key: 'label', head: 'Method', cell: (method) => method.label },
    { key: 'expires', head: 'Expires', cell: (method) => method.expires ?? '–' },
    { key: 'state', head: 'State', card: 'badge', cell: (method) => <MethodState method={method} /> },
    {
      key: 'deeds',
      head: 'Actions',
      cell: (method) => (
        <MakeDefault method={method} isRunning={deed.isRunning} onChoose={() => void deed.run(method)} />
      ),
    },
  ]
  return (
    <>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
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

function MakeDefault({ method, isRunning, onChoose }: { method: Method; isRunning: boolean; onChoose: () => void }) {
  if (method.unusableReason !== undefined) return method.unusableReason
  if (method.isDefault) return 'Charged first'
  return (
    <DeedButton variant="default" size="compact-sm" isRunning={isRunning} onClick={onChoose}>
      Make default
    </DeedButton>
  )
}
