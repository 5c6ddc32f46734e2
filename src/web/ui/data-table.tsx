/**
 * Lists. A table where there is room, cards below 768 px with the same order and the same links (UI-25). Rows that change keep
 * their place and fade once; rows that arrive wait behind a pill until asked for, so nothing moves under the pointer (UI-22).
 */
import { Anchor, Button, Group, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState, type MouseEvent, type ReactNode } from 'react'
import type { ListPage } from './api-hooks.tsx'
import { plural } from './texts.tsx'

export type Column<Row> = {
  readonly key: string
  readonly head: string
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'right'
  /** Place on a card; what has none stands among the facts, and `wide` is left to the table alone. */
  readonly card?: 'badge' | 'amount' | 'fact' | 'wide'
}

type TableProps<Row> = {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
  /** Makes the first cell a link and the whole row clickable. */
  readonly href?: (row: Row) => string
}

export function useIsNarrow(): boolean {
  return useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
}

export function DataTable<Row>(props: TableProps<Row>) {
  const isNarrow = useIsNarrow()
  return isNarrow ? <Cards {...props} /> : <Wide {...props} />
}

function openRow(event: MouseEvent<HTMLElement>): void {
  const target = event.target as HTMLElement
  if (target.closest('a, button, input, label') || window.getSelection()?.toString()) return
  event.currentTarget.querySelector('a')?.click()
}

function Lead<Row>({ row, column, href }: { row: Row; column: Column<Row>; href: TableProps<Row>['href'] }) {
  const content = column.cell(row)
  return href === undefined ? (
    content
  ) : (
    <Anchor href={href(row)} fw={600} underline="hover">
      {content}
    </Anchor>
  )
}

function Wide<Row>({ label, rows, columns, rowKey, href }: TableProps<Row>) {
  return (
    <div className="rr-table-frame">
      <Table aria-label={label} tabularNums highlightOnHover={href !== undefined} verticalSpacing={10}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.key} ta={column.align ?? 'left'} scope="col">
                {column.head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr
              key={rowKey(row)}
              className={href === undefined ? '' : 'rr-row'}
              {...(href ? { onClick: openRow } : {})}
            >
              {columns.map((column, index) => (
                <Table.Td key={column.key} ta={column.align ?? 'left'}>
                  {index === 0 ? <Lead row={row} column={column} href={href} /> : column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Cards<Row>({ label, rows, columns, rowKey, href }: TableProps<Row>) {
  const [first, ...others] = columns
  if (first === undefined) return null
  const facts = others.filter(({ card }) => card === undefined || card === 'fact')
  return (
    <ul aria-label={label} className="rr-cards">
      {rows.map((row) => (
        <li
          key={rowKey(row)}
          className={href === undefined ? 'rr-card' : 'rr-card rr-row'}
          {...(href ? { onClick: openRow } : {})}
        >
          <Group justify="space-between" gap="xs" align="flex-start">
            <div className="rr-card-lead">
              <Lead row={row} column={first} href={href} />
            </div>
            {others
              .filter(({ card }) => card === 'badge')
              .map((column) => (
                <div key={column.key}>{column.cell(row)}</div>
              ))}
          </Group>
          <dl className="rr-card-facts">
            {[...others.filter(({ card }) => card === 'amount'), ...facts].map((column) => (
              <CardFact key={column.key} head={column.head} content={column.cell(row)} />
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}

function CardFact({ head, content }: { head: string; content: ReactNode }) {
  if (content === '' || content === false || content === undefined || content === null) return null
  return (
    <div>
      <dt>{head}</dt>
      <dd>{content}</dd>
    </div>
  )
}

/** Keeps rows in place while the list is read again behind them; answers what is new and how to show it. */
export function useSteadyRows<Row>(rows: readonly Row[], rowKey: (row: Row) => string, place: string) {
  const [shown, setShown] = useState({ place, keys: rows.map(rowKey) })
  const isSamePlace = shown.place === place && shown.keys.length > 0
  const keys = isSamePlace ? shown.keys : rows.map(rowKey)
  if (!isSamePlace && keys.length > 0) setShown({ place, keys })
  const byKey = new Map(rows.map((row) => [rowKey(row), row]))
  const kept = keys.flatMap((key) => byKey.get(key) ?? [])
  const arrived = rows.filter((row) => !keys.includes(rowKey(row))).length
  return { rows: kept, arrived, show: () => setShown({ place, keys: rows.map(rowKey) }) }
}

export function ArrivedPill({ count, noun, onShow }: { count: number; noun: string; onShow: () => void }) {
  return (
    <div role="status">
      {count > 0 && (
        <Button size="xs" radius="xl" variant="light" onClick={onShow}>
          {plural(count, `new ${noun}`)}. Show
        </Button>
      )}
    </div>
  )
}

type PagerProps = {
  readonly page: ListPage<unknown>
  readonly noun: string
  /** Cursors of the pages gone through, the present one last; lives in the address. */
  readonly trail: string | undefined
  readonly onMove: (trail: string | undefined) => void
}

/** Previous and Next by cursor (UI-20): the trail in the address remembers the way back. */
export function Pager({ page, noun, trail, onMove }: PagerProps) {
  const steps = trail === undefined || trail === '' ? [] : trail.split(',')
  const isAlone = page.next === undefined && steps.length === 0
  const exact = page.count === undefined ? '' : plural(page.count, noun)
  return (
    <Group justify="space-between" mt="md">
      <Text size="sm" c="dimmed">
        {page.isCountCapped ? `1,000+ ${noun}s` : exact}
      </Text>
      {!isAlone && (
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            disabled={steps.length === 0}
            onClick={() => onMove(steps.slice(0, -1).join(',') || undefined)}
          >
            Previous
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={page.next === undefined}
            onClick={() => onMove([...steps, page.next].join(','))}
          >
            Next
          </Button>
        </Group>
      )}
    </Group>
  )
}

/** The cursor of the present page out of the trail in the address. */
export function cursorOf(trail: string | undefined): string {
  return trail?.split(',').at(-1) ?? ''
}

/** Looks as one types, a moment after the last letter. */
export function SearchField({
  label,
  value,
  onSearch,
}: {
  label: string
  value: string
  onSearch: (text: string) => void
}) {
  const search = useDebouncedCallback(onSearch, 250)
  return (
    <TextInput
      type="search"
      label={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      defaultValue={value}
      onChange={(event) => search(event.currentTarget.value.trim())}
      className="rr-search"
    />
  )
}

type Tab = {
  readonly label: string
  readonly href: string
  readonly isHere: boolean
  readonly count?: number | undefined
}

/** Views of one list as links, so that each has an address and Back works (UI-21). */
export function LinkTabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className="rr-tabs">
      {tabs.map((tab) => (
        <a key={tab.label} href={tab.href} {...(tab.isHere ? { 'aria-current': 'page' as const } : {})}>
          {tab.label}
          {tab.count !== undefined && <span className="rr-count">{tab.count}</span>}
        </a>
      ))}
    </nav>
  )
}
