/**
 * Administration → Audit log (UI-108): who changed what, from where, as it was before and after. Entries of both modes stand in one chain, and
 * a badge says whether the chain is whole.
 */
import type { Api } from '#web/api'
import { useQuery } from '#web/here'
import {
  cursorOf,
  DataTable,
  DateField,
  DeedButton,
  InstantText,
  Loaded,
  NothingMatches,
  Page,
  Pager,
  SearchField,
  StatusBadge,
  plural,
  useApiQuery,
  type AnswerOf,
  type Column,
} from '#web/ui'
import { NativeSelect, Stack, Text } from '@mantine/core'

type Log = AnswerOf<Api, '/api/v1/w/:slug/audit'>
type Entry = Log['rows'][number]
type Chain = AnswerOf<Api, '/api/v1/w/:slug/audit/chain'>

export function AuditPage() {
  const [query, change] = useQuery()
  const { actor = '', kind = '', from = '', to = '' } = query
  const before = cursorOf(query['after'])
  const wanted = Object.entries({ actor, kind, from, to, before }).filter(([, value]) => value !== '')
  const answer = useApiQuery<Log>(`/audit?${new URLSearchParams(wanted)}`, { keepsPrevious: true })
  const narrow = (filter: { readonly [name: string]: string }) =>
    change({ ...filter, after: undefined }, { replace: true })
  return (
    <Page
      title="Audit log"
      intro="Who changed what, and how they signed in. Secrets are shown as dots."
      actions={<ChainState />}
    >
      <Loaded query={answer}>
        {(log) => (
          <>
            <div className="rr-filters">
              <SearchField label="Who" value={actor} onSearch={(typed) => narrow({ actor: typed })} />
              <NativeSelect
                label="What kind"
                data={[
                  { value: '', label: 'Everything' },
                  ...log.kinds.map((one) => ({ value: one, label: words(one) })),
                ]}
                value={kind}
                onChange={(event) => narrow({ kind: event.currentTarget.value })}
              />
              <DateField label="From" value={from} onChange={(event) => narrow({ from: event.currentTarget.value })} />
              <DateField label="To" value={to} onChange={(event) => narrow({ to: event.currentTarget.value })} />
            </div>
            {log.rows.length === 0 ? (
              <NothingMatches noun="entries" onClear={() => narrow({ actor: '', kind: '', from: '', to: '' })} />
            ) : (
              <DataTable label="Audit log" rows={log.rows} columns={columns} rowKey={({ seq }) => seq} />
            )}
            <Pager page={log} noun="entry" trail={query['after']} onMove={(trail) => change({ after: trail })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Recounted from the first entry each time the page is opened, and at a press. */
function ChainState() {
  const query = useApiQuery<Chain>('/audit/chain')
  const chain = query.data
  return (
    <>
      {chain !== undefined && (
        <StatusBadge tone={chain.isWhole ? 'green' : 'red'}>
          {chain.isWhole
            ? `Chain verified: ${plural(Number(chain.entries), 'entry', 'entries')}`
            : `Chain broken: ${chain.broken?.words ?? ''}`}
        </StatusBadge>
      )}
      <DeedButton
        variant="default"
        isRunning={query.isFetching}
        runningLabel="Verifying…"
        onClick={() => void query.refetch()}
      >
        Verify chain
      </DeedButton>
    </>
  )
}

const columns: readonly Column<Entry>[] = [
  { key: 'at', head: 'When', cell: ({ at }) => <InstantText at={at} /> },
  {
    key: 'actor',
    head: 'Who',
    cell: ({ actor, address }) => (
      <Stack gap={0}>
        <Text size="sm">{actor}</Text>
        <Text size="xs" c="dimmed">
          {address}
        </Text>
      </Stack>
    ),
  },
  {
    key: 'action',
    head: 'What',
    cell: ({ action, mode }) => `${actionWords(action)}${mode === 'live' ? ' (live)' : ''}`,
  },
  {
    key: 'object',
    head: 'Object',
    card: 'fact',
    cell: ({ objectKind, objectId }) => (
      <Stack gap={0}>
        <Text size="sm">{words(objectKind)}</Text>
        <Text size="xs" c="dimmed" className="rr-break">
          {objectId}
        </Text>
      </Stack>
    ),
  },
  { key: 'before', head: 'Before', cell: ({ before }) => <Values values={before} /> },
  { key: 'after', head: 'After', cell: ({ after }) => <Values values={after} /> },
]

function Values({ values }: { values: Entry['before'] }) {
  if (values.length === 0) return <Text size="sm">–</Text>
  return (
    <Stack gap={0}>
      {values.map(({ name, text }) => (
        <Text key={name} size="sm" className="rr-break">
          {words(name)}: {text === '' ? '–' : text}
        </Text>
      ))}
    </Stack>
  )
}

/** `keys_saved` and `secretKey` are read as words. */
function words(name: string): string {
  const plain = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}

/** `connection.keys_saved` is read as "Connection: keys saved". */
function actionWords(action: string): string {
  const [object = '', verb = ''] = action.split('.')
  return `${words(object)}: ${words(verb).toLowerCase()}`
}
