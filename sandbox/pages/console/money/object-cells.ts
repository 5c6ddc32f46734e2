/** How Stripe's objects about money stand in tables: when they were made, how much, which id, what state. */
import type { WireObject } from '../../../stripe/index.ts'
import { instant, moneyText } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { dataTable, section } from '../../parts.ts'
import { objectState } from '../badges.ts'
import { numberOf, recordOf, textOf } from '../wire-object.ts'

export function madeAt(object: WireObject): Markup {
  return secondsAt(numberOf(object, 'created'))
}

/** An instant that Stripe counts in seconds. */
export function secondsAt(seconds: number | null): Markup {
  return instant(new Date((seconds ?? 0) * 1000))
}

export function idCode(object: WireObject): Markup {
  return markup`<code>${textOf(object, 'id')}</code>`
}

/** `A$318.00`; the amount is in minor units. */
export function amount(object: WireObject, field = 'amount'): string {
  const amountMinor = numberOf(object, field) ?? numberOf(object, 'amount_total')
  const currency = textOf(object, 'currency')
  return amountMinor === null || currency === '' ? 'No amount' : moneyText(amountMinor, currency)
}

/** An object in one line: amount, state, id. */
export function entry(object: WireObject): Markup {
  return markup`<div>${amount(object)} ${objectState(object)} ${idCode(object)}</div>`
}

/** What the bank said last, if it refused. */
export function lastError(intent: WireObject): Markup | false {
  const message = textOf(
    { ...recordOf(intent, 'last_setup_error'), ...recordOf(intent, 'last_payment_error') },
    'message',
  )
  return message !== '' && markup`<div class="hint">${message}</div>`
}

interface ObjectTable {
  title: string
  none: string
  columns: readonly string[]
  rows: readonly (readonly Insertable[])[]
  caption?: string
}

/** A heading with a table of objects under it, or a sentence when there are none. */
export function objectTable({ title, none, columns, rows, caption = 'Newest first' }: ObjectTable): Markup {
  const testId = `sandbox-${title.toLowerCase().replaceAll(' ', '-')}-row`
  const table = dataTable({
    caption,
    columns: columns.map((label, position) => ({ label, ...(position === 0 && { kind: 'nowrap' as const }) })),
    rows: rows.map((cells) => ({ testId, cells })),
  })
  return section(title, rows.length > 0 ? table : markup`<p class="muted">${none}</p>`)
}
