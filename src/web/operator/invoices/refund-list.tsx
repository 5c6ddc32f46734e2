/** Billing → Refunds: money on its way back to renters, the newest first, with why it stands where it stands (UI-94). */
import { useConsolePath, useQuery } from '#web/here'
import {
  ArrivedPill,
  cursorOf,
  DataTable,
  FirstUse,
  InstantText,
  Loaded,
  LocalDateText,
  MoneyText,
  NothingMatches,
  Page,
  Pager,
  StatusBadge,
  useApiQuery,
  useSteadyRows,
  type Column,
} from '#web/ui'
import { Anchor, Button, NativeSelect, Stack, Text } from '@mantine/core'
import { IconReceiptRefund } from '@tabler/icons-react'
import { hasActions, RefundActions } from './refund-actions.tsx'
import { refundTone, type RefundList, type RefundRow } from './wire.ts'

const states = [
  { value: '', label: 'All' },
  { value: 'requested', label: 'Requested' },
  { value: 'waiting_funds', label: 'Waiting for funds' },
  { value: 'submitting', label: 'Sending to Stripe' },
  { value: 'unknown', label: 'Checking with Stripe' },
  { value: 'pending', label: 'Pending at the bank' },
  { value: 'requires_action', label: 'Needs the renter' },
  { value: 'succeeded', label: 'Refunded' },
  { value: 'failed', label: 'Failed' },
  { value: 'canceled', label: 'Cancelled' },
]

const moving: readonly string[] = ['requested', 'submitting', 'unknown', 'pending']

export function RefundsPage() {
  const [query, change] = useQuery()
  const state = query['state'] ?? ''
  const after = cursorOf(query['after'])
  const search = new URLSearchParams(Object.entries({ state, after }).filter(([, value]) => value))
  const answer = useApiQuery<RefundList>(`/refunds?${search}`, {
    keepsPrevious: true,
    repeatWhile: ({ rows }) => rows.some((row) => moving.includes(row.state)),
  })
  return (
    <Page title="Refunds">
      <Loaded query={answer}>
        {(list) =>
          list.rows.length === 0 && state === '' && after === '' ? (
            <NoRefunds />
          ) : (
            <>
              <div className="rr-filters">
                <NativeSelect
                  label="State"
                  data={states}
                  value={state}
                  onChange={(event) => change({ state: event.currentTarget.value, after: '' })}
                />
              </div>
              <Rows list={list} place={search.toString()} onClear={() => change({ state: '', after: '' })} />
              <Pager page={list} noun="refund" trail={query['after']} onMove={(trail) => change({ after: trail })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

const columns: readonly Column<RefundRow>[] = [
  { key: 'when', head: 'When', cell: ({ requestedAt }) => <InstantText at={requestedAt} /> },
  { key: 'renter', head: 'Renter', cell: ({ renter }) => renter.name },
  { key: 'amount', head: 'Amount', align: 'right', card: 'amount', cell: ({ amount }) => <MoneyText money={amount} /> },
  { key: 'payment', head: 'Payment', cell: (row) => <Payment row={row} /> },
  { key: 'state', head: 'State', card: 'badge', cell: (row) => <State row={row} /> },
  { key: 'reason', head: 'Reason', cell: (row) => <Reason row={row} /> },
  { key: 'actions', head: 'Actions', cell: (row) => hasActions(row) && <RefundActions refund={row} /> },
]

function Payment({ row: { invoice, method } }: { row: RefundRow }) {
  const path = useConsolePath()
  return (
    <>
      {invoice !== undefined && <Anchor href={path('invoice', { invoiceId: invoice.id })}>{invoice.number}</Anchor>}
      <Text size="xs" c="dimmed">
        {method}
      </Text>
    </>
  )
}

function State({ row: { state, stateLabel } }: { row: RefundRow }) {
  return <StatusBadge tone={refundTone(state)}>{stateLabel}</StatusBadge>
}

function Reason({ row: { reason, detail, expectedOn } }: { row: RefundRow }) {
  return (
    <Stack gap={2} maw="22rem">
      <Text size="sm">{reason}</Text>
      {detail !== undefined && (
        <Text size="xs" c="dimmed">
          {detail}
        </Text>
      )}
      {expectedOn !== undefined && (
        <Text size="xs">
          Expected <LocalDateText date={expectedOn} />
        </Text>
      )}
    </Stack>
  )
}

function Rows({ list, place, onClear }: { list: RefundList; place: string; onClear: () => void }) {
  const steady = useSteadyRows(list.rows, ({ id }) => id, place)
  if (list.rows.length === 0) return <NothingMatches noun="refunds" onClear={onClear} />
  return (
    <>
      <ArrivedPill count={steady.arrived} noun="refund" onShow={steady.show} />
      <DataTable label="Refunds" rows={steady.rows} columns={columns} rowKey={({ id }) => id} />
    </>
  )
}

function NoRefunds() {
  const path = useConsolePath()
  return (
    <FirstUse
      icon={<IconReceiptRefund size={32} stroke={1.5} aria-hidden />}
      title="No refunds"
      why="Money that goes back to renters is listed here. A refund is processed on the invoice it belongs to."
      action={
        <Button component="a" href={path('invoices', {})} variant="default">
          See invoices
        </Button>
      }
    />
  )
}
