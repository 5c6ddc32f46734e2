/** Bank → Payouts: what reached the bank, what is on its way and what failed, the latest arrival first (UI-99). */
import { useConsolePath, useQuery } from '#web/here'
import {
  ArrivedPill,
  Banner,
  cursorOf,
  DataTable,
  FirstUse,
  Loaded,
  localDateText,
  LocalDateText,
  MoneyText,
  NothingMatches,
  Page,
  Pager,
  StatusBadge,
  useApiQuery,
  useConventions,
  useSteadyRows,
  type Column,
} from '#web/ui'
import { Button, NativeSelect, Text } from '@mantine/core'
import { IconCash } from '@tabler/icons-react'
import { payoutTone, type PayoutList, type PayoutRow, type Payouts } from './wire.ts'

/** No event tells the screen of a payout that only moved on. */
const lookEveryMs = 60_000

const states = [
  { value: '', label: 'All' },
  { value: 'pending', label: 'Pending' },
  { value: 'in_transit', label: 'On its way' },
  { value: 'paid', label: 'Paid' },
  { value: 'failed', label: 'Failed' },
  { value: 'canceled', label: 'Canceled' },
]

export function PayoutListPage() {
  const [query, change] = useQuery()
  const path = useConsolePath()
  const [state, currency] = [query['state'] ?? '', query['currency'] ?? '']
  const after = cursorOf(query['after'])
  const search = new URLSearchParams(Object.entries({ state, currency, after }).filter(([, value]) => value))
  const answer = useApiQuery<PayoutList>(`/payouts?${search}`, { keepsPrevious: true, repeatsEveryMs: lookEveryMs })
  const isFiltered = state !== '' || currency !== ''
  const clear = () => change({ state: '', currency: '', after: '' })
  return (
    <Page
      title="Payouts"
      actions={
        <Button component="a" href={path('payouts', {})} variant="default">
          Schedule and banks
        </Button>
      }
    >
      <Loaded query={answer}>
        {(list) => (
          <>
            {list.problem !== undefined && <Banner title="There may be more than is shown here">{list.problem}</Banner>}
            {list.rows.length === 0 && !isFiltered && after === '' ? (
              <NoPayouts />
            ) : (
              <>
                <div className="rr-filters">
                  <NativeSelect
                    label="Status"
                    data={states}
                    value={state}
                    onChange={(event) => change({ state: event.currentTarget.value, after: '' })}
                  />
                  <NativeSelect
                    label="Currency"
                    data={[{ value: '', label: 'All' }, ...list.currencies]}
                    value={currency}
                    onChange={(event) => change({ currency: event.currentTarget.value, after: '' })}
                  />
                </div>
                <Rows list={list} place={search.toString()} onClear={clear} />
                <Pager page={list} noun="payout" trail={query['after']} onMove={(trail) => change({ after: trail })} />
              </>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

const columns: readonly Column<PayoutRow>[] = [
  { key: 'arrival', head: 'Arrival', cell: ({ arrivalOn }) => <LocalDateText date={arrivalOn} /> },
  { key: 'amount', head: 'Amount', align: 'right', card: 'amount', cell: (row) => <Amount row={row} /> },
  { key: 'currency', head: 'Currency', card: 'wide', cell: ({ amount }) => amount.currency },
  { key: 'bank', head: 'Bank', cell: ({ bank }) => bank },
  { key: 'status', head: 'Status', card: 'badge', cell: (row) => <Status row={row} /> },
]

function Amount({ row }: { row: PayoutRow }) {
  return (
    <>
      <MoneyText money={row.amount} />
      {row.isDebit && (
        <Text size="xs" c="red">
          Debit from your bank
        </Text>
      )}
    </>
  )
}

function Status({ row }: { row: PayoutRow }) {
  return <StatusBadge tone={payoutTone(row)}>{row.stateLabel}</StatusBadge>
}

function Rows({ list, place, onClear }: { list: PayoutList; place: string; onClear: () => void }) {
  const path = useConsolePath()
  const steady = useSteadyRows(list.rows, ({ id }) => id, place)
  if (list.rows.length === 0) return <NothingMatches noun="payouts" onClear={onClear} />
  return (
    <>
      <ArrivedPill count={steady.arrived} noun="payout" onShow={steady.show} />
      <DataTable
        label="Payouts"
        rows={steady.rows}
        columns={columns}
        rowKey={({ id }) => id}
        href={({ id }) => path('payout', { payoutId: id })}
      />
    </>
  )
}

/** With the schedule as Stripe has it now; where Stripe cannot be asked, without. */
function NoPayouts() {
  const path = useConsolePath()
  const { locale } = useConventions()
  const { data: settings } = useApiQuery<Payouts>('/payouts/settings')
  const next =
    settings?.nextOn === undefined ? 'after the first payment settles' : localDateText(settings.nextOn, locale)
  const words = settings && `${settings.words.slice(0, 1).toLowerCase()}${settings.words.slice(1)}`
  const byHand = settings?.schedule.interval === 'manual'
  const why = byHand
    ? 'Payouts are made by hand in Stripe; none was made yet.'
    : `Stripe pays out ${words}; next expected ${next}.`
  return (
    <FirstUse
      icon={<IconCash size={32} stroke={1.5} aria-hidden />}
      title="No payouts yet."
      why={settings === undefined ? 'Payouts are listed here once Stripe pays out.' : why}
      action={
        <Button component="a" href={path('payouts', {})} variant="default">
          See the schedule
        </Button>
      }
    />
  )
}
