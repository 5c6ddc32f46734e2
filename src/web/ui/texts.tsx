/**
 * Amounts, dates and states as text. Amounts are formatted from exact decimal text, never from a number (UI-54); dates always
 * name the month, so that nobody has to guess which figure is the day (UI-55).
 */
import { formatMoney, localDateAt } from '#kernel'
import { Anchor, Text } from '@mantine/core'
import {
  IconAlertCircle,
  IconArchive,
  IconBan,
  IconCircleCheck,
  IconCircleHalf2,
  IconCircleX,
  IconClock,
  IconPencil,
  IconRefresh,
  IconSend,
  type Icon,
} from '@tabler/icons-react'
import { createContext, useContext, useState, type ReactNode } from 'react'
import type { WireMoney } from './api-hooks.tsx'
import { presentMs } from './api-client.ts'
import type { Tone } from './theme.ts'

/** `currency` is the usual one, empty where none is known. */
type Conventions = { readonly locale: string; readonly timeZone: string | undefined; readonly currency: string }
const ConventionsContext = createContext<Conventions>({ locale: 'en', timeZone: undefined, currency: '' })

/** How amounts and dates are written below here. */
export function ConventionsProvider({ children, ...conventions }: Conventions & { children: ReactNode }) {
  return <ConventionsContext value={conventions}>{children}</ConventionsContext>
}

export function useConventions(): Conventions {
  return useContext(ConventionsContext)
}

/** Today in the operator's time zone: a first answer in a form, which the server then judges. */
export function useToday(): string {
  const { timeZone } = useConventions()
  const [now] = useState(presentMs)
  return localDateAt(new Date(now), timeZone ?? 'UTC')
}

/** For sentences that carry an amount, such as the label of a button. */
export function useMoneyText(): (money: WireMoney) => string {
  const { locale } = useContext(ConventionsContext)
  return ({ amountMinor, currency }) => formatMoney({ amountMinor: BigInt(amountMinor), currency }, locale)
}

export function MoneyText({ money }: { money: WireMoney }) {
  const format = useMoneyText()
  return <span className="rr-figure">{format(money)}</span>
}

/** One amount per currency, such as what is owed in all. No currency at all is nothing owed, which is said in words. */
export function MoneyList({ amounts, none }: { amounts: readonly WireMoney[]; none: string }) {
  if (amounts.length === 0) return <span>{none}</span>
  return amounts.map((money) => (
    <span key={money.currency} className="rr-figure rr-block">
      <MoneyText money={money} />
    </span>
  ))
}

function formatDate(date: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const language = locale === 'en' || locale === 'en-US' ? 'en-GB' : locale
  return new Intl.DateTimeFormat(language, options).format(Date.parse(date))
}

/** A local date in words, `21 Nov 2026` or `Sat 21 Nov 2026`. */
export function localDateText(date: string, locale = 'en-GB', withWeekday = false): string {
  const weekday = withWeekday ? ({ weekday: 'short' } as const) : {}
  const parts = { ...weekday, day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const
  return formatDate(`${date}T00:00:00Z`, locale, parts).replace(/^(\p{L}+\.?),/u, '$1')
}

export function LocalDateText({ date }: { date: string }) {
  const { locale } = useContext(ConventionsContext)
  return (
    <time dateTime={date} className="rr-nowrap">
      {localDateText(date, locale)}
    </time>
  )
}

/** Names such as NZDT are known to the English of the place alone; elsewhere the distance to Greenwich stands. */
const zoneLanguages: readonly (readonly [place: RegExp, language: string])[] = [
  [/^Australia\//, 'en-AU'],
  [/^Pacific\/(Auckland|Chatham)$/, 'en-NZ'],
  [/^(America|US|Canada)\/|^Pacific\/Honolulu$/, 'en-US'],
  [/^Africa\/Johannesburg$/, 'en-ZA'],
  [/^Asia\/(Kolkata|Calcutta)$/, 'en-IN'],
]

function zoneName(at: string, timeZone: string | undefined): string {
  const place = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  const language = zoneLanguages.find(([form]) => form.test(place))?.[1] ?? 'en-GB'
  const parts = new Intl.DateTimeFormat(language, { timeZone: place, timeZoneName: 'short' }).formatToParts(
    Date.parse(at),
  )
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/** An instant in the operator's time zone, `21 Nov 2026, 14:03 NZDT`. */
export function InstantText({ at }: { at: string }) {
  const { locale, timeZone } = useContext(ConventionsContext)
  const zone = timeZone === undefined ? {} : { timeZone }
  const day = formatDate(at, locale, { day: 'numeric', month: 'short', year: 'numeric', ...zone })
  const clock = formatDate(at, locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone })
  return <time dateTime={at}>{`${day}, ${clock} ${zoneName(at, timeZone)}`}</time>
}

/** The time of day alone, for notes such as "Saved 14:03". `at` counts milliseconds since 1970. */
export function clockText(at: number, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone }
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...zone }).format(at)
}

/** `1 invoice`, `2 invoices`: the one place where a count meets a noun. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

const iconByWord: readonly (readonly [RegExp, Icon])[] = [
  [/draft/i, IconPencil],
  [/sent/i, IconSend],
  [/overdue|action|needs|missing/i, IconAlertCircle],
  [/due|wait/i, IconClock],
  [/fail|broken|refus|reject|dead/i, IconCircleX],
  [/void|cancel|suspend|disconnected/i, IconBan],
  [/partial/i, IconCircleHalf2],
  [/uncollect|archiv|retired|ended/i, IconArchive],
]

const iconByTone: Record<Tone, Icon> = {
  grey: IconClock,
  yellow: IconClock,
  red: IconAlertCircle,
  blue: IconRefresh,
  green: IconCircleCheck,
  orange: IconCircleHalf2,
  purple: IconArchive,
}

/** A state, always spelled out; the icon differs where the colour repeats (UI-56). */
export function StatusBadge({ tone, children, outlined }: { tone: Tone; children: string; outlined?: boolean }) {
  const found = iconByWord.find(([word]) => word.test(children))?.[1]
  const Symbol = tone === 'green' || tone === 'blue' ? iconByTone[tone] : (found ?? iconByTone[tone])
  return (
    <span className="rr-badge" data-tone={tone} data-outlined={outlined ?? /^voided$/i.test(children)}>
      <Symbol size={14} stroke={2} aria-hidden />
      <span>{children}</span>
    </span>
  )
}

type CountedItem = {
  readonly label: string
  readonly href?: string | undefined
  readonly state?: string | undefined
  readonly amount?: WireMoney | undefined
  /** What it is called elsewhere, to be copied there. */
  readonly stripeId?: string | undefined
}

type CountedList = {
  readonly title: string
  readonly count: number
  readonly sums: readonly WireMoney[]
  /** The first of them. */
  readonly items: readonly CountedItem[]
}

const fewItems = 5

/** Lists with a count and a sum in their heads, each opened by a click: what a serious step touches (UI-132). */
export function CountedLists({ lists }: { lists: readonly CountedList[] }) {
  const format = useMoneyText()
  return lists.map(({ title, count, sums, items }) => {
    const head = sums.length > 0 ? `${title}: ${sums.map(format).join(', ')}` : title
    if (count === 0) return <Text key={title}>{head}</Text>
    return (
      <details key={title} className="rr-details" open={count <= fewItems}>
        <summary>{head}</summary>
        <CountedItems items={items} more={count - items.length} />
      </details>
    )
  })
}

export function CountedItems({ items, more = 0 }: { items: readonly CountedItem[]; more?: number }) {
  return (
    <ul className="rr-lines">
      {items.map(({ label, href, amount, state, stripeId }, index) => (
        <li key={`${stripeId ?? label} ${items.length - index}`}>
          {href === undefined ? label : <Anchor href={href}>{label}</Anchor>}{' '}
          {amount !== undefined && <MoneyText money={amount} />}
          {state !== undefined && ` · ${state}`} {stripeId !== undefined && <span className="rr-mono">{stripeId}</span>}
        </li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  )
}
