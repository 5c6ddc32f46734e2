/** Pieces that several sandbox pages are made of: tables that become cards on a telephone, badges, copy fields. */
import { markup } from './markup.ts'
import type { Insertable, Markup } from './markup.ts'

interface Column {
  label: string
  /** Numbers stand to the right; short texts such as times stay on one line. */
  kind?: 'number' | 'nowrap'
}

interface Table {
  caption: string
  columns: readonly Column[]
  rows: readonly { testId: string; cells: readonly Insertable[] }[]
}

/** The roles are spelled out because the narrow layout takes the table's own display away, and its meaning with it. */
export function dataTable({ caption, columns, rows }: Table): Markup {
  const head = columns.map(
    (column) => markup`<th scope="col" role="columnheader" class="${column.kind}">${column.label}</th>`,
  )
  const body = rows.map(({ testId, cells }) => {
    const entries = columns.map(
      (column, position) =>
        markup`<td role="cell" class="${column.kind}" data-label="${column.label}"><div>${cells[position]}</div></td>`,
    )
    return markup`<tr role="row" data-testid="${testId}">${entries}</tr>`
  })
  return markup`<table role="table">
    <caption>${caption}</caption>
    <thead role="rowgroup"><tr role="row">${head}</tr></thead>
    <tbody role="rowgroup">${body}</tbody>
  </table>`
}

export type Tone = 'grey' | 'green' | 'red' | 'blue' | 'yellow'

export function badge(text: string, tone: Tone): Markup {
  return markup`<span class="badge ${tone}">${text}</span>`
}

/** A value that can be selected and, where scripts run, copied with one press. */
export function copyField({ id, label, value }: { id: string; label: string; value: string }): Markup {
  return markup`<div class="field">
    <label class="small" for="${id}">${label}</label>
    <div class="copy">
      <input id="${id}" value="${value}" readonly data-testid="sandbox-${id}">
      <button type="button" data-copy="${id}" aria-label="Copy ${label}" hidden>Copy</button>
    </div>
  </div>`
}

/** One select of a filter form; the first choice means "all". */
export function selectField({
  name,
  label,
  value,
  all,
  choices,
}: {
  name: string
  label: string
  value: string
  /** Text of the choice that filters nothing; left out when one must be chosen. */
  all?: string
  choices: readonly { value: string; label: string }[]
}): Markup {
  const options = [...(all === undefined ? [] : [{ value: '', label: all }]), ...choices].map(
    (choice) =>
      markup`<option value="${choice.value}"${choice.value === value && markup` selected`}>${choice.label}</option>`,
  )
  return markup`<div class="field"><label for="${name}">${label}</label>
    <select id="${name}" name="${name}" data-testid="sandbox-filter-${name}">${options}</select></div>`
}
