/** Bars of 24 hours with the sentence that sums them up and the same numbers as a table (UI-67). */
import { DataTable, InstantText, plural, useConventions, type Column } from '#web/ui'
import { Text } from '@mantine/core'

type Hour = { readonly hour: string; readonly count: number }
type Props = {
  readonly hours: readonly Hour[]
  readonly one: string
  readonly many?: string
  readonly when: string
  readonly tone?: 'red'
}

const height = 56
const step = 12
const bar = 9

const columns: readonly Column<Hour>[] = [
  { key: 'hour', head: 'Hour from', cell: ({ hour }) => <InstantText at={hour} /> },
  { key: 'count', head: 'Count', align: 'right', card: 'amount', cell: ({ count }) => count.toLocaleString('en') },
]

export function HoursChart({ hours, one, many = `${one}s`, when, tone }: Props) {
  const { timeZone } = useConventions()
  const total = hours.reduce((sum, { count }) => sum + count, 0)
  const busiest = hours.reduce<Hour | undefined>(
    (best, hour) => (hour.count > (best?.count ?? 0) ? hour : best),
    undefined,
  )
  const summary =
    busiest === undefined
      ? `No ${many} ${when}.`
      : `${plural(total, one, many)} ${when}, ${busiest.count === total ? '' : `${busiest.count.toLocaleString('en')} of them `}in the hour from ${clockAt(busiest.hour, timeZone)}.`
  return (
    <div>
      <Text mb="xs">{summary}</Text>
      <svg
        className="rr-bars"
        data-tone={tone}
        viewBox={`0 0 ${hours.length * step} ${height + 1}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary}
      >
        {hours.map(({ hour, count }, index) => {
          const size = busiest === undefined ? 0 : Math.max(count === 0 ? 0 : 2, (count / busiest.count) * height)
          return <rect key={hour} x={index * step + 1} y={height - size} width={bar} height={size} />
        })}
        <line x1={0} x2={hours.length * step} y1={height + 0.5} y2={height + 0.5} />
      </svg>
      <div className="rr-bars-ends" aria-hidden>
        <span>{clockAt(hours[0]?.hour, timeZone)}</span>
        <span>{clockAt(hours.at(-1)?.hour, timeZone)}</span>
      </div>
      <details className="rr-help">
        <summary>Show as table</summary>
        <DataTable label={`${many} by hour`} rows={hours.toReversed()} columns={columns} rowKey={({ hour }) => hour} />
      </details>
    </div>
  )
}

function clockAt(at: string | undefined, timeZone: string | undefined): string {
  if (at === undefined) return ''
  const zone = timeZone === undefined ? {} : { timeZone }
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...zone }).format(Date.parse(at))
}
