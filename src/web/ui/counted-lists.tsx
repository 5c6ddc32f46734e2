/** Lists with a count and a sum in their heads, each opened by a click: what a serious step touches (UI-132). */
import { Anchor, Text } from '@mantine/core'
import type { WireMoney } from './api-hooks.tsx'
import { MoneyText, useMoneyText } from './texts.tsx'

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
